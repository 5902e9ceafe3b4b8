// The cache over a store in memory: what a reader and a watcher see.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldSelector } from '@keelson/apimachinery'
import { type Revision } from '../storage.ts'
import type { ResourceCache } from './types.ts'
import { MemoryStorage } from './testing/memory-storage.ts'
import { encode, nodes, pod, podKey, pods, testResource } from './testing/objects.ts'
import { listed, names, openFilled, required } from './testing/open-cache.ts'

const consistent = { kind: 'consistent' } as const
const exact = (revision: Revision) => ({ kind: 'exact', revision }) as const

test('a consistent list holds every write that came before it, in the order of etcd', async () => {
  const storage = new MemoryStorage()
  storage.write(pod({ namespace: 'a', name: 'one' }))
  storage.write(pod({ namespace: 'a-b', name: 'two' }))
  await using opened = await openFilled(storage)
  storage.write(pod({ namespace: 'a.c', name: 'three' }))
  const revision = storage.write(pod({ namespace: 'a', name: 'zero' }))
  const listing = await listed(opened.pods, { freshness: consistent })
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
  await using opened = await openFilled(storage)
  const first = await listed(opened.pods, { freshness: consistent, limit: 4 })
  assert.equal(first.remaining, 6)
  storage.write({ [podKey('a', 'pod-5')]: undefined })
  storage.write(pod({ namespace: 'a', name: 'pod-55' }))
  await opened.pods.get('a', 'pod-55', consistent)
  const calls = storage.listCalls
  const second = await listed(opened.pods, {
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
  await using opened = await openFilled(storage)
  const position = opened.pods.seek(before)
  assert.equal(position.outcome, 'found')
  const cursor = position.outcome === 'found' ? position.cursor : -1
  assert.equal(opened.pods.eventAt(cursor)?.type, 'MODIFIED')
  assert.equal(opened.pods.eventAt(cursor)?.previous?.revision, before)
  assert.equal(opened.pods.eventAt(cursor + 1)?.type, 'DELETED')
  assert.equal(opened.pods.end, cursor + 2)
})

test('a page of a listing is complete though only its namespace was asked for', async () => {
  const storage = new MemoryStorage()
  for (const namespace of ['a', 'b', 'b-c']) {
    for (const name of ['x', 'y', 'z']) storage.write(pod({ namespace, name }))
  }
  await using opened = await openFilled(storage)
  const first = await listed(opened.pods, { freshness: consistent, namespace: 'b', limit: 2 })
  assert.deepEqual([names(first), first.remaining], [['b/x', 'b/y'], 1])
  const after = required(first.continueAfter)
  const second = await listed(opened.pods, { freshness: exact(first.revision), namespace: 'b', limit: 2, after })
  assert.deepEqual([names(second), second.continueAfter], [['b/z'], undefined])
})

test('pages with a selector hold what matches, and say that there is more only when there is', async () => {
  const storage = new MemoryStorage()
  for (let index = 0; index < 8; index++) {
    storage.write(pod({ namespace: 'a', name: `pod-${index}`, labels: { even: String(index % 2 === 0) } }))
  }
  await using opened = await openFilled(storage)
  const labelSelector = {
    requirements: [],
    matchesEverything: false,
    matches: (labels: Readonly<Record<string, string>> | undefined) => labels?.['even'] === 'true',
  }
  const first = await listed(opened.pods, { freshness: consistent, labelSelector, limit: 2 })
  assert.deepEqual([names(first), first.remaining], [['a/pod-0', 'a/pod-2'], undefined])
  const after = required(first.continueAfter)
  const second = await listed(opened.pods, { freshness: exact(first.revision), labelSelector, limit: 2, after })
  assert.deepEqual([names(second), second.continueAfter], [['a/pod-4', 'a/pod-6'], undefined])
})

test('an object is found by name, by owner, by node', async () => {
  const storage = new MemoryStorage()
  storage.write(pod({ namespace: 'b', name: 'x', nodeName: 'node-1', owner: 'uid-owner' }))
  storage.write(pod({ namespace: 'a', name: 'x', nodeName: 'node-2', owner: 'uid-owner' }))
  storage.write(pod({ namespace: 'a', name: 'y', nodeName: 'node-1' }))
  await using opened = await openFilled(storage)
  const bySelector = async (field: string, value: string, namespace = ''): Promise<string[]> =>
    names(await listed(opened.pods, { freshness: consistent, namespace, fieldSelector: equals(field, value) }))
  assert.deepEqual(await bySelector('metadata.name', 'x'), ['a/x', 'b/x'])
  assert.deepEqual(await bySelector('metadata.name', 'x', 'b'), ['b/x'])
  assert.deepEqual(await bySelector('metadata.namespace', 'a'), ['a/x', 'a/y'])
  assert.deepEqual(await bySelector('metadata.namespace', 'a', 'b'), [])
  assert.deepEqual(await bySelector('spec.nodeName', 'node-1'), ['a/y', 'b/x'])
  assert.deepEqual(
    opened.pods
      .byOwner('uid-owner')
      .map((entry) => entry.key)
      .sort(),
    [podKey('a', 'x'), podKey('b', 'x')],
  )
  storage.write(pod({ namespace: 'b', name: 'x', nodeName: 'node-2' }))
  assert.deepEqual(await bySelector('spec.nodeName', 'node-1'), ['a/y'])
  assert.equal(opened.pods.byOwner('uid-owner').length, 1)
})

test('keys that are no objects, and kinds that are not served, are not looked at', async () => {
  const storage = new MemoryStorage()
  storage.write({ '/registry/ranges/serviceips': 'bits', '/registry/masterleases/10.0.0.1': 'lease' })
  await using opened = await openFilled(storage)
  storage.write({ '/registry/peerserverleases/a': 'lease', '/registry/gadgets/a/b': 'what' })
  const revision = storage.write({ [podKey('a', 'x')]: encode({ namespace: 'a', name: 'x' }) })
  assert.equal((await listed(opened.pods, { freshness: consistent })).revision, revision)
  assert.deepEqual(opened.told, [])
})

test('a resource with a longer prefix keeps its objects to itself', async () => {
  const storage = new MemoryStorage()
  storage.write({
    '/registry/pods/a/x': encode({ namespace: 'a', name: 'x' }),
    '/registry/pods/y': encode({ name: 'y' }),
  })
  const inner = testResource('inner', '/registry/pods/a/', false)
  const outer = testResource('pods', '/registry/pods/', false)
  const nodes = testResource('nodes', '/registry/minions/', false)
  await using opened = await openFilled(storage, { resources: [outer, inner, nodes] })
  storage.write({ '/registry/pods/a/z': encode({ name: 'z' }) })
  assert.deepEqual(names(await listed(opened.pods, { freshness: consistent })), ['/y'])
  assert.equal((await listed(required(opened.cache.get('inner')), { freshness: consistent })).entries.length, 2)
})

test('many readers at once ask the store no more than twice', async () => {
  const storage = new MemoryStorage()
  await using opened = await openFilled(storage)
  const before = storage.revisionCalls
  await Promise.all(Array.from({ length: 100 }, () => opened.pods.get('a', 'x', consistent)))
  assert.equal(storage.revisionCalls - before, 2)
})

test('a subscriber hears once a turn of all that came, and of revisions that brought nothing', async () => {
  const storage = new MemoryStorage()
  await using opened = await openFilled(storage)
  await turn()
  const calls: string[] = []
  const begin = opened.pods.end
  opened.pods.subscribe((from, end) => calls.push(`${from - begin} ${end - begin}`))
  storage.batch = 1
  for (const name of ['x', 'y', 'z']) storage.write(pod({ namespace: 'a', name }))
  await opened.pods.get('a', 'z', consistent)
  await turn()
  assert.deepEqual(calls, ['0 3'])
  storage.write({ '/registry/minions/n': encode({ name: 'n' }) })
  await opened.nodes.get('', 'n', consistent)
  await turn()
  assert.deepEqual(calls, ['0 3', '3 3'])
})

test('an idle resource can be resumed for ever', async () => {
  const storage = new MemoryStorage()
  const revision = storage.write({ '/registry/minions/n': encode({ name: 'n' }) })
  await using opened = await openFilled(storage, { history: { maxBytes: 500, minEvents: 0 } })
  for (let index = 0; index < 50; index++) storage.write(pod({ namespace: 'a', name: `pod-${index}` }))
  await opened.pods.get('a', 'pod-49', consistent)
  assert.equal(opened.pods.seek(revision).outcome, 'gone')
  assert.deepEqual(opened.nodes.seek(revision), { outcome: 'found', cursor: opened.nodes.end })
})

test('a resource keeps as many events as it asks for, whatever their age', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const storage = new MemoryStorage()
  await using opened = await openFilled(storage, {
    resources: [{ ...pods, minHistoryEvents: 3 }, nodes],
    history: { maxAgeMs: -60_000, minEvents: 1 }, // What will be in a minute is too old already.
  })
  const podRevisions = [1, 2, 3, 4, 5].map((index) => storage.write(pod({ namespace: 'a', name: `pod-${index}` })))
  const nodeRevisions = [1, 2, 3].map((index) =>
    storage.write({ [`/registry/minions/${index}`]: encode({ name: 'n' }) }),
  )
  await opened.pods.get('a', 'pod-5', consistent)
  t.mock.timers.tick(10_000)
  const resumable = (resource: ResourceCache, revisions: readonly Revision[]): string[] =>
    revisions.map((revision) => resource.seek(revision).outcome)
  assert.deepEqual(resumable(opened.pods, podRevisions), ['gone', 'found', 'found', 'found', 'found'])
  assert.deepEqual(resumable(opened.nodes, nodeRevisions), ['gone', 'found', 'found'])
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

function equals(field: string, value: string): FieldSelector {
  return {
    requirements: [{ field, operator: '=', value }],
    matchesEverything: false,
    matches: (get) => get(field) === value,
    requiresExactMatch: (asked) => (asked === field ? value : undefined),
  }
}
