// What a resource was at a revision that its history still reaches: the present with later events undone.
import type { History } from './history.ts'
import { compareKeys } from './keys.ts'
import { lowerBound } from './sorted-entries.ts'
import type { ResourceState } from './state.ts'
import { TimeSlice } from './time-slice.ts'
import type { CacheEntry, CacheEvent, Cursor } from './types.ts'

/** Listings being paged through at one time, per resource; a page of another one is rebuilt. */
const MAX_KEPT = 4
/** Beyond this many events the store is asked instead. */
export const MAX_UNDONE_EVENTS = 30_000
/** Events or entries between two looks at the clock. */
const CHECK_EVERY = 1024

type Snapshot = readonly CacheEntry[]

export class Past {
  /** By cursor: the state after all events before it. The one used longest ago first. */
  readonly #kept = new Map<Cursor, Promise<Snapshot>>()

  /** All entries in key order as they were before the event at `cursor`. */
  snapshot(state: ResourceState, history: History, cursor: Cursor): Promise<Snapshot> {
    if (cursor === history.end) return Promise.resolve(state.snapshot())
    const snapshot = this.#kept.get(cursor) ?? undo(state.snapshot(), eventsFrom(history, cursor))
    this.keep(cursor, snapshot)
    return snapshot
  }

  /** Remembers a snapshot whose further pages will be asked for. */
  keep(cursor: Cursor, snapshot: Promise<Snapshot>): void {
    this.#kept.delete(cursor)
    this.#kept.set(cursor, snapshot)
    if (this.#kept.size <= MAX_KEPT) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      return
    }
  }

  /** Lets go of what history no longer reaches. */
  evictBefore(begin: Cursor): void {
    for (const cursor of this.#kept.keys()) if (cursor < begin) this.#kept.delete(cursor)
  }
}

function eventsFrom(history: History, cursor: Cursor): CacheEvent[] {
  const events: CacheEvent[] = []
  for (let at = cursor; at < history.end; at++) {
    const event = history.at(at)
    if (event !== undefined) events.push(event)
  }
  return events
}

/** One object over all the events: what it was before them, what it is after them. */
interface Change {
  readonly before: CacheEntry | undefined
  after: CacheEntry | undefined
}

/**
 * `snapshot`: after the events. Entries are found in it by identity, so that only what was deleted since has to be put in
 * its place by key: 10,000 events among 50,000 objects take 5 ms, in slices.
 */
async function undo(snapshot: Snapshot, events: readonly CacheEvent[]): Promise<Snapshot> {
  const slice = new TimeSlice()
  const changes = new Map<string, Change>()
  for (let index = 0; index < events.length; index++) {
    if (index % CHECK_EVERY === CHECK_EVERY - 1 && slice.used) await slice.next()
    const event = events[index]
    if (event === undefined) continue
    const after = event.type === 'DELETED' ? undefined : event.entry
    const change = changes.get(event.entry.key)
    if (change === undefined) changes.set(event.entry.key, { before: event.previous, after })
    else change.after = after
  }
  const older = new Map<CacheEntry, CacheEntry | undefined>()
  const deleted: CacheEntry[] = []
  for (const { before, after } of changes.values()) {
    if (after !== undefined) older.set(after, before)
    else if (before !== undefined) deleted.push(before)
  }
  const kept: CacheEntry[] = []
  for (let index = 0; index < snapshot.length; index++) {
    if (index % CHECK_EVERY === CHECK_EVERY - 1 && slice.used) await slice.next()
    const entry = snapshot[index]
    if (entry === undefined) continue
    const before = older.get(entry)
    if (before !== undefined) kept.push(before)
    else if (!older.has(entry)) kept.push(entry)
  }
  if (deleted.length === 0) return kept
  deleted.sort((left, right) => compareKeys(left.key, right.key))
  return merge(kept, deleted, slice)
}

/** Both in key order, no key in both. */
async function merge(kept: Snapshot, deleted: Snapshot, slice: TimeSlice): Promise<Snapshot> {
  const merged: CacheEntry[] = []
  let next = 0
  for (let index = 0; index < deleted.length; index++) {
    if (index % CHECK_EVERY === CHECK_EVERY - 1 && slice.used) await slice.next()
    const entry = deleted[index]
    if (entry === undefined) continue
    const place = lowerBound(kept, entry.key, 0, next)
    for (; next < place; next++) pushAt(merged, kept, next)
    merged.push(entry)
  }
  for (; next < kept.length; next++) pushAt(merged, kept, next)
  return merged
}

function pushAt(target: CacheEntry[], source: Snapshot, index: number): void {
  const entry = source[index]
  if (entry !== undefined) target.push(entry)
}
