// Keeps the resources equal to the store: reads everything at one revision, then follows one watch from there.
//
//   identify ─► fill all at R ─► follow from R ──(compacted: events were lost)──┐
//      ▲                            │                                           │
//      │                  another store, or a revision that goes back: drop all │
//      └────────────────────────────┴───────────────────────────────────────────┘
//
// An event is staged (decoded, in slices) at once, and applied when its revision is announced; readers therefore see whole
// revisions only. Subscribers hear of it at the end of the loop turn.
import { setTimeout as delay } from 'node:timers/promises'
import type { Revision, Storage, StorageEvent, WatchMessage } from '../storage.ts'
import { backfill } from './backfill.ts'
import { type FillRevision, readAll } from './fill.ts'
import type { Freshness } from './freshness.ts'
import type { HistoryLimits } from './history.ts'
import type { ResourceStore, StagedEvent } from './resource.ts'
import type { Router } from './router.ts'
import { TimeSlice } from './time-slice.ts'

/** Resources read at the same time. */
const FILL_CONCURRENCY = 8
/** Readiness waits this long for the backfill, which then goes on in the background. */
const BACKFILL_WAIT_MS = 2_000
/** A backfill that takes longer is given up: its store is too busy for it. */
const BACKFILL_DEADLINE_MS = 30_000
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000
/** Events staged or applied between two looks at the clock. */
const CHECK_EVERY = 16

export interface IngestObserver {
  failed(error: unknown, doing: string): void
  /** All resources are filled, or are no longer. */
  filledChanged(): void
}

export interface IngestOptions {
  readonly storage: Storage
  readonly prefix: string
  readonly router: Router
  readonly freshness: Freshness
  readonly history: HistoryLimits
  readonly observer: IngestObserver
}

export class Ingest {
  readonly #storage: Storage
  readonly #prefix: string
  readonly #router: Router
  readonly #freshness: Freshness
  readonly #observer: IngestObserver
  readonly #limits: HistoryLimits
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined
  #identity: string | undefined
  /** Aborts what follows the store, to begin again. */
  #lifetime = new AbortController()
  /** Resolves when the present lifetime has filled everything. */
  #following = Promise.withResolvers<void>()
  #staged: StagedEvent[] = []
  #dispatchScheduled = false
  /** Work since the loop last had its turn. */
  #slice = new TimeSlice()
  readonly #background = new Set<Promise<void>>()
  #isBackfilled = false
  readonly #backfilled = Promise.withResolvers<void>()

  constructor({ storage, prefix, router, freshness, history, observer }: IngestOptions) {
    this.#storage = storage
    this.#prefix = prefix
    this.#router = router
    this.#freshness = freshness
    this.#limits = history
    this.#observer = observer
  }

  /** Histories go back as far as they will, or as far as a start waits for. */
  get isBackfilled(): boolean {
    return this.#isBackfilled
  }

  get backfilled(): Promise<void> {
    return this.#backfilled.promise
  }

