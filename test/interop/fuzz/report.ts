// Counts what was asked and groups what differed.
import type { FuzzKind } from './kinds.ts'
import type { Outcome } from './pair.ts'
import type { Verb } from './step.ts'

export interface Group {
  readonly key: string
  readonly kind: FuzzKind
  count: number
  /** The scenario that showed it first, its last outcome differing; replaced by the shrunk one. */
  example: readonly Outcome[]
}

export interface Tally {
  requests: number
  accepted: number
  sameStatus: number
  sameBody: number
}

/** Writes are what the share of accepted requests is about: reads are nearly always accepted. */
const READS = new Set<Verb>(['get', 'list'])

/** `verb kind status 422 ≠ 201` or the first path that differs, without indexes. */
export function groupOf({ name }: FuzzKind, { step, status, keelsonStatus, differences }: Outcome): string {
  const verb = step.subresource === undefined ? step.verb : `${step.verb} ${step.subresource}`
  if (status !== keelsonStatus) return `${name} ${verb}: status ${status}, ours ${keelsonStatus}`
  const interesting = differences.find((line) => line.startsWith('/body/message:')) ?? differences[0] ?? ''
  const path = interesting.split(': ')[0] ?? ''
  return `${name} ${verb}: ${status} ${path.replace(/\/\d+(?=\/|$)/g, '/*')}`
}

export class Report {
  readonly total: Tally = { requests: 0, accepted: 0, sameStatus: 0, sameBody: 0 }
  readonly writes: Tally = { requests: 0, accepted: 0, sameStatus: 0, sameBody: 0 }
  readonly byVerb = new Map<string, Tally>()
  readonly byKind = new Map<string, Tally>()
  readonly groups = new Map<string, Group>()
  readonly #seed: number
  /** What is not compared. */
  readonly normalized: readonly string[]

  constructor(seed: number, normalized: readonly string[]) {
    this.#seed = seed
    this.normalized = normalized
  }

  /** Returns the group of the last outcome when it is new. */
  add(kind: FuzzKind, outcomes: readonly Outcome[]): Group | undefined {
    for (const outcome of outcomes) this.#count(kind, outcome)
    const last = outcomes.at(-1)
    if (last === undefined || last.differences.length === 0) return undefined
    const key = groupOf(kind, last)
    const known = this.groups.get(key)
    if (known !== undefined) {
      known.count++
      return undefined
    }
    const group = { key, kind, count: 1, example: outcomes }
    this.groups.set(key, group)
    return group
  }

  #count(kind: FuzzKind, { step, status, keelsonStatus, differences }: Outcome): void {
    const tallies = [this.total, tallyOf(this.byVerb, step.verb), tallyOf(this.byKind, kind.name)]
    if (!READS.has(step.verb)) tallies.push(this.writes)
    for (const tally of tallies) {
      tally.requests++
      if (status < 400) tally.accepted++
      if (status === keelsonStatus) tally.sameStatus++
      if (differences.length === 0) tally.sameBody++
    }
  }

  text(): string {
    const groups = [...this.groups.values()].toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    return [
      `# Differential fuzz: seed ${this.#seed}`,
      line('all requests', this.total),
      line('writes', this.writes),
      `Not compared: ${this.normalized.join('; ')}.`,
      '',
      '## By verb',
      ...[...this.byVerb].map(([verb, tally]) => line(verb, tally)),
      '',
      '## By kind',
      ...[...this.byKind].map(([kind, tally]) => line(kind, tally)),
      '',
      `## ${groups.length} groups of disagreements`,
      ...groups.flatMap(describeGroup),
      '',
    ].join('\n')
  }
}

const tallyOf = (tallies: Map<string, Tally>, key: string): Tally => {
  const tally = tallies.get(key) ?? { requests: 0, accepted: 0, sameStatus: 0, sameBody: 0 }
  tallies.set(key, tally)
  return tally
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(2)} %`

export const line = (name: string, { requests, accepted, sameStatus, sameBody }: Tally): string =>
  `- ${name}: ${requests} requests, accepted ${percent(accepted, requests)}, same status ${percent(sameStatus, requests)}, same answer ${percent(sameBody, requests)}`

const MAX_DIFFERENCES = 6
const MAX_TEXT = 900

function describeGroup({ key, count, example }: Group): string[] {
  const last = example.at(-1)
  if (last === undefined) return []
  const before = example.slice(0, -1).filter(({ step }) => step.verb !== 'get' && step.verb !== 'list')
  return [
    '',
    `### ${key} (${count})`,
    ...before.map(({ step }) => `    before: ${stepText(step)}`),
    `    ${last.request.method} ${last.request.path}${last.request.query ? ` ${JSON.stringify(last.request.query)}` : ''}`,
    `    step: ${stepText(last.step)}`,
    ...(last.request.body === undefined || !last.step.verb.endsWith('patch')
      ? []
      : [`    body: ${brief(JSON.stringify(last.request.body))}`]),
    ...last.differences.slice(0, MAX_DIFFERENCES).map((difference) => `    ${difference}`),
    ...(last.differences.length > MAX_DIFFERENCES ? [`    and ${last.differences.length - MAX_DIFFERENCES} more`] : []),
  ]
}

const stepText = (step: Outcome['step']): string => brief(JSON.stringify(step))
const brief = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text)
