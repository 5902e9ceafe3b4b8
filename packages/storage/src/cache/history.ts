// The recent events of one resource, in order, each at a cursor that is never used twice.
//
//   evicted │ begin … end ) next
//           └ evictedRevision: the newest revision from which a watch can no longer be resumed is below it
//
// Bounded by age and by bytes. At least `minEvents` are kept whatever their age; bytes are the harder limit.
import { ownBytes } from './json-parts.ts'
import type { Revision } from '../storage.ts'
import type { CacheEvent, Cursor, Gone } from './types.ts'

export interface HistoryLimits {
  readonly maxAgeMs: number
  /** Of one resource: what only history still holds. */
  readonly maxBytes: number
  readonly minEvents: number
}

/** Room below the first cursor for events that a backfill puts before it. */
const FIRST_CURSOR = 1 << 24
/** What an event costs besides the bytes of its objects. */
const EVENT_BYTES = 200
/** Ages are known to this: one mark in so many milliseconds instead of a time per event. */
const MARK_INTERVAL_MS = 1000

interface AgeMark {
  readonly timeMs: number
  /** Events before this cursor came before `timeMs`. */
  readonly cursor: Cursor
}

export class History {
  readonly #limits: HistoryLimits
  /** Slots before #head are evicted and empty. */
  #events: (CacheEvent | undefined)[] = []
  /** The bytes of each event: evicting one shall not touch objects that nobody has looked at for minutes. */
  #sizes: number[] = []
  #head = 0
  #begin: Cursor = FIRST_CURSOR
  #bytes = 0
  #marks: AgeMark[] = []
  #evictedRevision: Revision

  constructor(limits: HistoryLimits, revision: Revision) {
    this.#limits = limits
    this.#evictedRevision = revision
  }

  get begin(): Cursor {
    return this.#begin
  }

  get end(): Cursor {
    return this.#begin + this.#events.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The oldest revision that a watch can resume from: that of the last evicted event, so an idle resource keeps it forever. */
  get evictedRevision(): Revision {
    return this.#evictedRevision
  }

  at(cursor: Cursor): CacheEvent | undefined {
    return this.#events[this.#head + cursor - this.#begin]
  }

  /** The cursor of the first event after `revision`. */
  seek(revision: Revision): { readonly outcome: 'found'; readonly cursor: Cursor } | Gone {
    if (revision < this.#evictedRevision) return { outcome: 'gone', oldest: this.#evictedRevision }
    let low = this.#head
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const event = this.#events[middle]
      if (event !== undefined && event.revision <= revision) low = middle + 1
      else high = middle
    }
    return { outcome: 'found', cursor: this.#begin + low - this.#head }
  }

  append(event: CacheEvent, nowMs: number): void {
    const lastMark = this.#marks.at(-1)
    if (lastMark === undefined || nowMs - lastMark.timeMs >= MARK_INTERVAL_MS) {
      this.#marks.push({ timeMs: nowMs, cursor: this.end })
    }
    const bytes = eventBytes(event)
    this.#events.push(event)
    this.#sizes.push(bytes)
    this.#bytes += bytes
    if (this.#bytes > this.#limits.maxBytes) this.evictTo(this.#limits.maxBytes)
  }

  /**
   * Puts older events before the first one: `events` are all of this resource after `revision`, in order, up to the
   * revision this history began with. As many of the newest as fit are kept. Nothing happens once an event was evicted:
   * the two would not join.
   */
  prepend(events: readonly CacheEvent[], revision: Revision, begunAt: Revision, nowMs: number): void {
    if (this.#evictedRevision !== begunAt) return
    let first = events.length
    let room = this.#limits.maxBytes - this.#bytes
    while (first > 0) {
      const event = events[first - 1]
      room -= event === undefined ? 0 : eventBytes(event)
      if (room < 0) break
      first--
    }
    const kept = events.slice(first)
    const sizes = kept.map(eventBytes)
    this.#events = [...kept, ...this.#events.slice(this.#head)]
    this.#sizes = [...sizes, ...this.#sizes.slice(this.#head)]
    this.#head = 0
    this.#begin -= kept.length
    for (const bytes of sizes) this.#bytes += bytes
    this.#marks.unshift({ timeMs: Math.min(nowMs, this.#marks[0]?.timeMs ?? nowMs), cursor: this.#begin })
    this.#evictedRevision = events[first - 1]?.revision ?? revision
  }

  /** Drops what is too old. Called now and then, so that an idle resource gives its memory back. */
  evictOld(nowMs: number): void {
    const oldestMs = nowMs - this.#limits.maxAgeMs
    for (let next = this.#marks[1]; next !== undefined && next.timeMs <= oldestMs; next = this.#marks[1]) {
      this.#evictBefore(Math.min(next.cursor, this.end - this.#limits.minEvents))
      if (this.#begin < next.cursor) return
      this.#marks.shift()
    }
    // All that is left came before the last mark's successor would have been due.
    const only = this.#marks[0]
    if (this.#marks.length === 1 && only !== undefined && only.timeMs + MARK_INTERVAL_MS <= oldestMs) {
      this.#evictBefore(this.end - this.#limits.minEvents)
    }
  }

  /** Drops the oldest until so many bytes are left. */
  evictTo(maxBytes: number): void {
    let count = 0
    for (let bytes = this.#bytes; bytes > maxBytes; count++) bytes -= this.#sizes[this.#head + count] ?? 0
    this.#evictBefore(this.#begin + count)
  }

  /** Forgets all events. No cursor of before is valid any more, not even the end. */
  reset(revision: Revision): void {
    this.#begin = this.end + 1
    this.#events = []
    this.#sizes = []
    this.#head = 0
    this.#bytes = 0
    this.#marks = []
    this.#evictedRevision = revision
  }

  #evictBefore(cursor: Cursor): void {
    for (; this.#begin < cursor; this.#begin++, this.#head++) {
      this.#bytes -= this.#sizes[this.#head] ?? 0
      this.#evictedRevision = this.#events[this.#head]?.revision ?? this.#evictedRevision
      this.#events[this.#head] = undefined
    }
    if (this.#head > 1024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head)
      this.#sizes = this.#sizes.slice(this.#head)
      this.#head = 0
    }
  }
}

/** The bytes that only history holds: a current object belongs to the state, its predecessor to the event that replaced it. */
function eventBytes(event: CacheEvent): number {
  const previous = event.previous === undefined ? 0 : ownBytes(event.previous)
  return EVENT_BYTES + previous + (event.type === 'DELETED' ? ownBytes(event.entry) : 0)
}
