// Several servers, one etcd: one of them compacts, to where the store was an interval ago.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toRevision, toStorageKey } from '../storage.ts'
import { startEtcd } from '../testing/etcd-process.ts'
import { bytes, freshPrefix, keyIn } from '../testing/keys.ts'
import { CompactionLoop } from './compaction.ts'
import { Pool } from './pool.ts'
import { createEtcdStorage } from './storage.ts'

const HOUR_MS = 3_600_000

test('one of three servers compacts in an interval, and the others learn of it', async () => {
  await using cluster = await startEtcd()
  await using storage = await createEtcdStorage({ endpoints: cluster.endpoints, compactionIntervalMs: 0 })
  const pool = new Pool({ endpoints: cluster.endpoints, tls: undefined, logger: undefined })
  const loops = [1, 2, 3].map(() => new CompactionLoop(pool, HOUR_MS, undefined))
  try {
    const prefix = freshPrefix()
    const first = await turns(loops)
    assert.deepEqual(first, [undefined, undefined, undefined])
    const start = await storage.currentRevision()
    for (const name of ['a', 'b', 'c']) await storage.create(keyIn(prefix, name), bytes('x'))

    const second = (await turns(loops)).filter((revision) => revision !== undefined)
    assert.equal(second.length, 1)
    // A server that had not been told of the others' turns may compact a little less far than it could.
    assert.ok((second[0] ?? 0) > 1 && (second[0] ?? 0) <= start)
    const value = (await storage.get(toStorageKey('compact_rev_key')))?.value.toString()
    assert.equal(value, String(second[0]))
    assert.equal((await storage.list(prefix, { at: toRevision((second[0] ?? 0) - 1) })).outcome, 'compacted')

    const third = (await turns(loops)).filter((revision) => revision !== undefined)
    assert.equal(third.length, 1)
    assert.ok((third[0] ?? 0) > start)
  } finally {
    for (const loop of loops) loop.stop()
    pool.close()
  }
})

/** One after the other, as timers that were started one after the other would. */
async function turns(loops: readonly CompactionLoop[]): Promise<(number | undefined)[]> {
  const results: (number | undefined)[] = []
  for (const loop of loops) results.push(await loop.turn())
  return results
}