  get signal(): AbortSignal {
    return this.#closing.signal
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#closing.abort(new Error('the cache was closed'))
    this.#lifetime.abort(this.#closing.signal.reason)
    await this.#running
    await Promise.all(this.#background)
  }

  /** Reads a resource that joins at run time by itself while the others are followed. */
  join(store: ResourceStore): void {
    this.#inBackground(this.#refill(store, () => store.filled))
  }

  /** Reads a resource again that was found to be wrong. */
  rebuild(store: ResourceStore): void {
    this.#inBackground(this.#refill(store, () => false))
  }

  /** Looks whether the store is still the one that was filled from, and begins again when it is not. */
  async verify(): Promise<void> {
    if (this.#identity === undefined) return
    const seen = this.#freshness.revision
    const identity = await this.#storage.identity()
    const revision = await this.#storage.currentRevision()
    if (identity === this.#identity && revision >= seen) return
    this.#lifetime.abort(new Error('the store changed'))
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_MIN_MS
    while (!this.signal.aborted) {
      this.#lifetime = new AbortController()
      try {
        await this.#live(this.#lifetime.signal)
        retryMs = RETRY_MIN_MS
      } catch (error) {
        if (this.signal.aborted) break
        if (!this.#lifetime.signal.aborted) this.#observer.failed(error, 'reading everything from the store')
        await delay(retryMs, undefined, { signal: this.signal }).catch(() => undefined)
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
      } finally {
        this.#lifetime.abort(new Error('begun again'))
      }
    }
    this.#following.promise.catch(() => undefined)
    this.#following.reject(this.signal.reason)
  }

  /** One pass of the drawing above, from identify until the watch is over. */
  async #live(signal: AbortSignal): Promise<void> {
    const identity = await this.#storage.identity()
    const revision = await this.#storage.currentRevision()
    if (this.#identity !== undefined && identity !== this.#identity) this.#dropAll('the store is another one')
    else if (revision < this.#freshness.revision) this.#dropAll('the revision of the store went back')
    this.#identity = identity
    this.#staged = []
    await this.#fillAll(revision, signal)
    this.#freshness.advance(revision)
    this.#observer.filledChanged()
    this.#scheduleDispatch()
    this.#following.resolve()
    this.#inBackground(this.#backfill(revision, signal))
    try {
      await this.#follow(revision, signal)
    } finally {
      this.#following = Promise.withResolvers()
    }
  }

  #dropAll(why: string): void {
    for (const store of this.#router.values()) store.drop(why)
    this.#freshness.reset()
    this.#observer.filledChanged()
  }

  async #fillAll(at: Revision, signal: AbortSignal): Promise<void> {
    const waiting = [...this.#router.values()]
    const fillNext = async (): Promise<void> => {
      for (let store = waiting.pop(); store !== undefined; store = waiting.pop()) {
        await this.#fill(store, { at }, signal)
      }
    }
    await Promise.all(Array.from({ length: FILL_CONCURRENCY }, fillNext))
  }

  /** Throws when it could not be read whole at that revision. */
  async #fill(store: ResourceStore, from: FillRevision, signal: AbortSignal): Promise<void> {
    const { resource } = store
    const pending = store.beginFill()
    const owns = (key: string): boolean => this.#router.ownerOf(key) === store
    const filled = await readAll(this.#storage, resource, owns, from, signal)
    if (filled.outcome === 'compacted') throw new Error(`${resource.name} was compacted while it was read`)
    if (!store.install(filled, pending, performance.now()) && this.#router.get(resource.name) === store) {
      throw new Error(`${resource.name} changed too much while it was read`)
    }
  }

  async #refill(store: ResourceStore, isDone: () => boolean): Promise<void> {
    let retryMs = RETRY_MIN_MS
    while (!this.signal.aborted && this.#router.get(store.resource.name) === store) {
      try {
        await this.#following.promise
        // A fill of everything may have come before.
        if (isDone()) return
        await this.#fill(store, { atLeast: this.#freshness.revision }, this.#lifetime.signal)
        this.#observer.filledChanged()
        this.#scheduleDispatch()
        return
      } catch (error) {
        if (this.signal.aborted) return
        this.#observer.failed(error, `reading ${store.resource.name} from the store`)
        await delay(retryMs, undefined, { signal: this.signal }).catch(() => undefined)
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
      }
    }
  }

  async #backfill(until: Revision, signal: AbortSignal): Promise<void> {
    const settle = (): void => {
      this.#isBackfilled = true
      this.#backfilled.resolve()
      this.#observer.filledChanged()
    }
    const timer = setTimeout(settle, BACKFILL_WAIT_MS)
    try {
      await backfill({
        storage: this.#storage,
        prefix: this.#prefix,
        router: this.#router,
        until,
        limits: this.#limits,
        signal: AbortSignal.any([signal, AbortSignal.timeout(BACKFILL_DEADLINE_MS)]),
      })
    } catch (error) {
      if (!signal.aborted) this.#observer.failed(error, 'reading the history of before the start')
    } finally {
      clearTimeout(timer)
      settle()
    }
  }

  #inBackground(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#background.delete(tracked))
    this.#background.add(tracked)
  }

  async #follow(after: Revision, signal: AbortSignal): Promise<void> {
    for await (const message of this.#storage.watch(this.#prefix, after, signal)) {
      if (signal.aborted) return
      // Nothing was announced since the loop had its turn: this is the first work of this turn.
      if (!this.#dispatchScheduled) this.#slice.restart()
      if (message.type === 'compacted') {
        this.#observer.failed(
          new Error(`events up to revision ${message.compactRevision} were compacted before they arrived`),
          'following the store',
        )
        return
      }
      if (message.type === 'events') await this.#stage(message.events)
      await this.#applyUpTo(message)
    }
  }

  async #stage(events: readonly StorageEvent[]): Promise<void> {
    for (let index = 0; index < events.length; index++) {
      if (index % CHECK_EVERY === CHECK_EVERY - 1 && this.#slice.used) await this.#slice.next()
      const event = events[index]
      if (event === undefined) continue
      const owner = this.#router.ownerOf(event.key)
      if (owner !== undefined) this.#staged.push(owner.stage(event))
    }
  }

  /** Whole revisions only: the loop gets its turn between two of them, never within one. */
  async #applyUpTo({ upTo }: Exclude<WatchMessage, { type: 'compacted' }>): Promise<void> {
    const staged = this.#staged
    const nowMs = performance.now()
    let index = 0
    let previous: StagedEvent | undefined
    for (; index < staged.length; index++) {
      const event = staged[index]
      if (event === undefined || event.revision > upTo) break
      if (
        previous !== undefined &&
        previous.revision < event.revision &&
        index % CHECK_EVERY === 0 &&
        this.#slice.used
      ) {
        this.#announce(previous.revision)
        await this.#slice.next()
      }
      event.owner.apply(event, nowMs)
      previous = event
    }
    this.#staged = index === staged.length ? [] : staged.slice(index)
    this.#announce(upTo)
  }

  #announce(revision: Revision): void {
    this.#freshness.advance(revision)
    this.#scheduleDispatch()
  }

  #scheduleDispatch(): void {
    if (this.#dispatchScheduled) return
    this.#dispatchScheduled = true
    setImmediate(() => {
      this.#dispatchScheduled = false
      this.#slice.restart()
      for (const store of this.#router.values()) store.dispatch()
    })
  }
}
