// GET /version: which API this is. The fields that tools compare are those of the release that Keelson follows.
import { arch, platform } from 'node:os'
import { StatusError } from '@keelson/apimachinery'
import type { Handler } from '../context.ts'

const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3+keelson',
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
  context.respond(200, 'application/json', JSON.stringify(VERSION, undefined, 2))
}
