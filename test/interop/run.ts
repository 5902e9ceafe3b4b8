// `npm run interop [-- kubectl | sharing | components | deletion]`: the real binaries of Kubernetes 1.36 against Keelson. Exit code 1 when
// something differs. `--storage-media-type application/vnd.kubernetes.protobuf` lets the real API server of `sharing` write
// protobuf instead of JSON. The other parts run when they are named: `helm`, `kustomize`, `client-node`, `client-go`, `envtest`,
// `component-logs [--minutes N]`, `convergence [--minutes N] [--nodes N] [--seed N] [--strikes]`, `fuzz [--seed N] [--requests N]
// [--kinds a,b] [--without VERBS] [--report FILE] [--no-managed-fields] [--no-shrink]` and `apply-fuzz [--seed N] [--sequences N]
// [--kinds a,b]`; README.md describes them. Needs the upstream binaries (KEELSON_UPSTREAM); everything runs on 127.0.0.1.
import { randomInt } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type BothServers, type ProgramComparison, startBothServers } from './both-servers.ts'
import { compareClientGo } from './client-go.ts'
import { compareClientNode } from './client-node.ts'
import { runComponents } from './components.ts'
import { runEnvtest } from './envtest.ts'
import { line } from './fuzz/report.ts'
import { missedMarks } from './fuzz/marks.ts'
import { compareHelm } from './helm.ts'
import { startKeelson } from './keelson.ts'
import { compareKubectl } from './kubectl.ts'
import { compareKustomize } from './kustomize.ts'
import { compareSharing } from './sharing.ts'
import { startProcess, startUpstream, upstreamBinary } from './upstream.ts'

const PARTS = ['kubectl', 'sharing', 'components', 'deletion'] as const
/** What is compared with a server that has no controllers, or has the real ones. */
const WITHOUT_CONTROLLERS = ['--controller-managers=0']
/** Only when named: these take minutes. */
const LONG_PARTS = ['fuzz', 'apply-fuzz', 'component-logs', 'convergence', 'envtest'] as const
/** Programs whose output must be the same on both servers. */
const PROGRAMS: Readonly<Record<string, (servers: BothServers) => Promise<ProgramComparison>>> = {
  kustomize: compareKustomize,
  'client-node': compareClientNode,
  'client-go': compareClientGo,
  helm: compareHelm,
}
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: {
    port: { type: 'string', default: '16443' },
    minutes: { type: 'string' },
    nodes: { type: 'string', default: '50' },
    strikes: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    'storage-media-type': { type: 'string' },
    seed: { type: 'string' },
    requests: { type: 'string', default: '24000' },
    sequences: { type: 'string', default: '150' },
    kinds: { type: 'string', default: '' },
    without: { type: 'string', default: '' },
    report: { type: 'string', default: 'fuzz-report.md' },
    shrink: { type: 'boolean', default: true },
    'managed-fields': { type: 'boolean', default: true },
  },
})
const parts: readonly string[] = [...PARTS, ...Object.keys(PROGRAMS), ...LONG_PARTS]
const unknown = positionals.filter((name) => !parts.includes(name))
if (unknown.length > 0) throw new Error(`no part named ${unknown.join(', ')}: there are ${parts.join(', ')}`)
const wanted = (part: (typeof PARTS)[number]): boolean => positionals.length === 0 || positionals.includes(part)

const names = (list: string): string[] => (list === '' ? [] : list.split(','))

let failures = 0
const report = (name: string, same: boolean, detail: () => string): void => {
  if (!same) failures++
  if (!same || options.verbose) console.log(`${same ? 'same   ' : 'DIFFERS'} ${name}${same ? '' : `\n${detail()}`}`)
}

