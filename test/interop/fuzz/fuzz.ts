// The differential fuzz: the same sequences of mutated requests are sent to a real kube-apiserver and to Keelson, and their
// answers compared.
import { writeFileSync } from 'node:fs'
import { startBothServers } from '../both-servers.ts'
import { connect } from '../connect.ts'
import { loadKinds } from './kinds.ts'
import { WITH_LOOP_STATUS } from './loop-status.ts'
import { ANY_ORDER } from './not-compared.ts'
import { ASYNCHRONOUS, LOOPS, createNamespace } from './pair.ts'
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
  'allocated cluster IPs and node ports, also inside of messages about services',
  'descriptions of table columns',
  ...ANY_ORDER,
  `the moment at which loops write the status of ${WITH_LOOP_STATUS.join(' and ')} (both are awaited)`,
  ...Object.entries(ASYNCHRONOUS).map(
    ([kind, pointers]) =>
      `${kind} ${pointers.join(', ')} (written by loops later), managers ${[...LOOPS].join(' and ')}`,
  ),
]

export async function fuzz(options: FuzzOptions): Promise<Report> {
  await using servers = await startBothServers()
  await using pair = connect(servers, options)
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
