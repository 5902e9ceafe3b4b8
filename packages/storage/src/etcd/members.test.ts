// Members that die, hang, are not there yet, or have no room left.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OutcomeUnknown, type Storage, StorageFull, StorageUnavailable } from '../storage.ts'
import { type EtcdCluster, startEtcd } from '../testing/etcd-process.ts'
import { bytes, freshPrefix, keyIn } from '../testing/keys.ts'
import { watchUntil } from '../testing/watch-log.ts'
import { createEtcdStorage } from './storage.ts'

/** Increments a counter until told to stop; what it was told is compared with what is stored. */
class CountingWriter {
  done = 0
  unknown = 0
  /** The longest time between two successes. */
  longestGapMs = 0
  readonly #storage: Storage
  readonly #key
  #stopped = false

  constructor(storage: Storage, prefix: string, name: string) {
    this.#storage = storage
    this.#key = keyIn(prefix, name)
  }

  async run(): Promise<void> {
    let last = performance.now()
    while (!this.#stopped) {
      try {
        if (await this.#increment()) this.done++
        this.longestGapMs = Math.max(this.longestGapMs, performance.now() - last)
        last = performance.now()
      } catch (error) {
        if (error instanceof OutcomeUnknown) this.unknown++
        else assert.ok(error instanceof StorageUnavailable, String(error))
      }
    }
  }

  stop(): void {
    this.#stopped = true
  }

  async check(): Promise<void> {
    const value = Number((await this.#storage.get(this.#key))?.value.toString() ?? 0)
    assert.ok(
      this.done <= value && value <= this.done + this.unknown,
      `${value} after ${this.done} and ${this.unknown} unknown`,
    )
  }

  async #increment(): Promise<boolean> {
    const current = await this.#storage.get(this.#key)
    if (current === undefined) return (await this.#storage.create(this.#key, bytes('1'))).outcome === 'created'
    const next = bytes(String(Number(current.value.toString()) + 1))
    return (await this.#storage.update(this.#key, current.modRevision, next)).outcome === 'updated'
  }
}

/** Writers and a watch while `disturb` runs; everything must add up afterwards. Returns the longest gap between two writes. */
async function underLoad(
  cluster: EtcdCluster,
  disturb: (writers: readonly CountingWriter[]) => Promise<void>,
): Promise<number> {
  await using storage = await createEtcdStorage({ endpoints: cluster.endpoints, compactionIntervalMs: 0 })
  const prefix = freshPrefix()
  const start = await storage.currentRevision()
  const writers = Array.from({ length: 8 }, (_, index) => new CountingWriter(storage, prefix, `${index}`))
  const running = Promise.all(writers.map((writer) => writer.run()))
  await disturb(writers)
  await successes(writers, 20)
  for (const writer of writers) writer.stop()
  await running
  for (const writer of writers) await writer.check()
  const end = await storage.currentRevision()
  const log = await watchUntil(storage, prefix, start, (seen) => seen.upTo >= end)
  const values = log.events.map((event) => `${event.key} ${event.value?.toString()}`)
  assert.equal(new Set(values).size, values.length, 'no counter had a value twice')
  return Math.max(...writers.map((writer) => writer.longestGapMs))
}

/** Resolves when each writer has succeeded `count` more times. */
async function successes(writers: readonly CountingWriter[], count: number): Promise<void> {
  const goals = writers.map((writer) => writer.done + count)
  while (writers.some((writer, index) => writer.done < (goals[index] ?? 0)))
    await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('three members', () => {
  test('the leader is killed: writes go on within 3 s, nothing is lost or doubled', async () => {
    await using cluster = await startEtcd({ members: 3 })
    const gapMs = await underLoad(cluster, async (writers) => {
      await successes(writers, 20)
      const leader = await cluster.leader()
      await leader.kill()
    })
    assert.ok(gapMs < 3000, `no write for ${Math.round(gapMs)} ms`)
  })

  test('each member is paused in turn: reads and writes go on within 3 s', async () => {
    await using cluster = await startEtcd({ members: 3 })
    const gapMs = await underLoad(cluster, async (writers) => {
      for (const member of cluster.members) {
        await successes(writers, 10)
        member.pause()
        await successes(writers, 10)
        member.resume()
        await cluster.leader()
      }
    })
    assert.ok(gapMs < 3000, `no write for ${Math.round(gapMs)} ms`)
  })

  test('a paused member is left within a second and a half', async () => {
    await using cluster = await startEtcd({ members: 3 })
    const leader = await cluster.leader()
    const follower = cluster.members.find((member) => member !== leader)
    assert.ok(follower !== undefined)
    // Which of the two is preferred is chance: of four tries some meet the follower.
    const endpoints = [follower.endpoint, leader.endpoint]
    for (let attempt = 0; attempt < 4; attempt++) {
      await using storage = await createEtcdStorage({ endpoints, compactionIntervalMs: 0 })
      await storage.currentRevision()
      follower.pause()
      const start = performance.now()
      await storage.currentRevision()
      const tookMs = performance.now() - start
      follower.resume()
      assert.ok(tookMs < 1500, `${Math.round(tookMs)} ms`)
    }
  })
})

describe('one member', () => {
  test('an etcd that is not there yet: quick refusals, and recovery by itself', async () => {
    await using cluster = await startEtcd()
    const [member] = cluster.members
    assert.ok(member !== undefined)
    await member.kill()
    await using storage = await createEtcdStorage({ endpoints: cluster.endpoints, compactionIntervalMs: 0 })
    const key = keyIn(freshPrefix(), 'a')
    const start = performance.now()
    await assert.rejects(storage.get(key), StorageUnavailable)
    await assert.rejects(storage.create(key, bytes('x')), StorageUnavailable)
    assert.ok(performance.now() - start < 3000)
    await member.restart()
    while ((await storage.get(key).catch((error: unknown) => error)) instanceof StorageUnavailable);
    assert.equal((await storage.create(key, bytes('x'))).outcome, 'created')
  })

  test('an etcd that hangs: every operation ends within 5 s', async () => {
    await using cluster = await startEtcd()
    const [member] = cluster.members
    assert.ok(member !== undefined)
    await using storage = await createEtcdStorage({ endpoints: cluster.endpoints, compactionIntervalMs: 0 })
    const key = keyIn(freshPrefix(), 'a')
    await storage.currentRevision()
    member.pause()
    const start = performance.now()
    const results = await Promise.allSettled([
      storage.get(key),
      storage.create(key, bytes('x')),
      storage.currentRevision(),
    ])
    const tookMs = performance.now() - start
    member.resume()
    assert.ok(tookMs < 5000, `${Math.round(tookMs)} ms`)
    const [read, write] = results
    assert.ok(read?.status === 'rejected' && read.reason instanceof StorageUnavailable)
    assert.ok(write?.status === 'rejected' && write.reason instanceof OutcomeUnknown)
  })

  test('no room left: writes say so in the words of etcd, deletes still go', async () => {
    await using cluster = await startEtcd({ flags: { 'quota-backend-bytes': String(16 * 1024 * 1024) } })
    await using storage = await createEtcdStorage({ endpoints: cluster.endpoints, compactionIntervalMs: 0 })
    const prefix = freshPrefix()
    const first = await storage.create(keyIn(prefix, 'first'), bytes('x'))
    assert.ok(first.outcome === 'created')
    const fill = async (): Promise<void> => {
      for (let index = 0; index < 40; index++)
        await storage.create(keyIn(prefix, `${index}`), Buffer.alloc(1_000_000, 'x'))
    }
    await assert.rejects(
      fill(),
      (error) => error instanceof StorageFull && /etcdserver: mvcc: database space exceeded/.test(error.message),
    )
    assert.equal((await storage.delete(keyIn(prefix, 'first'), first.revision)).outcome, 'deleted')
    assert.deepEqual((await storage.status()).alarms, ['NOSPACE'])
  })

  test('TLS: the certificate is checked against the given authority', async () => {
    await using cluster = await startEtcd({ tls: true })
    await using storage = await createEtcdStorage({
      endpoints: cluster.endpoints,
      tls: { caFile: cluster.caFile },
      compactionIntervalMs: 0,
    })
    const key = keyIn(freshPrefix(), 'a')
    assert.equal((await storage.create(key, bytes('x'))).outcome, 'created')
    await using stranger = await createEtcdStorage({ endpoints: cluster.endpoints, compactionIntervalMs: 0 })
    await assert.rejects(stranger.get(key), StorageUnavailable)
  })
})

test('the same cluster has the same identity through every member; another has another', async () => {
  await using one = await startEtcd({ members: 3 })
  await using two = await startEtcd()
  const identities = [...one.endpoints, ...two.endpoints].map(async (endpoint) => {
    await using storage = await createEtcdStorage({ endpoints: [endpoint], compactionIntervalMs: 0 })
    return await storage.identity()
  })
  const [a, b, c, other] = await Promise.all(identities)
  assert.equal(a, b)
  assert.equal(b, c)
  assert.notEqual(a, other)
})