if (wanted('kubectl')) {
  await using keelson = await startKeelson(Number(options.port), WITHOUT_CONTROLLERS)
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
  await using keelson = await startKeelson(Number(options.port), WITHOUT_CONTROLLERS)
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
  await using keelson = await startKeelson(Number(options.port), WITHOUT_CONTROLLERS)
  for (const { name, same, detail } of await runComponents(keelson)) {
    console.log(`${same ? 'ok     ' : 'FAILED '} ${name}: ${detail}`)
    if (!same) failures++
  }
}
if (wanted('deletion')) {
  const { compareDeletion } = await import('./deletion.ts')
  await using keelson = await startKeelson(Number(options.port))
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-upstream-'))
  await using upstream = await startUpstream(stateDir)
  await using _controllers = startProcess(
    upstreamBinary('kube-controller-manager'),
    [
      `--kubeconfig=${upstream.kubeconfig}`,
      '--controllers=namespace-controller,garbage-collector-controller',
      '--leader-elect=false',
      '--secure-port=0',
    ],
    join(stateDir, 'kube-controller-manager.log'),
  )
  const results = await compareDeletion(upstream.kubeconfig, keelson)
  for (const { name, same, upstream: expected, keelson: actual } of results) {
    report(name, same, () => differingLines(expected, actual))
  }
  console.log(`deletion: ${results.filter(({ same }) => same).length} of ${results.length} scenarios end the same`)
}
if (positionals.includes('component-logs')) {
  const { compareComponentLogs } = await import('./component-logs.ts')
  const compared = await compareComponentLogs(Number(options.port), Number(options.minutes ?? '3'))
  for (const error of compared.onBoth) console.log(`on both  ${error}`)
  for (const error of compared.onlyOnKeelson) console.log(`KEELSON  ${error}`)
  failures += compared.onlyOnKeelson.length
  const { rounds, onlyOnKeelson } = compared
  console.log(
    `component logs: ${onlyOnKeelson.length} errors on Keelson only, in ${rounds.keelson} rounds (${rounds.upstream} on the real server)`,
  )
}
if (positionals.includes('convergence')) {
  const { runConvergence } = await import('./convergence/convergence.ts')
  failures += await runConvergence({
    port: Number(options.port),
    minutes: Number(options.minutes ?? '10'),
    nodes: Number(options.nodes),
    seed: Number(options.seed ?? randomInt(2 ** 31)),
    strikes: options.strikes,
  })
}
for (const [name, compare] of Object.entries(PROGRAMS)) {
  if (!positionals.includes(name)) continue
  await using servers = await startBothServers()
  const { same, upstream, keelson } = await compare(servers)
  report(name, same, () => differingLines(upstream, keelson))
  if (options.verbose) console.log(keelson)
  console.log(
    `${name}: ${same ? 'prints the same' : 'prints something else'} on both servers (${lineCount(upstream)} lines)`,
  )
}
if (positionals.includes('envtest')) {
  const { status, output } = await runEnvtest()
  report('envtest', status === 0, () => output)
  console.log(`envtest: the reconciler's test ${status === 0 ? 'passes' : 'fails'} with Keelson as kube-apiserver`)
}
if (positionals.includes('fuzz')) {
  const { fuzz } = await import('./fuzz/fuzz.ts')
  const seed = options.seed === undefined ? randomInt(2 ** 31) : Number(options.seed)
  console.log(`seed ${seed}`)
  const started = performance.now()
  const fuzzed = await fuzz({
    seed,
    requests: Number(options.requests),
    kinds: names(options.kinds),
    without: names(options.without),
    reportFile: options.report,
    ignoreManagedFields: !options['managed-fields'],
    shrink: options.shrink,
  })
  const { total, writes, byVerb, groups } = fuzzed
  for (const [verb, tally] of byVerb) console.log(line(verb, tally))
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  console.log(`${line('all', total)}\n${line('writes', writes)}`)
  console.log(`${groups.size} groups in ${options.report}; seed ${seed}; ${minutes} minutes`)
  for (const normalized of fuzzed.normalized) console.log(`not compared: ${normalized}`)
  const missed = missedMarks(fuzzed, options.kinds === '' && options.without === '')
  for (const mark of missed) console.log(`MISSED  ${mark}`)
  failures += missed.length
}
if (positionals.includes('apply-fuzz')) {
  const { applyFuzz, describe } = await import('./apply-fuzz.ts')
  const seed = options.seed === undefined ? randomInt(2 ** 31) : Number(options.seed)
  console.log(`seed ${seed}`)
  let requests = 0
  let different = 0
  for await (const result of applyFuzz({ seed, sequences: Number(options.sequences), kinds: names(options.kinds) })) {
    console.log(describe(result))
    requests += result.requests
    different += result.different.length
  }
  console.log(`apply-fuzz: ${different} sequences of ${requests} requests differ; seed ${seed}`)
  failures += different
}
process.exitCode = failures > 0 ? 1 : 0

function lineCount(text: string): number {
  return text.split('\n').length - 1
}

function differingLines(expected: string, actual: string): string {
  const [left, right] = [expected.split('\n'), actual.split('\n')]
  return [
    ...left.filter((line) => !right.includes(line)).map((line) => `    upstream: ${line}`),
    ...right.filter((line) => !left.includes(line)).map((line) => `    keelson:  ${line}`),
  ]
    .slice(0, 24)
    .join('\n')
}
