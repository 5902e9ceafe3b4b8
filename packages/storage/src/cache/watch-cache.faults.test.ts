// The store is away, is late, lies, forgets, becomes another one; a value cannot be read. What readers and watchers see.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StorageUnavailable, toRevision } from '../storage.ts'
import { MemoryStorage } from './testing/memory-storage.ts'
import { encode, pod, podKey, testResource } from './testing/objects.ts'
import { listed, names, openCache, openFilled, until } from './testing/open-cache.ts'

const consistent = { kind: 'consistent' } as const
const any = { kind: 'any' } as const

// At the same time, because some wait for seconds on purpose.
describe('the cache and a store in trouble', { concurrency: true }, () => {
  test('a store that is away at the start: reads fail in time, and all is well when it comes', async () => {
    const storage = new MemoryStorage()
    storage.write(pod({ namespace: 'a', name: 'x' }))
    storage.unavailable = true
    await using opened = openCache(storage)
    const startedMs = performance.now()
    await assert.rejects(opened.pods.list({ freshness: consistent }), StorageUnavailable)
    await assert.rejects(opened.pods.get('a', 'x', any), StorageUnavailable)
    assert.ok(performance.now() - startedMs < 5_500)
    assert.equal(opened.cache.ready, false)
    storage.unavailable = false
    await opened.cache.whenReady(AbortSignal.timeout(5000))
    assert.deepEqual(names(await listed(opened.pods, { freshness: any })), ['a/x'])
  })

  test('a store that goes away: reads of what is here go on, others fail, watches stay', async () => {
    const storage = new MemoryStorage()
    storage.write(pod({ namespace: 'a', name: 'x' }))
    await using opened = await openFilled(storage)
    storage.unavailable = true
    assert.deepEqual(names(await listed(opened.pods, { freshness: any })), ['a/x'])
    await assert.rejects(opened.pods.get('a', 'x', consistent), StorageUnavailable)
    storage.unavailable = false
    storage.write(pod({ namespace: 'a', name: 'y' }))
    assert.equal((await opened.pods.get('a', 'y', consistent)).outcome, 'found')
    assert.deepEqual(opened.told, [])
  })

  test('a watch that is late by seconds: consistent reads are answered by the store', async () => {
    const storage = new MemoryStorage()
    await using opened = await openFilled(storage)
    storage.hold()
    const revision = storage.write(pod({ namespace: 'a', name: 'x', labels: { app: 'web' } }))
    const [got, page, tooNew] = await Promise.all([
      opened.pods.get('a', 'x', consistent),
      listed(opened.pods, { freshness: consistent, namespace: 'a', limit: 10 }),
      opened.pods.list({ freshness: { kind: 'atLeast', revision } }),
    ])
    assert.equal(got.outcome === 'found' && got.entry.revision, revision)
    assert.deepEqual([names(page), page.revision], [['a/x'], revision])
    assert.deepEqual(tooNew, { outcome: 'tooLarge', current: toRevision(revision - 1) })
  })

  test('a store that is slow to replay the past: the start goes on without it, who needs it may wait', async () => {
    const storage = new MemoryStorage()
    const before = storage.write(pod({ namespace: 'a', name: 'x' }))
    storage.write(pod({ namespace: 'a', name: 'y' }))
    storage.hold()
    await using opened = openCache(storage)
    await opened.pods.whenFilled(AbortSignal.timeout(4000))
    assert.equal(opened.pods.seek(before).outcome, 'gone')
    const backfilled = opened.pods.whenBackfilled()
    storage.release()
    await backfilled
    assert.equal(opened.pods.seek(before).outcome, 'found')
  })

  test('a revision that touched no object is asked for, not waited for', async () => {
    const storage = new MemoryStorage()
    storage.announcesAll = false
    await using opened = await openFilled(storage)
    storage.write({ '/elsewhere': 'x' })
    const asked = storage.progressRequests
    const listing = await listed(opened.pods, { freshness: consistent })
    assert.equal(listing.revision, storage.revision)
    assert.equal(storage.progressRequests, asked + 1)
  })

  test('a read waits no longer than its client', async () => {
    const storage = new MemoryStorage()
    await using opened = await openFilled(storage)
    const gone = new AbortController()
    const reading = opened.pods.get('a', 'x', { kind: 'atLeast', revision: toRevision(99) }, gone.signal)
    gone.abort(new Error('the client went away'))
    await assert.rejects(reading, /the client went away/)
  })

  test('events that were compacted before they came: watches end, and the state is right', async () => {
    const storage = new MemoryStorage()
    storage.write(pod({ namespace: 'a', name: 'x' }))
    await using opened = await openFilled(storage)
    let resets = 0
    opened.pods.onReset(() => resets++)
    const cursor = opened.pods.end
    storage.hold()
    storage.write({ [podKey('a', 'x')]: undefined })
    const revision = storage.write(pod({ namespace: 'a', name: 'y' }))
    await storage.compact(revision)
    storage.release()
    await until(() => resets === 1)
    assert.deepEqual(names(await listed(opened.pods, { freshness: consistent })), ['a/y'])
    assert.ok(cursor < opened.pods.begin, 'an old cursor is never taken for a new one')
    assert.equal(opened.pods.eventAt(cursor), undefined)
  })

  test('another store: everything is dropped and read again', async () => {
    const storage = new MemoryStorage()
    for (const name of ['x', 'y']) storage.write(pod({ namespace: 'a', name }))
    await using opened = await openFilled(storage)
    let resets = 0
    opened.pods.onReset(() => resets++)
    storage.becomeAnother('restored')
    storage.write(pod({ namespace: 'a', name: 'z' }))
    // The first reader to hear of a revision that went back sets it off.
    await opened.cache.consistentRevision()
    await until(() => resets > 0)
    await until(() => opened.pods.size === 1)
    const listing = await listed(opened.pods, { freshness: consistent })
    assert.deepEqual([names(listing), listing.revision], [['a/z'], storage.revision])
  })

  test('a value that cannot be read stops its resource only, until it is mended', async () => {
    const storage = new MemoryStorage()
    storage.write({
      [podKey('a', 'bad')]: 'k8s\0protobuf',
      [podKey('b', 'good')]: encode({ namespace: 'b', name: 'good' }),
    })
    storage.write({ '/registry/minions/n': encode({ name: 'n' }) })
    await using opened = await openFilled(storage)
    assert.equal(opened.pods.ready, false)
    assert.match(String(opened.pods.notReadyReason), /\/registry\/pods\/a\/bad cannot be decoded: /)
    assert.ok(opened.nodes.ready)
    assert.deepEqual(names(await listed(opened.nodes, { freshness: consistent })), ['/n'])
    assert.deepEqual(names(await listed(opened.pods, { freshness: consistent, namespace: 'b' })), ['b/good'])
    await assert.rejects(opened.pods.list({ freshness: consistent }), /a\/bad cannot be decoded/)
    await assert.rejects(opened.pods.get('a', 'bad', consistent), /a\/bad cannot be decoded/)
    let resets = 0
    opened.pods.onReset(() => resets++)
    storage.write(pod({ namespace: 'a', name: 'bad' }))
    assert.deepEqual(names(await listed(opened.pods, { freshness: consistent })), ['a/bad', 'b/good'])
    assert.deepEqual([opened.pods.ready, resets], [true, 1])
  })

  test('a value that becomes unreadable and is deleted', async () => {
    const storage = new MemoryStorage()
    storage.write(pod({ namespace: 'a', name: 'x' }))
    await using opened = await openFilled(storage)
    storage.write({ [podKey('a', 'x')]: '{' })
    await assert.rejects(opened.pods.get('a', 'x', consistent), /a\/x cannot be decoded/)
    storage.write({ [podKey('a', 'x')]: undefined })
    assert.equal((await opened.pods.get('a', 'x', consistent)).outcome, 'missing')
    assert.deepEqual(opened.told, ['undecodable pods /registry/pods/a/x', 'reset pods'])
  })

  test('a resource joins while objects of it are written', async () => {
    const storage = new MemoryStorage()
    const widgets = testResource('widgets.example.com', '/registry/example.com/widgets/')
    storage.write({ '/registry/example.com/widgets/a/x': encode({ namespace: 'a', name: 'x' }) })
    await using opened = await openFilled(storage)
    storage.hold()
    storage.write({ '/registry/example.com/widgets/a/y': encode({ namespace: 'a', name: 'y' }) })
    const joined = opened.cache.add(widgets)
    const between = storage.write({ '/registry/example.com/widgets/a/x': undefined })
    await joined.whenFilled()
    storage.release()
    const last = storage.write({ '/registry/example.com/widgets/a/z': encode({ namespace: 'a', name: 'z' }) })
    assert.deepEqual(names(await listed(joined, { freshness: consistent })), ['a/y', 'a/z'])
    const position = joined.seek(between)
    assert.ok(position.outcome === 'found')
    assert.equal(joined.eventAt(position.cursor)?.revision, last)
    opened.cache.remove('widgets.example.com')
    assert.deepEqual([opened.cache.get('widgets.example.com'), opened.told], [undefined, ['reset widgets.example.com']])
  })

  test('what differs from the store is found and read again', async () => {
    const storage = new MemoryStorage()
    for (let index = 0; index < 5; index++) storage.write(pod({ namespace: 'a', name: `pod-${index}` }))
    await using opened = await openFilled(storage, { checkIntervalMs: 5 })
    storage.corrupt(podKey('a', 'pod-3'), undefined)
    await until(() => opened.pods.size === 4)
    assert.deepEqual(opened.told, ['mismatch pods /registry/pods/a/pod-3', 'reset pods'])
  })
})
