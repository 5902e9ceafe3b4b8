// createWatchCache: one Store, all its resources, in memory.
import { type Revision, type Storage, StorageUnavailable } from '../storage.ts'
import { checkForever } from './checker.ts'
import { Freshness } from './freshness.ts'
import type { HistoryLimits } from './history.ts'
import { Ingest } from './ingest.ts'
import { type ReadSurroundings, ResourceReads } from './resource.ts'
import { Router } from './router.ts'
import { ResourceStore } from './store.ts'
import type { CachedResource, ResourceCache, WatchCache } from './types.ts'

/** What the cache has to tell: for logs and metrics. Every member may be left out. */
export interface WatchCacheObserver {
  /** Something went wrong and is tried again, or was kept from doing harm. */
  failed?(error: unknown, doing: string): void
  /** What may have failed before was done. */
  succeeded?(doing: string): void
  /** The watches of a resource were ended, and why. */
  reset?(resource: string, why: string): void
  undecodable?(resource: string, key: string, reason: string): void
  /** The background check found the cache to differ from the store; the resource is being read again. */
  mismatch?(resource: string, key: string): void
}

export interface WatchCacheOptions {
  readonly storage: Storage
  readonly resources: readonly CachedResource[]
  /** What is watched; every resource's prefix begins with it. */
  readonly prefix?: string
  /** Per resource. */
  readonly history?: Partial<HistoryLimits>
  /** Pause between two comparisons of everything with the store. */
  readonly checkIntervalMs?: number
  readonly observer?: WatchCacheObserver
}

/** The bytes hold 10,000 changes of objects of 6 KB: as many as can be resumed across a restart (see backfill.ts). */
const DEFAULT_HISTORY: HistoryLimits = { maxAgeMs: 5 * 60_000, maxBytes: 64 * 1024 * 1024, minEvents: 100 }
/** Of all resources together. */
const MAX_HISTORY_BYTES = 128 * 1024 * 1024
const EVICTION_INTERVAL_MS = 10_000
/** How often it is asked whether the store is still the same one. */
const VERIFY_INTERVAL_MS = 5_000
const CHECK_INTERVAL_MS = 5 * 60_000

/** Returns at once; the first fill goes on in the background and outlives any loss of the store. */
export function createWatchCache(options: WatchCacheOptions): WatchCache {
  return new StoreCache(options)
}

class StoreCache implements WatchCache {
  readonly #router = new Router()
  readonly #reads = new Map<string, ResourceReads>()
  /** Those that readiness waits for. */
  readonly #initial = new Set<ResourceStore>()
  readonly #freshness: Freshness
  readonly #ingest: Ingest
  readonly #observer: WatchCacheObserver
  readonly #history: HistoryLimits
  readonly #around: ReadSurroundings
  readonly #eviction: NodeJS.Timeout
  readonly #verification: NodeJS.Timeout
  readonly #checking: Promise<void>
  #waitingForReady = new Set<() => void>()

  constructor(options: WatchCacheOptions) {
    const { storage, prefix = '/registry/', checkIntervalMs = CHECK_INTERVAL_MS } = options
    this.#observer = options.observer ?? {}
    this.#history = { ...DEFAULT_HISTORY, ...options.history }
    this.#freshness = new Freshness(storage, () => this.#verify())
    const failed = (error: unknown, doing: string): void => this.#observer.failed?.(error, doing)
    this.#ingest = new Ingest({
      storage,
      prefix,
      router: this.#router,
      freshness: this.#freshness,
      failed,
      succeeded: (doing) => this.#observer.succeeded?.(doing),
      changed: () => this.#wakeWaiting(),
    })
    this.#around = {
      storage,
      freshness: this.#freshness,
      backfilled: () => this.#ingest.backfilled,
      backfillEnded: () => this.#ingest.backfillEnded,
      owns: (resource, key) => this.#router.ownerOf(key)?.resource === resource,
    }
    for (const resource of options.resources) this.#initial.add(this.#register(resource).store)
    this.#ingest.start()
    this.#eviction = setInterval(() => this.#evict(), EVICTION_INTERVAL_MS).unref()
    this.#verification = setInterval(() => this.#verify(), VERIFY_INTERVAL_MS).unref()
    this.#checking = checkForever({
      storage,
      intervalMs: checkIntervalMs,
      signal: this.#ingest.signal,
      stores: () => this.#router.values(),
      revision: () => this.#freshness.revision,
      owns: (store, key) => this.#router.ownerOf(key) === store,
      mismatch: (store, key) => this.#rebuild(store, key),
      failed,
    })
  }

  get(name: string): ResourceCache | undefined {
    return this.#reads.get(name)
  }

  resources(): IterableIterator<ResourceCache> {
    return this.#reads.values()
  }

  add(resource: CachedResource): ResourceCache {
    const { store, reads } = this.#register(resource)
    this.#ingest.join(store)
    return reads
  }

  remove(name: string): void {
    const store = this.#router.remove(name)
    if (store === undefined) return
    this.#reads.delete(name)
    this.#initial.delete(store)
    store.drop('the resource was removed')
  }

  get ready(): boolean {
    if (!this.#ingest.isBackfilled) return false
    for (const store of this.#initial) if (!store.filled) return false
    return true
  }

  async whenReady(signal?: AbortSignal): Promise<void> {
    while (!this.ready) {
      signal?.throwIfAborted()
      this.#ingest.signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#waitingForReady.add(resolve)
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
    await this.#checking
    this.#wakeWaiting()
  }

  #register(resource: CachedResource): { store: ResourceStore; reads: ResourceReads } {
    const { minHistoryEvents: minEvents = this.#history.minEvents } = resource
    const store = new ResourceStore(
      resource,
      { ...this.#history, minEvents },
      {
        failed: (error, doing) => this.#observer.failed?.(error, doing),
        wasReset: ({ name }, why) => this.#observer.reset?.(name, why),
        undecodable: ({ name }, key, reason) => this.#observer.undecodable?.(name, key, reason),
      },
    )
    this.#router.add(store)
    const reads = new ResourceReads(store, this.#around)
    this.#reads.set(resource.name, reads)
    return { store, reads }
  }

  /** Wakes all who wait for readiness: they look for themselves. */
  #wakeWaiting(): void {
    const waiting = this.#waitingForReady
    this.#waitingForReady = new Set()
    for (const wake of waiting) wake()
  }

  /** When all histories together are too large, each gives up the same share. */
  #evict(): void {
    const nowMs = performance.now()
    let bytes = 0
    for (const store of this.#router.values()) bytes += store.history.bytes
    const share = Math.min(1, MAX_HISTORY_BYTES / bytes)
    for (const store of this.#router.values()) store.evict(nowMs, store.history.bytes * share)
  }

  #verify(): void {
    this.#ingest.verify().catch((error: unknown) => {
      // A store that does not answer is not another store.
      if (!(error instanceof StorageUnavailable)) this.#observer.failed?.(error, 'verifying the store')
    })
  }

  #rebuild(store: ResourceStore, key: string): void {
    this.#observer.mismatch?.(store.resource.name, key)
    this.#ingest.rebuild(store)
  }
}
