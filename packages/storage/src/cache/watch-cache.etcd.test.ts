// The cache over a real etcd: what only it can show.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createEtcdStorage } from '../etcd/storage.ts'
import { type Revision, type Storage, toStorageKey } from '../storage.ts'
import { type EtcdCluster, startEtcd } from '../testing/etcd-process.ts'
import { encode, pods } from './testing/objects.ts'
import { required, until } from './testing/open-cache.ts'
import { createWatchCache } from './watch-cache.ts'

const consistent = { kind: 'consistent' } as const

describe('the cache over etcd', () => {
  let etcd: EtcdCluster
  let storage: Storage

  before(async () => {
    etcd = await startEtcd()
    storage = await createEtcdStorage({ endpoints: etcd.endpoints })
  })

  after(async () => {
    await storage[Symbol.asyncDispose]()
    await etcd[Symbol.asyncDispose]()
  })

  const create = async (name: string): Promise<Revision> => {
    const key = toStorageKey(`/registry/pods/a/${name}`)
    const created = await storage.create(key, Buffer.from(encode({ namespace: 'a', name })))
    assert.ok(created.outcome === 'created')
    return created.revision
  }

  test('of an empty store it is ready at once', async () => {
    const startedMs = performance.now()
    await using cache = createWatchCache({ storage, resources: [pods] })
    await cache.whenReady()
    assert.ok(performance.now() - startedMs < 1_000)
  })

  test('an etcd that is killed and comes back: no watch ends, no event is lost', async () => {
    const resets: string[] = []
    const observer = { reset: (resource: string) => resets.push(resource) }
    await using cache = createWatchCache({ storage, resources: [pods], observer })
    await cache.whenReady()
    const resource = required(cache.get('pods'))
    const first = await create('before')
    // Its event is here: with etcd it would be gone until the end.
    assert.equal((await resource.get('a', 'before', consistent)).outcome, 'found')
    const member = required(etcd.members[0])
    await member.kill()
    await assert.rejects(resource.get('a', 'before', consistent))
    assert.equal((await resource.get('a', 'before', { kind: 'atLeast', revision: first })).outcome, 'found')
    await member.restart()
    const second = await create('after')
    assert.equal((await resource.get('a', 'after', consistent)).outcome, 'found')
    const position = resource.seek(first)
    assert.ok(position.outcome === 'found')
    assert.equal(resource.eventAt(position.cursor)?.revision, second)
    assert.deepEqual(resets, [])
  })

  test('after a restart, watches resume from 10,000 events ago', async () => {
    const first = await create('first')
    let next = 0
    const write = async (): Promise<void> => {
      while (next < 10_000) await create(`pod-${next++}`)
    }
    await Promise.all(Array.from({ length: 64 }, write))
    await using cache = createWatchCache({ storage, resources: [pods] })
    await cache.whenReady(AbortSignal.timeout(10_000))
    const resource = required(cache.get('pods'))
    await until(() => resource.seek(first).outcome === 'found')
    const position = resource.seek(first)
    assert.equal(position.outcome === 'found' && resource.end - position.cursor, 10_000)
  })
})
