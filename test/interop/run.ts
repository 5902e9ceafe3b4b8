// `npm run interop [-- kubectl | sharing | components]`: the real binaries of Kubernetes 1.36 against Keelson. Exit code 1 when
// something differs. `--storage-media-type application/vnd.kubernetes.protobuf` lets the real API server of `sharing` write
// protobuf instead of JSON. Needs the upstream binaries (KEELSON_UPSTREAM); everything runs on 127.0.0.1.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runComponents } from './components.ts'
import { startKeelson } from './keelson.ts'
import { compareKubectl } from './kubectl.ts'
import { compareSharing } from './sharing.ts'
import { startUpstream } from './upstream.ts'

const PARTS = ['kubectl', 'sharing', 'components'] as const
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '16443' },
    verbose: { type: 'boolean', default: false },
    'storage-media-type': { type: 'string' },
  },
})
const unknown = positionals.filter((name) => !PARTS.some((part) => part === name))
if (unknown.length > 0) throw new Error(`no part named ${unknown.join(', ')}: there are ${PARTS.join(', ')}`)
const wanted = (part: (typeof PARTS)[number]): boolean => positionals.length === 0 || positionals.includes(part)

let failures = 0
const report = (name: string, same: boolean, detail: () => string): void => {
  if (!same) failures++
  if (!same || options.verbose) console.log(`${same ? 'same   ' : 'DIFFERS'} ${name}${same ? '' : `\n${detail()}`}`)
}

if (wanted('kubectl')) {
  await using keelson = await startKeelson(Number(options.port))
  await using upstream = await startUpstream(mkdtempSync(join(tmpdir(), 'keelson-upstream-')))
  const results = await compareKubectl(upstream.kubeconfig, keelson.kubeconfig)
  for (const { command, same, upstream: expected, keelson: actual, known } of results) {
    if (!same && known !== undefined) console.log(`known   kubectl ${command}: ${known}`)
    else report(`kubectl ${command}`, same, () => differingLines(expected, actual))
  }
  console.log(
    `kubectl: ${results.filter(({ same }) => same).length} of ${results.length} commands print the same on both servers`,
  )
}
if (wanted('sharing')) {
  await using keelson = await startKeelson(Number(options.port))
  const etcd = { servers: keelson.etcdServers, pki: keelson.pki }
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-upstream-'))
  await using upstream = await startUpstream(stateDir, etcd, options['storage-media-type'])
  const results = await compareSharing(upstream.kubeconfig, keelson.kubeconfig)
  for (const { name, same, detail } of results) report(name, same, () => detail)
  console.log(
    `sharing one etcd: ${results.filter(({ same }) => same).length} of ${results.length} objects read the same by both servers`,
  )
}
if (wanted('components')) {
  await using keelson = await startKeelson(Number(options.port))
  for (const { name, same, detail } of await runComponents(keelson)) {
    console.log(`${same ? 'ok     ' : 'FAILED '} ${name}: ${detail}`)
    if (!same) failures++
  }
}
process.exitCode = failures > 0 ? 1 : 0

function differingLines(expected: string, actual: string): string {
  const [left, right] = [expected.split('\n'), actual.split('\n')]
  return [
    ...left.filter((line) => !right.includes(line)).map((line) => `    upstream: ${line}`),
    ...right.filter((line) => !left.includes(line)).map((line) => `    keelson:  ${line}`),
  ]
    .slice(0, 24)
    .join('\n')
}
