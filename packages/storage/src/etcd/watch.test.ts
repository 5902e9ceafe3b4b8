// Watches whose connection breaks, whose history is compacted meanwhile, whose messages come in fragments.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type EtcdCluster, startEtcd } from '../testing/etcd-process.ts'
import { bytes, freshPrefix, keyIn } from '../testing/keys.ts'
import { startTcpProxy } from '../testing/tcp-proxy.ts'
import { watchTo, watchUntil } from '../testing/watch-log.ts'
import { createEtcdStorage } from './storage.ts'

let etcd: EtcdCluster
before(async () => {
  etcd = await startEtcd()
})
after(() => etcd[Symbol.asyncDispose]())

/** A storage behind a line that can be broken, and one that is not disturbed. */
async function disturbed(watchScope: 'keyspace' | 'prefix' = 'keyspace') {
  const proxy = await startTcpProxy(etcd.members[0]?.clientPort ?? 0)
  const storage = await createEtcdStorage({ endpoints: [proxy.endpoint], watchScope, compactionIntervalMs: 0 })
  const other = await createEtcdStorage({ endpoints: etcd.endpoints, compactionIntervalMs: 0 })
  return {
    proxy,
    storage,
    other,
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

describe('a watch over a line that breaks', () => {
  for (const { scope, writers } of [
    { scope: 'keyspace', writers: 50 },
    { scope: 'prefix', writers: 30 },
  ] as const) {
    const events = writers * 100
    test(`${scope}: ${events} events, the connection cut every 900 KB, none lost or doubled`, async () => {
      await using stage = await disturbed(scope)
      const prefix = freshPrefix()
      const start = await stage.other.currentRevision()
      // The past comes in messages of up to 1,000 revisions: one must fit between two cuts.
      const value = Buffer.alloc(500, 'x')
      const write = async (writer: number): Promise<void> => {
        for (let index = 0; index < 100; index++) await stage.other.create(keyIn(prefix, `${writer}-${index}`), value)
      }
      stage.proxy.cutAfter(900_000)
      stage.proxy.cut()
      const watching = watchUntil(stage.storage, prefix, start, (log) => log.events.length >= events, {
        timeoutMs: 60_000,
      })
      await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))
      assert.equal((await watching).events.length, events)
      assert.ok(stage.proxy.connections > 2, `${stage.proxy.connections} connections`)
    })
  }

  test('a watch lives through an outage, and sees what happened in it', async () => {
    await using stage = await disturbed()
    const prefix = freshPrefix()
    const start = await stage.other.currentRevision()
    const watching = watchUntil(stage.storage, prefix, start, (log) => log.events.length === 2)
    await stage.other.create(keyIn(prefix, 'before'), bytes('x'))
    await watchUntil(stage.storage, prefix, start, (log) => log.events.length === 1)
    stage.proxy.refuse(true)
    stage.proxy.cut()
    await stage.other.create(keyIn(prefix, 'meanwhile'), bytes('x'))
    stage.proxy.refuse(false)
    assert.deepEqual(
      (await watching).events.map((event) => event.key),
      [keyIn(prefix, 'before'), keyIn(prefix, 'meanwhile')],
    )
  })

  test('what was compacted in an outage is told, not skipped', async () => {
    await using stage = await disturbed()
    const prefix = freshPrefix()
    const start = await stage.other.currentRevision()
    await stage.other.create(keyIn(prefix, 'a'), bytes('1'))
    const watching = watchUntil(stage.storage, prefix, start, () => false, {
      onMessage: (message) => {
        if (message.type === 'compacted') return
        stage.proxy.refuse(true)
        stage.proxy.cut()
        void loseHistory().then(() => stage.proxy.refuse(false))
      },
    })
    const loseHistory = async (): Promise<void> => {
      for (const name of ['b', 'c', 'd']) await stage.other.create(keyIn(prefix, name), bytes('x'))
      await stage.other.compact(await stage.other.currentRevision())
    }
    const log = await watching
    assert.ok(log.compactedAt !== undefined)
    assert.deepEqual(
      log.events.map((event) => event.key),
      [keyIn(prefix, 'a')],
    )
  })

  test('a line that hangs is noticed, and another is made', async () => {
    await using stage = await disturbed()
    const prefix = freshPrefix()
    const start = await stage.other.currentRevision()
    const watching = watchUntil(stage.storage, prefix, start, (log) => log.events.length === 2)
    await stage.other.create(keyIn(prefix, 'before'), bytes('x'))
    await watchUntil(stage.storage, prefix, start, (log) => log.events.length === 1)
    stage.proxy.stall(true)
    const before = stage.proxy.connections
    while (stage.proxy.connections === before) await new Promise((resolve) => setImmediate(resolve))
    stage.proxy.stall(false)
    await stage.other.create(keyIn(prefix, 'after'), bytes('x'))
    assert.equal((await watching).events.length, 2)
  })
})

test('messages in fragments: the many keys of one lease end in one message to the reader', async () => {
  await using stage = await disturbed()
  const prefix = freshPrefix() + 'k'.repeat(4000)
  const start = await stage.other.currentRevision()
  const names = Array.from({ length: 900 }, (_, index) => `${index}`)
  await Promise.all(names.map((name) => stage.other.create(keyIn(prefix, name), bytes('x'), { leaseSeconds: 2 })))
  const deletions: number[] = []
  const log = await watchUntil(stage.storage, prefix, start, (seen) => seen.events.length === 1800, {
    withPrevious: true,
    timeoutMs: 30_000,
    onMessage: (message) => {
      if (message.type === 'events') deletions.push(message.events.filter((event) => event.type === 'delete').length)
    },
  })
  const revisions = new Set(log.events.filter((event) => event.type === 'delete').map((event) => event.revision))
  assert.ok(deletions.filter((count) => count > 0).length <= revisions.size)
  assert.ok(revisions.size < 100, `${revisions.size} leases for keys that were written together`)
})

test('a watch of a prefix ignores untrustworthy progress, and announces its own events', async () => {
  await using stage = await disturbed('prefix')
  const prefix = freshPrefix()
  const start = await stage.other.currentRevision()
  const created = await stage.other.create(keyIn(prefix, 'a'), bytes('x'))
  assert.ok(created.outcome === 'created')
  const log = await watchTo(stage.storage, prefix, start, created.revision)
  assert.equal(log.events.length, 1)
})
