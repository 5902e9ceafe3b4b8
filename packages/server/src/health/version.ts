// Which API this is: GET /version and the metrics about the build. What tools compare is exactly what the release that Keelson
// follows says; Keelson's own version is in keelson_build_info, and in what `keelson --version` prints.
import { arch, platform } from 'node:os'
import { requireJson, StatusError } from '@keelson/apimachinery'
import type { Metrics } from '@keelson/component'
import manifest from '../../package.json' with { type: 'json' }
import type { Handler } from '../context.ts'

const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node ${process.version}`,
  compiler: 'v8',
  platform: `${platform()}/${arch() === 'x64' ? 'amd64' : arch()}`,
}

export function resolveVersion(path: string): Handler | undefined {
  return path === '/version' || path === '/version/' ? version : undefined
}

const version: Handler = async (context) => {
  if (context.method !== 'GET') {
    throw new StatusError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    )
  }
  requireJson(context.headers.accept)
  context.respond(200, 'application/json', JSON.stringify(VERSION, undefined, 2))
}

export function registerBuildMetrics(metrics: Metrics): void {
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform: on } = VERSION
  const upstreams = {
    major,
    minor,
    git_version: gitVersion,
    git_commit: gitCommit,
    git_tree_state: gitTreeState,
    build_date: buildDate,
    go_version: goVersion,
    compiler,
    platform: on,
  }
  const always1 = (name: string, help: string, labels: Readonly<Record<string, string>>): void =>
    metrics
      .gauge(name, help, Object.keys(labels))
      .child(...Object.values(labels))
      .set(1)
  always1('kubernetes_build_info', 'Always 1; the labels say what GET /version says.', upstreams)
  always1('keelson_build_info', 'Always 1; the labels say which Keelson this is.', {
    version: manifest.version,
    node_version: process.version,
  })
}
