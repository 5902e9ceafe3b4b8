// What happened, as the clients saw it: every write attempt with its outcome, every read, every watcher's events.
// Recording only; checker.ts judges. All times are performance.now() milliseconds of this process.
import { StatusError } from '@keelson/apimachinery'

/**
 * ok: acknowledged. failed: the server (or the lack of a connection) says that it was surely not applied.
 * unknown: the answer was lost; it may have been applied once.
 */
export type WriteOutcome = 'ok' | 'failed' | 'unknown'

export interface WriteRecord {
  /** Unique in the run; stands in the object's `data.op`. Deletes have one too, which no event shows. */
  readonly op: string
  readonly kind: 'create' | 'update' | 'delete'
  readonly key: string
  readonly invokedMs: number
  completedMs: number
  outcome: WriteOutcome
  /** Revision of an acknowledged write; 0 where the answer does not carry it (deletes). */
  revision: number
}

export interface ReadRecord {
  readonly kind: 'get' | 'list'
  readonly key: string
  readonly invokedMs: number
  readonly completedMs: number
  /** Revision of the object (get) or of the whole list; 0 when the object was not there. */
  readonly revision: number
  readonly op: string
}

export interface ObservedEvent {
  readonly revision: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly key: string
  /** data.op of the object; for DELETED that of its last state. */
  readonly op: string
  /** data.count of a counter, else undefined. */
  readonly count: number | undefined
}

/** What one watcher saw between a list and the next one (or the end): without a gap if the server keeps its promises. */
export interface WatchSegment {
  readonly watcher: string
  /** Every event after this revision … */
  readonly from: number
  /** … up to this one must be in `revisions`. */
  upTo: number
  readonly revisions: number[]
}

export interface Violation {
  readonly type:
    | 'lost event'
    | 'doubled event'
    | 'event back in time'
    | 'events disagree'
    | 'lost write'
    | 'doubled write'
    | 'refused write applied'
    | 'lost update'
    | 'stale read'
    | 'read of nothing written'
    | 'final state differs'
  readonly detail: string
}

/** A request without an answer, or answered 429 or 5xx; a watch that was cut. A planned stop of a replica causes none. */
export interface Failure {
  readonly atMs: number
  readonly detail: string
}

export class History {
  readonly failures: Failure[] = []
  readonly writes: WriteRecord[] = []
  readonly reads: ReadRecord[] = []
  readonly segments: WatchSegment[] = []
  /** Violations that a watcher saw as they happened. */
  readonly violations: Violation[] = []
  /** One copy of each event, whoever saw it first. */
  readonly events = new Map<number, ObservedEvent>()
  delivered = 0
  gone = 0
  relists = 0
  reconnects = 0

  write(op: string, kind: WriteRecord['kind'], key: string): WriteRecord {
    const record: WriteRecord = {
      op,
      kind,
      key,
      invokedMs: performance.now(),
      completedMs: 0,
      outcome: 'unknown',
      revision: 0,
    }
    this.writes.push(record)
    return record
  }

  /** Notes how a request ended, if that is a failure: refusals (a lost race, a missing object) are answers. */
  failed(what: string, error: unknown): void {
    if (error instanceof StatusError && error.code < 500 && error.code !== 429) return
    this.failures.push({ atMs: performance.now(), detail: `${what}: ${String(error)}` })
  }

  /** Notes that `watcher` got `event`; two watchers that saw different things at one revision disagree. */
  observe(segment: WatchSegment, event: ObservedEvent): void {
    this.delivered++
    const { revision } = event
    const last = segment.upTo
    if (revision <= last) {
      const doubled = segment.revisions.at(-1) === revision
      this.violations.push({
        type: doubled ? 'doubled event' : 'event back in time',
        detail: `${segment.watcher} got ${event.type} ${event.key} at ${revision} after ${last}`,
      })
      return
    }
    segment.upTo = revision
    segment.revisions.push(revision)
    const known = this.events.get(revision)
    if (known === undefined) this.events.set(revision, event)
    else if (known.key !== event.key || known.op !== event.op || known.type !== event.type) {
      this.violations.push({
        type: 'events disagree',
        detail: `at ${revision} ${segment.watcher} got ${event.type} ${event.key} ${event.op}, another ${known.type} ${known.key} ${known.op}`,
      })
    }
  }
}
