// `npm run conformance [-- --server URL --ca F --cert F --key F | --token T] [--verbose] [TOPIC …]`
// Replays the recorded exchanges against a server (by default one that it starts) and prints a table per topic.
// Exit code 1 when a topic that must pass in full does not. `-- --record` writes what passed to results.json, and the page that
// is made from it.
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Connection, type ServerUnderTest } from './connection.ts'
import { type StepResult, replayFile } from './replay.ts'
import { recordResults, summarize } from './results.ts'

const here = import.meta.dirname
const tokensFile = join(here, 'tokens.csv')
const MAX_DIFFERENCES_SHOWN = 12

/**
 * Topics that must pass in full, and which of their steps: all but tokens, OpenID and what the controllers of custom resources
 * write. The others are reported only.
 */
const REQUIRED: Readonly<Record<string, (result: StepResult) => boolean>> = {
  'verbs-crud': () => true,
  'verbs-list': () => true,
  'verbs-bodies': () => true,
  'verbs-namespaces': () => true,
  'verbs-patch': () => true,
  apply: () => true,
  watch: () => true,
  discovery: ({ path }) => !path.includes('openid'),
  tables: () => true,
  'defaults-cluster': ({ path }) => !path.includes('customresourcedefinitions'),
  'defaults-core': () => true,
  'defaults-net': () => true,
  'defaults-pods': () => true,
  'defaults-workloads': () => true,
  'validation-admission': () => true,
  'validation-cluster': () => true,
  'validation-core': () => true,
  'validation-crd': () => true,
  'validation-net': () => true,
  'validation-pods': () => true,
  'validation-workloads': () => true,
  'verbs-immutable': () => true,
  'verbs-subresources': ({ path }) => !path.endsWith('/token'),
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string' },
    ca: { type: 'string' },
    cert: { type: 'string' },
    key: { type: 'string' },
    token: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})

if (options.record && (options.server !== undefined || positionals.length > 0))
  throw new Error('--record is for a run of every topic against a server of our own')
const unknown = positionals.filter((name) => !readdirSync(join(here, 'exchanges')).includes(`${name}.json`))
if (unknown.length > 0) throw new Error(`no topic named ${unknown.join(', ')}`)

const read = (file: string | undefined): { readonly file?: Buffer } =>
  file === undefined ? {} : { file: readFileSync(file) }

async function serverUnderTest(): Promise<ServerUnderTest & AsyncDisposable> {
  if (options.server === undefined) {
    const { startTestServer } = await import('keelson') // Only where it is needed: another server is tested without ours.
    const started = await startTestServer({ tokenAuthFile: tokensFile, serviceClusterIpRange: '10.0.0.0/24' })
    const { url: server, ca, clientCertificate: cert, clientKey: key } = started
    return { server, ca, cert, key, tokensFile, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() }
  }
  const [ca, cert, key] = [read(options.ca).file, read(options.cert).file, read(options.key).file]
  return {
    server: options.server,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(options.token && { token: options.token }),
    tokensFile,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function print(topic: string, results: readonly StepResult[]): void {
  for (const { label, differences } of results) {
    if (differences.length === 0 && !options.verbose) continue
    console.log(`  ${differences.length === 0 ? 'PASS' : 'FAIL'} ${topic}: ${label}`)
    for (const line of differences.slice(0, MAX_DIFFERENCES_SHOWN)) console.log(`       ${line}`)
    if (differences.length > MAX_DIFFERENCES_SHOWN)
      console.log(`       and ${differences.length - MAX_DIFFERENCES_SHOWN} more`)
  }
}

await using target = await serverUnderTest()
const connection = new Connection(target)
const topics = readdirSync(join(here, 'exchanges'))
  .map((file) => basename(file, '.json'))
  .filter((topic) => positionals.length === 0 || positionals.includes(topic))
const byTopic = new Map<string, readonly StepResult[]>()
const rows: string[] = []
let passed = 0
let failed = 0
let requiredFailures = 0
for (const topic of topics) {
  const results = await replayFile(connection, join(here, 'exchanges', `${topic}.json`))
  byTopic.set(topic, results)
  print(topic, results)
  const good = results.filter(({ differences }) => differences.length === 0).length
  const required = results.filter((result) => REQUIRED[topic]?.(result) ?? false)
  const broken = required.filter(({ differences }) => differences.length > 0).length
  const claim =
    required.length === 0
      ? ''
      : `required: ${required.length - broken} of ${required.length}${broken > 0 ? '  <-- FAILS' : ''}`
  rows.push(
    `${topic.padEnd(22)} ${String(good).padStart(4)} of ${String(results.length).padStart(4)}  ${String(Math.floor((100 * good) / Math.max(1, results.length))).padStart(3)} %  ${claim}`,
  )
  passed += good
  failed += results.length - good
  requiredFailures += broken
}
connection.close()
console.log(
  `\n${rows.join('\n')}\n\n${passed} passed, ${failed} failed; ${requiredFailures} of the required ones failed`,
)
if (options.record) {
  recordResults(summarize(byTopic))
  await import('../../scripts/generate.ts')
}
process.exitCode = requiredFailures > 0 ? 1 : 0
