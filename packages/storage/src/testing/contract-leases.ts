// Leases: keys that end by themselves, together, and live on when they are renewed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { removeKey, replace } from './changes.ts'
import type { MakeStorage } from './contract.ts'
import { bytes, freshPrefix, keyIn } from './keys.ts'
import { watchUntil } from './watch-log.ts'

/** Also the shortest lease of an etcd with its default election timeout. */
const LEASE_SECONDS = 2

export function leaseTests(make: MakeStorage): void {
  describe('leases', { concurrency: true }, () => {
    test('a key ends with its lease, and its deletion is an event', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      await storage.create(keyIn(prefix, 'a'), bytes('x'), { leaseSeconds: LEASE_SECONDS })
      const log = await watchUntil(storage, prefix, start, (seen) => seen.events.length === 2)
      assert.deepEqual(
        log.events.map((event) => event.type),
        ['put', 'delete'],
      )
      assert.equal(await storage.get(keyIn(prefix, 'a')), undefined)
    })

    test('all keys of one lease end at one revision, announced when complete', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      const names = Array.from({ length: 300 }, (_, index) => `${index}`)
      await Promise.all(
        names.map((name) => storage.create(keyIn(prefix, name), bytes('x'), { leaseSeconds: LEASE_SECONDS })),
      )
      const log = await watchUntil(storage, prefix, start, (seen) => seen.events.length === 600, { timeoutMs: 20_000 })
      const deleted = log.events.filter((event) => event.type === 'delete')
      assert.equal(new Set(deleted.map((event) => event.key)).size, 300)
      const revisions = new Set(deleted.map((event) => event.revision))
      assert.ok(revisions.size < 10, `300 keys written together ended at ${revisions.size} revisions`)
    })

    test('an update with a lease renews it; one without makes the key stay', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      for (const name of ['ends', 'renewed', 'stays']) {
        await storage.create(keyIn(prefix, name), bytes('x'), { leaseSeconds: LEASE_SECONDS })
      }
      const renewed = await storage.get(keyIn(prefix, 'renewed'))
      assert.ok(renewed !== undefined)
      await storage.update(renewed.key, renewed.modRevision, bytes('y'), { leaseSeconds: 3600 })
      await replace(storage, prefix, 'stays', 'y')

      const log = await watchUntil(storage, prefix, start, (seen) =>
        seen.events.some((event) => event.type === 'delete'),
      )
      assert.equal(log.events.at(-1)?.key, keyIn(prefix, 'ends'))
      assert.equal((await storage.get(keyIn(prefix, 'renewed')))?.value.toString(), 'y')
      assert.equal((await storage.get(keyIn(prefix, 'stays')))?.value.toString(), 'y')
      await removeKey(storage, prefix, 'renewed')
    })
  })
}
