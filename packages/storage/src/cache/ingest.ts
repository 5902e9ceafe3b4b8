// Keeps the resources equal to the store: reads everything at one revision, then follows one watch from there.
//
//   identify ─► fill all at R ─► follow from R ──(compacted: events were lost)──┐
//      ▲                            │                                           │
//      │                  another store, or a revision that goes back: drop all │
//      └────────────────────────────┴───────────────────────────────────────────┘
import { setTimeout as delay } from 'node:timers/promises'
import type { Revision, Storage } from '../storage.ts'
import { backfill } from './backfill.ts'
import { type FillRevision, readAll } from './fill.ts'
import { Follower } from './follow.ts'
import type { Freshness } from './freshness.ts'
import type { Router } from './router.ts'
import type { ResourceStore } from './store.ts'

/** Resources read at the same time. */
const FILL_CONCURRENCY = 8
/** Readiness waits this long for the backfill, which then goes on in the background. */
const BACKFILL_WAIT_MS = 2_500
/** A backfill that takes longer is given up: its store is too busy for it. */
const BACKFILL_DEADLINE_MS = 30_000
const READING_EVERYTHING = 'reading everything from the store'
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000
/** Before the cache is dropped for a revision that went back, it is asked so often: a paused etcd member may answer late. */
const VERIFY_ATTEMPTS = 4
const VERIFY_PAUSE_MS = 250

export interface IngestOptions {
  readonly storage: Storage
  readonly prefix: string
  readonly router: Router
  readonly freshness: Freshness
  readonly failed: (error: unknown, doing: string) => void
  readonly succeeded: (doing: string) => void
  /** A resource was filled or is empty again, or the backfill came to its end. */
  readonly changed: () => void
}

export class Ingest {
  readonly #options: IngestOptions
  readonly #follower: Follower
  readonly #closing = new AbortController()
  #running: Promise<void> | undefined
  #identity: string | undefined
  /** Aborted to begin again. */
  #lifetime = new AbortController()
  /** Resolves when the present lifetime has filled everything. */
  #following = Promise.withResolvers<void>()
  readonly #background = new Set<Promise<void>>()
  /** Resources that join one after the other: so many at the same time. */
  readonly #lanes: Promise<void>[] = Array.from({ length: FILL_CONCURRENCY }, () => Promise.resolve())
  #nextLane = 0
  #isBackfilled = false
  readonly #backfilled = Promise.withResolvers<void>()
  readonly #backfillEnded = Promise.withResolvers<void>()
  #verifying = false

  constructor(options: IngestOptions) {
    this.#options = options
    this.#follower = new Follower(options.router, options.freshness)
  }

  /** Histories go back as far as they will, or as far as a start waits for. */
  get isBackfilled(): boolean {
    return this.#isBackfilled
  }

  get backfilled(): Promise<void> {
    return this.#backfilled.promise
  }

