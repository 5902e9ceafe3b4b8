// The cache over a store in memory: what a reader and a watcher see.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Revision } from '../storage.ts'
import { MemoryStorage } from './testing/memory-storage.ts'
import { nodes, pod, podKey, pods } from './testing/objects.ts'
import type { CacheListOptions, CacheListing, ResourceCache, WatchCache } from './types.ts'
import { type WatchCacheOptions, createWatchCache } from './watch-cache.ts'

async function open(
  storage: MemoryStorage,
  options: Partial<WatchCacheOptions> = {},
): Promise<{ cache: WatchCache; podCache: ResourceCache; [Symbol.asyncDispose](): Promise<void> }> {
  const cache = createWatchCache({ storage, resources: [pods, nodes], ...options })
  await cache.whenReady(AbortSignal.timeout(5000))
  return { cache, podCache: required(cache.get('pods')), [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose]() }
}

function required<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined)
  return value
}

async function listed(resource: ResourceCache, options: CacheListOptions): Promise<CacheListing> {
  const answer = await resource.list(options)
  assert.equal(answer.outcome, 'listed')
  return answer.outcome === 'listed' ? answer : assert.fail()
}

const names = (listing: CacheListing): string[] => listing.entries.map(({ namespace, name }) => `${namespace}/${name}`)
const consistent = { kind: 'consistent' } as const
const exact = (revision: Revision) => ({ kind: 'exact', revision }) as const

test('a consistent list holds every write that came before it, in the order of etcd', async () => {
  const storage = new MemoryStorage()
  storage.write(pod({ namespace: 'a', name: 'one' }))
  storage.write(pod({ namespace: 'a-b', name: 'two' }))
  await using opened = await open(storage)
  storage.write(pod({ namespace: 'a.c', name: 'three' }))
  const revision = storage.write(pod({ namespace: 'a', name: 'zero' }))
  const listing = await listed(opened.podCache, { freshness: consistent })
  assert.deepEqual(names(listing), ['a-b/two', 'a.c/three', 'a/one', 'a/zero'])
  assert.equal(listing.revision, revision)
  assert.match(
    String(listing.entries[3]?.json),
    new RegExp(`"metadata":{"resourceVersion":"${revision}","name":"zero"`),
  )
})

test('pages at one revision are served from memory while objects change', async () => {
  const storage = new MemoryStorage()
  for (let index = 0; index < 10; index++) storage.write(pod({ namespace: 'a', name: `pod-${index}` }))
  await using opened = await open(storage)
  const first = await listed(opened.podCache, { freshness: consistent, limit: 4 })
  assert.equal(first.remaining, 6)
  storage.write({ [podKey('a', 'pod-5')]: undefined })
  storage.write(pod({ namespace: 'a', name: 'pod-55' }))
  await opened.podCache.get('a', 'pod-55', consistent)
  const calls = storage.listCalls
  const second = await listed(opened.podCache, {
    freshness: exact(first.revision),
    limit: 4,
    after: required(first.continueAfter),
  })
  assert.deepEqual(names(second), ['a/pod-4', 'a/pod-5', 'a/pod-6', 'a/pod-7'])
  assert.equal(second.revision, first.revision)
  assert.equal(second.remaining, 2)
  assert.equal(storage.listCalls, calls)
})

test('a watch resumes from before the restart', async () => {
  const storage = new MemoryStorage()
  const before = storage.write(pod({ namespace: 'a', name: 'one' }))
  storage.write(pod({ namespace: 'a', name: 'one', data: 'changed' }))
  storage.write({ [podKey('a', 'one')]: undefined })
  await using opened = await open(storage)
  const position = opened.podCache.seek(before)
  assert.equal(position.outcome, 'found')
  const cursor = position.outcome === 'found' ? position.cursor : -1
  assert.equal(opened.podCache.eventAt(cursor)?.type, 'MODIFIED')
  assert.equal(opened.podCache.eventAt(cursor)?.previous?.revision, before)
  assert.equal(opened.podCache.eventAt(cursor + 1)?.type, 'DELETED')
  assert.equal(opened.podCache.end, cursor + 2)
})
