// What a resource was at a revision that its history still reaches: the present with later events undone.
import type { History } from './history.ts'
import { compareKeys } from './keys.ts'
import type { ResourceState } from './state.ts'
import type { CacheEntry, Cursor } from './types.ts'

/** Listings being paged through at one time, per resource; a page of another one is rebuilt. */
const MAX_KEPT = 4
/** Beyond this many events the store is asked instead: undoing them would hold the loop for too long. */
export const MAX_UNDONE_EVENTS = 30_000

export class Past {
  /** Snapshots by cursor: the state after all events before the cursor. Oldest use first. */
  readonly #kept = new Map<Cursor, readonly CacheEntry[]>()

  /** All entries in key order as they were before the event at `cursor`. */
  snapshot(state: ResourceState, history: History, cursor: Cursor): readonly CacheEntry[] {
    if (cursor === history.end) return state.snapshot()
    const kept = this.#kept.get(cursor)
    const snapshot = kept ?? undo(state, history, cursor)
    this.keep(cursor, snapshot)
    return snapshot
  }

  /** Remembers a snapshot whose further pages will be asked for. */
  keep(cursor: Cursor, snapshot: readonly CacheEntry[]): void {
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

function undo(state: ResourceState, history: History, cursor: Cursor): readonly CacheEntry[] {
  // The first event of a key after the cursor tells what the object was at the cursor.
  const then = new Map<string, CacheEntry | undefined>()
  for (let at = cursor; at < history.end; at++) {
    const event = history.at(at)
    if (event !== undefined && !then.has(event.entry.key)) then.set(event.entry.key, event.previous)
  }
  const restored: CacheEntry[] = []
  for (const entry of then.values()) if (entry !== undefined) restored.push(entry)
  restored.sort((left, right) => compareKeys(left.key, right.key))

  const merged: CacheEntry[] = []
  let next = 0
  for (const entry of state.snapshot()) {
    if (then.has(entry.key)) continue
    for (
      let older = restored[next];
      older !== undefined && compareKeys(older.key, entry.key) < 0;
      older = restored[next]
    ) {
      merged.push(older)
      next++
    }
    merged.push(entry)
  }
  for (; next < restored.length; next++) {
    const older = restored[next]
    if (older !== undefined) merged.push(older)
  }
  return merged
}