  /** Resolves when no older history will come any more. */
  get backfillEnded(): Promise<void> {
    return this.#backfillEnded.promise
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

  /** Reads a resource that joins at run time by itself, while the others are followed. */
  join(store: ResourceStore): void {
    const lane = this.#nextLane++ % FILL_CONCURRENCY
    // A fill of everything may come before its turn.
    const joined = (this.#lanes[lane] ?? Promise.resolve()).then(() => this.#refill(store, () => store.filled))
    this.#lanes[lane] = joined
    this.#inBackground(joined)
  }

  /** Reads a resource again that was found to be wrong. */
  rebuild(store: ResourceStore): void {
    this.#inBackground(this.#refill(store, () => false))
  }

  /** Looks whether the store is still the one that was filled from, and begins again when it is not. */
  async verify(): Promise<void> {
    if (this.#identity === undefined || this.#verifying) return
    this.#verifying = true
    try {
      for (let attempt = 0; attempt < VERIFY_ATTEMPTS; attempt++) {
        if (attempt > 0) await delay(VERIFY_PAUSE_MS, undefined, { ref: false })
        const seen = this.#options.freshness.revision
        const identity = await this.#options.storage.identity()
        const revision = await this.#options.storage.currentRevision()
        if (identity === this.#identity && revision >= seen) return
      }
      this.#lifetime.abort(new Error('the store is another one, or went back'))
    } finally {
      this.#verifying = false
    }
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_MIN_MS
    while (!this.signal.aborted) {
      const startedMs = performance.now()
      this.#lifetime = new AbortController()
      try {
        await this.#live(this.#lifetime.signal)
      } catch (error) {
        if (!this.#lifetime.signal.aborted) this.#options.failed(error, READING_EVERYTHING)
      }
      this.#lifetime.abort(new Error('begun again'))
      if (performance.now() - startedMs > RETRY_MAX_MS) retryMs = RETRY_MIN_MS
      await delay(retryMs, undefined, { signal: this.signal }).catch(() => undefined)
      retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
    }
    // Whoever waits to join shall not wait for ever; nobody waiting is fine too.
    this.#following.promise.catch(() => undefined)
    this.#following.reject(this.signal.reason)
  }

  /** One pass of the drawing above, from identify until the watch is over. */
  async #live(signal: AbortSignal): Promise<void> {
    const { storage, prefix, freshness } = this.#options
    const identity = await storage.identity()
    const revision = await storage.currentRevision()
    if (this.#identity !== undefined && identity !== this.#identity) this.#dropAll('the store is another one')
    else if (revision < freshness.revision) this.#dropAll('the revision of the store went back')
    this.#identity = identity
    await this.#fillAll(revision, signal)
    this.#follower.announce(revision)
    this.#options.changed()
    this.#following.resolve()
    this.#options.succeeded(READING_EVERYTHING)
    this.#inBackground(this.#backfillAll(revision, signal))
    let compacted: Revision | undefined
    try {
      compacted = await this.#follower.follow(storage.watch(prefix, revision, signal), signal)
    } finally {
      this.#following = Promise.withResolvers()
    }
    if (compacted !== undefined) throw new Error(`events before revision ${compacted} were compacted before they came`)
  }

  #dropAll(why: string): void {
    for (const store of this.#options.router.values()) store.drop(why)
    this.#options.freshness.reset()
    this.#options.changed()
  }

  async #fillAll(at: Revision, signal: AbortSignal): Promise<void> {
    const waiting = [...this.#options.router.values()].reverse()
    const fillNext = async (): Promise<void> => {
      for (let store = waiting.pop(); store !== undefined; store = waiting.pop()) {
        await this.#fill(store, { at }, signal)
      }
    }
    await Promise.all(Array.from({ length: FILL_CONCURRENCY }, fillNext))
  }

  /** Throws when it could not be read whole at one revision. */
  async #fill(store: ResourceStore, from: FillRevision, signal: AbortSignal): Promise<void> {
    const { storage, router } = this.#options
    const { resource } = store
    const pending = store.beginFill()
    const filled = await readAll(storage, resource, (key) => router.ownerOf(key) === store, from, signal)
    if (filled.outcome === 'compacted') throw new Error(`${resource.name} was compacted while it was read`)
    const wasRemoved = router.get(resource.name) !== store
    if (wasRemoved || store.install(filled, pending, performance.now())) return
    throw new Error(`${resource.name} changed too much while it was read`)
  }

  async #refill(store: ResourceStore, isDone: () => boolean): Promise<void> {
    const { router, freshness, failed, succeeded, changed } = this.#options
    const doing = `reading ${store.resource.name} from the store`
    let retryMs = RETRY_MIN_MS
    while (!this.signal.aborted && router.get(store.resource.name) === store) {
      try {
        await this.#following.promise
        if (isDone()) return
        const { signal } = this.#lifetime
        await this.#fill(store, { atLeast: freshness.revision }, signal)
        changed()
        succeeded(doing)
        this.#follower.announce(freshness.revision)
        await this.#backfillOne(store, signal)
        return
      } catch (error) {
        if (this.signal.aborted) return
        failed(error, doing)
        await delay(retryMs, undefined, { signal: this.signal }).catch(() => undefined)
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
      }
    }
  }

  async #backfillAll(until: Revision, signal: AbortSignal): Promise<void> {
    const settle = (): void => {
      this.#isBackfilled = true
      this.#backfilled.resolve()
      this.#options.changed()
    }
    const timer = setTimeout(settle, BACKFILL_WAIT_MS)
    await this.#backfill(this.#options.prefix, [...this.#options.router.values()], until, signal)
    clearTimeout(timer)
    settle()
    this.#backfillEnded.resolve()
  }

  /** A resource without objects has hardly a past that anybody watches: it is not worth a replay. */
  async #backfillOne(store: ResourceStore, signal: AbortSignal): Promise<void> {
    if (store.state.size > 0) await this.#backfill(store.resource.prefix, [store], store.filledAt, signal)
  }

  /** Never throws: without it watches of before the start list again, which is no fault. */
  async #backfill(
    prefix: string,
    stores: readonly ResourceStore[],
    until: Revision,
    lifetime: AbortSignal,
  ): Promise<void> {
    const { storage, router } = this.#options
    const signal = AbortSignal.any([lifetime, AbortSignal.timeout(BACKFILL_DEADLINE_MS)])
    try {
      await backfill({ storage, prefix, router, stores, until, signal })
    } catch (error) {
      if (!lifetime.aborted) this.#options.failed(error, `reading the history of ${prefix}`)
    }
  }

  #inBackground(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#background.delete(tracked))
    this.#background.add(tracked)
  }
}
