// Answers that are lost, before and after the write was done: nothing may be lost, nothing doubled, nothing made up.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OutcomeUnknown, type Storage } from '../storage.ts'
import { type CallFate, startCallProxy } from '../testing/call-proxy.ts'
import { type EtcdCluster, startEtcd } from '../testing/etcd-process.ts'
import { bytes, freshPrefix, keyIn } from '../testing/keys.ts'
import { createEtcdStorage } from './storage.ts'

let etcd: EtcdCluster
before(async () => {
  etcd = await startEtcd()
})
after(() => etcd[Symbol.asyncDispose]())

/** A storage whose transactions meet these fates, in turn, and then pass; and one that is not disturbed. */
async function disturbed(...fates: (CallFate | (() => Promise<CallFate>))[]) {
  const proxy = await startCallProxy(etcd.endpoints[0] ?? '')
  proxy.decide = (method) => {
    if (!method.endsWith('/Txn')) return 'pass'
    const fate = fates.shift() ?? 'pass'
    return typeof fate === 'string' ? fate : fate()
  }
  const storage = await createEtcdStorage({ endpoints: [proxy.endpoint], compactionIntervalMs: 0 })
  const other = await createEtcdStorage({ endpoints: etcd.endpoints, compactionIntervalMs: 0 })
  return {
    storage,
    other,
    async [Symbol.asyncDispose]() {
      await storage[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

async function make(storage: Storage, value: string) {
  const key = keyIn(freshPrefix(), 'a')
  const created = await storage.create(key, bytes(value))
  assert.ok(created.outcome === 'created')
  return { key, revision: created.revision }
}

describe('a create whose answer is lost', () => {
  for (const fate of ['loseRequest', 'loseAnswer'] as const) {
    test(`${fate}: it is ours, at the revision it was done`, async () => {
      await using stage = await disturbed(fate)
      const { key, revision } = await make(stage.storage, 'mine')
      assert.equal((await stage.other.get(key))?.modRevision, revision)
    })
  }

  test('it is ours although it was changed since', async () => {
    const key = keyIn(freshPrefix(), 'a')
    await using stage = await disturbed('loseAnswer', async () => {
      const current = await stage.other.get(key)
      assert.ok(current !== undefined)
      await stage.other.update(key, current.modRevision, bytes('changed'))
      return 'pass'
    })
    const start = await stage.storage.currentRevision()
    const created = await stage.storage.create(key, bytes('mine'))
    assert.ok(created.outcome === 'created')
    assert.ok(created.revision > start && created.revision < (await stage.other.currentRevision()))
  })

  test('it is not ours when another was faster', async () => {
    const key = keyIn(freshPrefix(), 'a')
    await using stage = await disturbed(async () => {
      await stage.other.create(key, bytes('theirs'))
      return 'loseRequest'
    })
    await stage.storage.currentRevision()
    const result = await stage.storage.create(key, bytes('mine'))
    assert.ok(result.outcome === 'exists')
    assert.equal(result.current.value.toString(), 'theirs')
  })
})

describe('an update whose answer is lost', () => {
  test('it is done when the first attempt never arrived', async () => {
    await using stage = await disturbed('pass', 'loseRequest', 'loseRequest')
    const { key, revision } = await make(stage.storage, '1')
    const updated = await stage.storage.update(key, revision, bytes('2'))
    assert.ok(updated.outcome === 'updated')
    assert.equal((await stage.other.get(key))?.modRevision, updated.revision)
  })

  test('nobody can tell when somebody wrote what we wanted to write', async () => {
    await using stage = await disturbed('pass', 'loseAnswer')
    const { key, revision } = await make(stage.storage, '1')
    await assert.rejects(stage.storage.update(key, revision, bytes('2')), OutcomeUnknown)
  })

  test('it was not done when another was faster with something else', async () => {
    await using stage = await disturbed('pass', async () => {
      await stage.other.update(key, revision, bytes('theirs'))
      return 'loseRequest'
    })
    const { key, revision } = await make(stage.storage, '1')
    const result = await stage.storage.update(key, revision, bytes('mine'))
    assert.ok(result.outcome === 'conflict')
    assert.equal(result.current.value.toString(), 'theirs')
  })

  test('it was not done when the key was deleted by another', async () => {
    await using stage = await disturbed('pass', async () => {
      await stage.other.delete(key, revision)
      return 'loseRequest'
    })
    const { key, revision } = await make(stage.storage, '1')
    assert.deepEqual(await stage.storage.update(key, revision, bytes('mine')), { outcome: 'missing' })
  })

  test('a slow answer is waited for', async () => {
    await using stage = await disturbed('pass', 'keepAnswer')
    const { key, revision } = await make(stage.storage, '1')
    // The second attempt fails its guard, the first never answers: the history shows our bytes, which proves nothing.
    await assert.rejects(stage.storage.update(key, revision, bytes('2')), OutcomeUnknown)
    assert.equal((await stage.other.get(key))?.value.toString(), '2')
  })
})

describe('a delete whose answer is lost', () => {
  test('it is done when the first attempt never arrived; nobody can tell when it did', async () => {
    await using stage = await disturbed('pass', 'loseRequest', 'pass', 'pass', 'loseAnswer')
    const first = await make(stage.storage, '1')
    assert.equal((await stage.storage.delete(first.key, first.revision)).outcome, 'deleted')
    const second = await make(stage.storage, '1')
    await assert.rejects(stage.storage.delete(second.key, second.revision), OutcomeUnknown)
  })
})

test('a lease that etcd does not know any more is made again', async () => {
  await using storage = await createEtcdStorage({ endpoints: etcd.endpoints, compactionIntervalMs: 0 })
  const prefix = freshPrefix()
  await storage.create(keyIn(prefix, 'a'), bytes('x'), { leaseSeconds: 3600 })
  await revokeAllLeases()
  assert.equal(await storage.get(keyIn(prefix, 'a')), undefined)
  assert.equal((await storage.create(keyIn(prefix, 'b'), bytes('x'), { leaseSeconds: 3600 })).outcome, 'created')
})

/** By etcd's JSON gateway. */
async function revokeAllLeases(): Promise<void> {
  const post = async (path: string, body: object): Promise<unknown> =>
    (await fetch(`${etcd.endpoints[0]}/v3/lease/${path}`, { method: 'POST', body: JSON.stringify(body) })).json()
  const listed = await post('leases', {})
  assert.ok(typeof listed === 'object' && listed !== null && 'leases' in listed && Array.isArray(listed.leases))
  for (const { ID } of listed.leases) await post('revoke', { ID })
}

test('counters of several writers through a line that loses every fifth call lose nothing and double nothing', async () => {
  const fates: CallFate[] = Array.from({ length: 200 }, (_, index) =>
    index % 10 === 4 ? 'loseAnswer' : index % 10 === 9 ? 'loseRequest' : 'pass',
  )
  await using stage = await disturbed(...fates)
  const { key } = await make(stage.other, '0')
  let done = 0
  let unknown = 0
  const increment = async (storage: Storage): Promise<void> => {
    const current = await storage.get(key)
    assert.ok(current !== undefined)
    try {
      const result = await storage.update(key, current.modRevision, bytes(String(Number(current.value.toString()) + 1)))
      if (result.outcome === 'updated') done++
    } catch (error) {
      assert.ok(error instanceof OutcomeUnknown, String(error))
      unknown++
    }
  }
  for (let round = 0; round < 40; round++)
    await Promise.all([increment(stage.storage), increment(stage.storage), increment(stage.other)])
  const value = Number((await stage.other.get(key))?.value.toString())
  assert.ok(done <= value && value <= done + unknown, `${value} after ${done} increments and ${unknown} unknown ones`)
  assert.ok(done >= 40)
})
