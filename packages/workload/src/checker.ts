// The judge: from a history, every broken promise. It knows nothing of how the server works, only what a client may rely on:
//   1. all watchers see every event of the range they covered, once, in order (lost / doubled / back in time / disagree);
//   2. an acknowledged write is an event with its op at its revision; no op is applied twice; a refused one never (writes);
//   3. counters grow by exactly one per event (lost updates);
//   4. a consistent read is not older than any write acknowledged, or any read answered, before it began (stale reads);
//   5. the final list is what the events add up to.
import type { History, ObservedEvent, Violation } from './history.ts'

export interface FinalObject {
  readonly key: string
  readonly revision: number
  readonly op: string
}

/** `final` is a consistent list taken after all writers stopped; undefined when none could be had. */
export function checkHistory(history: History, final: readonly FinalObject[] | undefined): Violation[] {
  const ordered = [...history.events.values()].sort((a, b) => a.revision - b.revision)
  return [
    ...history.violations,
    ...checkWatchers(history, ordered),
    ...checkWrites(history, ordered),
    ...checkCounters(ordered),
    ...checkReads(history),
    ...(final === undefined ? [] : checkFinalState(ordered, final)),
  ]
}

function checkWatchers(history: History, ordered: readonly ObservedEvent[]): Violation[] {
  const violations: Violation[] = []
  // An acknowledged write is an event even if no watcher saw it.
  const acknowledged = history.writes
    .filter(({ outcome, revision }) => outcome === 'ok' && revision > 0)
    .map(({ revision }) => revision)
  const all = [...new Set([...ordered.map(({ revision }) => revision), ...acknowledged])].sort((a, b) => a - b)
  for (const { watcher, from, upTo, revisions } of history.segments) {
    const seen = new Set(revisions)
    for (let i = firstAfter(all, from); i < all.length; i++) {
      const revision = all[i] ?? 0
      if (revision > upTo) break
      if (seen.has(revision)) continue
      const event = history.events.get(revision)
      violations.push({
        type: 'lost event',
        detail: `${watcher} (from ${from} to ${upTo}) never got ${event?.type ?? 'the write'} ${event?.key ?? ''} at ${revision}`,
      })
    }
  }
  return violations
}

function firstAfter(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}

function checkWrites(history: History, ordered: readonly ObservedEvent[]): Violation[] {
  const violations: Violation[] = []
  const applied = new Map<string, number[]>()
  for (const { op, revision, type } of ordered) {
    if (type === 'DELETED') continue
    const revisions = applied.get(op)
    if (revisions === undefined) applied.set(op, [revision])
    else revisions.push(revision)
  }
  const seenUpTo = ordered.at(-1)?.revision ?? 0
  const seenFrom = Math.min(...history.segments.map(({ from }) => from))
  for (const { op, kind, key, outcome, revision } of history.writes) {
    const revisions = applied.get(op) ?? []
    if (revisions.length > 1)
      violations.push({ type: 'doubled write', detail: `${op} of ${key} was applied at ${revisions.join(' and ')}` })
    if (outcome === 'failed' && revisions.length > 0) {
      violations.push({
        type: 'refused write applied',
        detail: `${op} of ${key} was refused and applied at ${revisions[0]}`,
      })
    }
    const covered = revision > seenFrom && revision <= seenUpTo
    if (outcome === 'ok' && kind !== 'delete' && covered && !revisions.includes(revision)) {
      violations.push({ type: 'lost write', detail: `${op} of ${key} was acknowledged at ${revision} and is no event` })
    }
  }
  return violations
}

function checkCounters(ordered: readonly ObservedEvent[]): Violation[] {
  const violations: Violation[] = []
  const counts = new Map<string, ObservedEvent>()
  for (const event of ordered) {
    if (event.count === undefined) continue
    const before = counts.get(event.key)
    if (before?.count !== undefined && event.count !== before.count + 1) {
      violations.push({
        type: 'lost update',
        detail: `${event.key} went from ${before.count} (at ${before.revision}) to ${event.count} (at ${event.revision})`,
      })
    }
    counts.set(event.key, event)
  }
  return violations
}

/** Sweeps invocations and completions in time order, keeping what every later read must have seen: per key, and for lists. */
function checkReads(history: History): Violation[] {
  const violations: Violation[] = []
  const steps: { readonly atMs: number; readonly run: () => void }[] = []
  const floorOf = new Map<string, number>()
  let listFloor = 0
  const raise = (key: string, revision: number): void => {
    if (revision > (floorOf.get(key) ?? 0)) floorOf.set(key, revision)
    if (revision > listFloor) listFloor = revision
  }
  for (const write of history.writes) {
    if (write.outcome === 'ok' && write.revision > 0)
      steps.push({ atMs: write.completedMs, run: () => raise(write.key, write.revision) })
  }
  for (const read of history.reads) {
    let floor = 0
    steps.push({
      atMs: read.invokedMs,
      run: () => (floor = read.kind === 'list' ? listFloor : (floorOf.get(read.key) ?? 0)),
    })
    steps.push({
      atMs: read.completedMs,
      run: () => {
        if (read.revision < floor) {
          violations.push({
            type: 'stale read',
            detail: `${read.kind} ${read.key} answered revision ${read.revision}, ${floor} was known before`,
          })
        }
        if (read.kind === 'list') listFloor = Math.max(listFloor, read.revision)
        else raise(read.key, read.revision)
      },
    })
    const event = read.kind === 'get' ? history.events.get(read.revision) : undefined
    if (event !== undefined && event.op !== read.op) {
      violations.push({
        type: 'read of nothing written',
        detail: `get ${read.key} at ${read.revision} answered ${read.op}, the event says ${event.op}`,
      })
    }
  }
  steps.sort((a, b) => a.atMs - b.atMs)
  for (const { run } of steps) run()
  return violations
}

function checkFinalState(ordered: readonly ObservedEvent[], final: readonly FinalObject[]): Violation[] {
  const expected = new Map<string, ObservedEvent>()
  for (const event of ordered) {
    if (event.type === 'DELETED') expected.delete(event.key)
    else expected.set(event.key, event)
  }
  const violations: Violation[] = []
  for (const { key, revision, op } of final) {
    const event = expected.get(key)
    expected.delete(key)
    if (event !== undefined && (event.revision !== revision || event.op !== op)) {
      violations.push({
        type: 'final state differs',
        detail: `${key} is ${op} at ${revision}, its last event said ${event.op} at ${event.revision}`,
      })
    }
  }
  for (const { key, revision } of expected.values()) {
    violations.push({ type: 'final state differs', detail: `${key} is missing, its last event was at ${revision}` })
  }
  return violations
}
