// Fills histories with events from before the cache started, so that watches resume across a restart of this process
// without a 410. The store replays an older part of its log, with the object before each event.
import type { Revision, Storage, StorageEvent } from '../storage.ts'
import { toRevision } from '../storage.ts'
import { History } from './history.ts'
import type { ResourceStore } from './store.ts'
import type { Router } from './router.ts'
import { TimeSlice } from './time-slice.ts'
import type { CacheEntry, CacheEvent } from './types.ts'

/**
 * How far back the replay begins, in revisions. It must hold the 10,000 events before the restart and those that others
 * write during it; etcd replays 9,400 revisions a second (1,000 in each round of its unsynced watches), so this takes 1.7 s.
 */
const BACKFILL_REVISIONS = 16_000
/** Of an empty store: its first write is at 2, and no watch has anything to say about 1. */
const FIRST_REVISION = toRevision(1)
const PROGRESS_INTERVAL_MS = 50

export interface BackfillOptions {
  readonly storage: Storage
  readonly prefix: string
  readonly router: Router
  readonly stores: readonly ResourceStore[]
  /** The revision that the stores were filled at: the replay ends there. */
  readonly until: Revision
  readonly signal: AbortSignal
}

/** Ends early, with nothing done, when the signal aborts. */
export async function backfill(options: BackfillOptions): Promise<void> {
  const { storage, prefix, until } = options
  const done = new AbortController()
  const signal = AbortSignal.any([options.signal, done.signal])
  // Where the last revisions touched nothing of the prefix, the watch says that it is through only when asked.
  const asking = setInterval(() => storage.requestProgress(), PROGRESS_INTERVAL_MS)
  let after = toRevision(Math.max(FIRST_REVISION, until - BACKFILL_REVISIONS))
  try {
    while (after < until && !signal.aborted) {
      const replay = new Replay(options, after)
      let compacted: Revision | undefined
      for await (const message of storage.watch(prefix, after, signal, { withPrevious: true })) {
        if (message.type === 'compacted') {
          compacted = message.compactRevision
          break
        }
        if (message.type === 'events') await replay.take(message.events)
        if (message.upTo < until) continue
        replay.finish()
        return
      }
      if (compacted === undefined || compacted <= after) return
      after = compacted
    }
  } finally {
    clearInterval(asking)
    done.abort()
  }
}

class Replay {
  readonly #router: Router
  readonly #until: Revision
  readonly #histories = new Map<ResourceStore, History>()
  /** The newest version seen of each key; undefined: deleted. */
  readonly #latest = new Map<string, CacheEntry | undefined>()
  readonly #slice = new TimeSlice()

  constructor({ router, stores, until }: BackfillOptions, after: Revision) {
    this.#router = router
    this.#until = until
    for (const store of stores) this.#histories.set(store, new History(store.historyLimits, after))
  }

  async take(events: readonly StorageEvent[]): Promise<void> {
    this.#slice.restart()
    for (const event of events) {
      if (event.revision > this.#until) return
      if (this.#slice.used) await this.#slice.next()
      const store = this.#router.ownerOf(event.key)
      const history = store === undefined ? undefined : this.#histories.get(store)
      if (store === undefined || history === undefined) continue
      const cacheEvent = this.#decode(store, event)
      // What cannot be read cannot be told to a watch: history begins after it.
      if (cacheEvent === undefined) history.reset(event.revision)
      else history.append(cacheEvent, 0)
    }
  }

  finish(): void {
    const nowMs = performance.now()
    for (const [store, history] of this.#histories) {
      const events: CacheEvent[] = []
      for (let cursor = history.begin; cursor < history.end; cursor++) {
        const event = history.at(cursor)
        if (event !== undefined) events.push(event)
      }
      store.prependHistory(events, history.evictedRevision, this.#until, nowMs)
    }
  }

  #decode(store: ResourceStore, event: StorageEvent): CacheEvent | undefined {
    const { key, revision, value } = event
    try {
      const previous = this.#previousOf(store, event)
      if (value === undefined) {
        this.#latest.set(key, undefined)
        if (previous === undefined) return undefined
        return { type: 'DELETED', revision, entry: store.resource.atRevision(previous, revision), previous }
      }
      const current = store.state.get(key)
      // The newest version is shared with the state instead of being held twice.
      const entry = current?.revision === revision ? current : store.resource.decode(key, value, revision)
      this.#latest.set(key, entry)
      if (previous === undefined && !event.isCreate) return undefined
      return { type: previous === undefined ? 'ADDED' : 'MODIFIED', revision, entry, previous }
    } catch {
      // An unreadable version of the past is no fault of the present: fill reports what is unreadable now.
      this.#latest.delete(key)
      return undefined
    }
  }

  #previousOf(store: ResourceStore, { key, previous }: StorageEvent): CacheEntry | undefined {
    if (this.#latest.has(key)) return this.#latest.get(key)
    return previous === undefined
      ? undefined
      : store.resource.decode(previous.key, previous.value, previous.modRevision)
  }
}
