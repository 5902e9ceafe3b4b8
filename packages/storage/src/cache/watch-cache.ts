// createWatchCache: one Store, all its resources, in memory.
import type { Revision, Storage } from '../storage.ts'
import { Freshness } from './freshness.ts'
import type { HistoryLimits } from './history.ts'
import { Ingest } from './ingest.ts'
import { ResourceStore, type ResourceSurroundings } from './resource.ts'
import { Router } from './router.ts'
import type { CachedResource, ResourceCache, WatchCache } from './types.ts'

/** What the cache has to tell: for logs and metrics. Every member may be left out. */
export interface WatchCacheObserver {
  /** Something went wrong and is tried again, or was kept from doing harm. */
  failed?(error: unknown, doing: string): void
  /** The watches of a resource were ended, and why. */
  reset?(resource: string, why: string): void
  undecodable?(resource: string, key: string, reason: string): void
}

export interface WatchCacheOptions {
  readonly storage: Storage
  readonly resources: readonly CachedResource[]
  /** What is watched; every resource's prefix begins with it. */
  readonly prefix?: string
  /** Per resource. */
  readonly history?: Partial<HistoryLimits>
  readonly observer?: WatchCacheObserver
}

const DEFAULT_HISTORY: HistoryLimits = { maxAgeMs: 5 * 60_000, maxBytes: 64 * 1024 * 1024, minEvents: 100 }
const EVICTION_INTERVAL_MS = 10_000
/** How often it is asked whether the store is still the same one. */
const VERIFY_INTERVAL_MS = 5_000

/** Returns at once; the first fill goes on in the background and outlives any loss of the store. */
export function createWatchCache(options: WatchCacheOptions): WatchCache {
  return new StoreCache(options)
}

class StoreCache implements WatchCache {
  readonly #router = new Router()
  /** Those that readiness waits for. */
  readonly #initial: Set<ResourceStore>
  readonly #freshness: Freshness
  readonly #ingest: Ingest
  readonly #observer: WatchCacheObserver
  readonly #surroundings: ResourceSurroundings
  readonly #eviction: NodeJS.Timeout
  readonly #verification: NodeJS.Timeout
  #whenReady = new Set<() => void>()

  constructor(options: WatchCacheOptions) {
    const { storage } = options
    this.#observer = options.observer ?? {}
    this.#freshness = new Freshness(storage, () => this.#verify())
    const history = { ...DEFAULT_HISTORY, ...options.history }
    this.#ingest = new Ingest({
      storage,
      prefix: options.prefix ?? '/registry/',
      router: this.#router,
      freshness: this.#freshness,
      history,
      observer: {
        failed: (error, doing) => this.#observer.failed?.(error, doing),
        filledChanged: () => this.#announceReady(),
      },
    })
    this.#surroundings = {
      storage,
      freshness: this.#freshness,
      history,
      backfilled: () => this.#ingest.backfilled,
      owns: (resource, key) => this.#router.ownerOf(key)?.resource === resource,
      failed: (error, doing) => this.#observer.failed?.(error, doing),
      wasReset: (resource, why) => this.#observer.reset?.(resource.name, why),
      undecodable: (resource, key, reason) => this.#observer.undecodable?.(resource.name, key, reason),
    }
    this.#initial = new Set(options.resources.map((resource) => this.#register(resource)))
    this.#ingest.start()
    this.#eviction = setInterval(() => this.#evictOld(), EVICTION_INTERVAL_MS).unref()
    this.#verification = setInterval(() => this.#verify(), VERIFY_INTERVAL_MS).unref()
  }

  get(name: string): ResourceCache | undefined {
    return this.#router.get(name)
  }

  resources(): IterableIterator<ResourceCache> {
    return this.#router.values()
  }

  add(resource: CachedResource): ResourceCache {
    const store = this.#register(resource)
    this.#ingest.join(store)
    return store
  }

  remove(name: string): void {
    const store = this.#router.remove(name)
    if (store === undefined) return
    this.#initial.delete(store)
    store.drop('the resource was removed')
  }

  get ready(): boolean {
    return this.#ingest.isBackfilled && [...this.#initial].every((store) => store.filled)
  }

  async whenReady(signal?: AbortSignal): Promise<void> {
    while (!this.ready) {
      signal?.throwIfAborted()
      this.#ingest.signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#whenReady.add(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  get revision(): Revision {
    return this.#freshness.revision
  }

  consistentRevision(): Promise<Revision> {
    return this.#freshness.consistentRevision()
  }

  waitFor(revision: Revision, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    return this.#freshness.waitFor(revision, timeoutMs, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#eviction)
    clearInterval(this.#verification)
    this.#freshness.close()
    await this.#ingest.stop()
    this.#announceReady()
  }

  #register(resource: CachedResource): ResourceStore {
    const store = new ResourceStore(resource, this.#surroundings)
    this.#router.add(store)
    return store
  }

  /** Wakes all who wait for readiness: they look for themselves. */
  #announceReady(): void {
    const waiting = this.#whenReady
    this.#whenReady = new Set()
    for (const wake of waiting) wake()
  }

  #evictOld(): void {
    const nowMs = performance.now()
    for (const store of this.#router.values()) store.evictOld(nowMs)
  }

  #verify(): void {
    // A store that does not answer is not another store: whatever follows it finds that out by itself.
    this.#ingest.verify().catch((error: unknown) => this.#observer.failed?.(error, 'verifying the store'))
  }
}
