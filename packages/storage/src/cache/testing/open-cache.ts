// Opens a cache for a test and closes it with the test.
import assert from 'node:assert/strict'
import type { CacheListOptions, CacheListing, CachedResource, ResourceCache, WatchCache } from '../types.ts'
import { type WatchCacheOptions, createWatchCache } from '../watch-cache.ts'
import type { MemoryStorage } from './memory-storage.ts'
import { nodes, pods } from './objects.ts'

export interface OpenCache extends AsyncDisposable {
  readonly cache: WatchCache
  readonly pods: ResourceCache
  readonly nodes: ResourceCache
  /** What the cache told its observer: `reset pods`, `mismatch pods /registry/…`. */
  readonly told: string[]
}

/** Pods and nodes over the storage; not yet filled. */
export function openCache(
  storage: MemoryStorage,
  options: Partial<WatchCacheOptions> & { readonly resources?: readonly CachedResource[] } = {},
): OpenCache {
  const told: string[] = []
  const cache = createWatchCache({
    storage,
    resources: [pods, nodes],
    observer: {
      failed: (error, doing) => told.push(`failed ${doing}: ${String(error)}`),
      reset: (resource) => told.push(`reset ${resource}`),
      undecodable: (resource, key) => told.push(`undecodable ${resource} ${key}`),
      mismatch: (resource, key) => told.push(`mismatch ${resource} ${key}`),
    },
    ...options,
  })
  return {
    cache,
    pods: required(cache.get('pods')),
    nodes: required(cache.get('nodes')),
    told,
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  }
}

/** Filled, with its history. */
export async function openFilled(storage: MemoryStorage, options: Partial<WatchCacheOptions> = {}): Promise<OpenCache> {
  const opened = openCache(storage, options)
  await opened.cache.whenReady(AbortSignal.timeout(5000))
  return opened
}

export function required<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined)
  return value
}

export async function listed(resource: ResourceCache, options: CacheListOptions): Promise<CacheListing> {
  const answer = await resource.list(options)
  assert.ok(answer.outcome === 'listed', answer.outcome)
  return answer
}

/** `namespace/name` of each. */
export function names(listing: CacheListing): string[] {
  return listing.entries.map(({ namespace, name }) => `${namespace}/${name}`)
}

/** Looks after every turn of the loop until it is so. */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not so after ${timeoutMs} ms: ${String(condition)}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
