// The differential fuzz: the same sequences of mutated requests are sent to a real kube-apiserver and to Keelson, and their
// answers compared.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '../../conformance/connection.ts'
import { startUpstream } from '../upstream.ts'
import { loadKinds } from './kinds.ts'
import { ASYNCHRONOUS, type Pair } from './pair.ts'
import { createRandom } from './random.ts'
import { Report, line } from './report.ts'
import { runRandom } from './run-scenario.ts'
import { shrink } from './shrink.ts'
import type { Target } from './step.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly requests: number
  /** Names or resources; all when empty. */
  readonly kinds: readonly string[]
  /** Verbs that are left out. */
  readonly without: readonly string[]
  readonly reportFile: string
  readonly ignoreManagedFields: boolean
  readonly shrink: boolean
}

const TOKENS = join(import.meta.dirname, '../../conformance/tokens.csv')
/** Scenarios of one kind at a time; the machine has few cores, and an API server waits for its disk. */
const CONCURRENCY = 4
/** One object of these kinds can change what another one of its kind does: they run alone. */
const ALONE = new Set([
  'priorityclasses',
  'storageclasses',
  'ingressclasses',
  'limitranges',
  'resourcequotas',
  'servicecidrs',
  'ipaddresses',
  'customresourcedefinitions',
])
/** Scenario numbers of a kind; above all of these, numbers for shrinking. */
const NUMBERS_A_KIND = 800
const MAX_NUMBER = 65_535

const NORMALIZED = [
  'uids, resource versions, continue tokens, times within two days of now, ages, generated names, tokens',
  'allocated cluster IPs and node ports',
  'descriptions of table columns',
  ...Object.entries(ASYNCHRONOUS).map(([kind, pointers]) => `${kind} ${pointers.join(', ')} (written by loops later)`),
]

export async function fuzz(options: FuzzOptions): Promise<Report> {
  await using stack = new AsyncDisposableStack()
  const pair = await startPair(stack, options)
  const every = await loadKinds(pair.upstream)
  const wanted = every.filter(
    ({ name, resource }) =>
      options.kinds.length === 0 || options.kinds.some((kind) => kind === name || kind === resource),
  )
  if (wanted.length === 0) throw new Error(`no kind named ${options.kinds.join(', ')}`)
  const normalized = options.ignoreManagedFields ? [...NORMALIZED, 'managedFields'] : NORMALIZED
  const report = new Report(options.seed, normalized)
  const firstFree = every.length * NUMBERS_A_KIND
  let shrinkNumber = 0
  for (const [index, kind] of every.entries()) {
    if (!wanted.includes(kind)) continue
    const target = (number: number): Target => ({ kind, namespace: `fuzz-${kind.name.replaceAll('.', '-')}`, number })
    const namespace = target(0).namespace
    await createNamespace(pair, namespace)
    const share = options.requests / wanted.length
    let scenario = 0
    const worker = async (): Promise<void> => {
      while ((report.byKind.get(kind.name)?.requests ?? 0) < share && scenario < NUMBERS_A_KIND) {
        const number = scenario++
        const random = createRandom(options.seed, kind.name, number)
        const outcomes = await runRandom(pair, target(index * NUMBERS_A_KIND + number), random, options.without)
        const group = report.add(kind, outcomes)
        if (group === undefined || !options.shrink) continue
        const shrunk = await shrink(pair, outcomes, () =>
          target(firstFree + (shrinkNumber++ % (MAX_NUMBER - firstFree))),
        )
        if (shrunk !== undefined) group.example = shrunk.steps.map((step) => ({ ...shrunk.outcome, step }))
      }
    }
    await Promise.all(Array.from({ length: ALONE.has(kind.resource) ? 1 : CONCURRENCY }, worker))
    const tally = report.byKind.get(kind.name)
    if (tally) console.log(line(kind.name, tally))
    writeFileSync(options.reportFile, report.text())
  }
  return report
}

async function startPair(stack: AsyncDisposableStack, { ignoreManagedFields }: FuzzOptions): Promise<Pair> {
  const { startTestServer } = await import('keelson')
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-upstream-'))
  const [real, ours] = await Promise.all([startUpstream(stateDir), startTestServer({ tokenAuthFile: TOKENS })])
  stack.use(real)
  stack.use(ours)
  const read = (file: string): Buffer => readFileSync(join(stateDir, 'pki', file))
  const credentials = { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key'), tokensFile: TOKENS }
  const upstream = new Connection({ server: real.url, ...credentials })
  const keelson = new Connection({
    server: ours.url,
    ca: ours.ca,
    cert: ours.clientCertificate,
    key: ours.clientKey,
    tokensFile: TOKENS,
  })
  stack.defer(() => {
    upstream.close()
    keelson.close()
  })
  return { upstream, keelson, ignoreManagedFields }
}

/** With the account that a controller normally makes: pods are refused without it. */
async function createNamespace({ upstream, keelson }: Pair, name: string): Promise<void> {
  for (const connection of [upstream, keelson]) {
    await connection.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } })
    const path = `/api/v1/namespaces/${name}/serviceaccounts`
    await connection.call({ method: 'POST', path, body: { metadata: { name: 'default' } } })
  }
}
