// Writes and reads of one key: guards, outcomes, linearizability.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_VALUE_BYTES, StorageUnavailable, ValueTooLarge, toRevision } from '../storage.ts'
import type { MakeStorage } from './contract.ts'
import { bytes, freshPrefix, keyIn } from './keys.ts'

export function writeTests(make: MakeStorage): void {
  describe('writes', () => {
    test('a created object is read back with its revision, and is not created twice', async () => {
      await using storage = await make()
      const key = keyIn(freshPrefix(), 'a')
      assert.equal(await storage.get(key), undefined)

      const created = await storage.create(key, bytes('one'))
      assert.equal(created.outcome, 'created')
      assert.ok(created.outcome === 'created')
      assert.deepEqual(await storage.get(key), { key, value: bytes('one'), modRevision: created.revision })

      const again = await storage.create(key, bytes('two'))
      assert.deepEqual(again, {
        outcome: 'exists',
        current: { key, value: bytes('one'), modRevision: created.revision },
      })
    })

    test('an update needs the current revision; a conflict carries the current object', async () => {
      await using storage = await make()
      const key = keyIn(freshPrefix(), 'a')
      assert.deepEqual(await storage.update(key, toRevision(1), bytes('x')), { outcome: 'missing' })
      const created = await storage.create(key, bytes('one'))
      assert.ok(created.outcome === 'created')

      const updated = await storage.update(key, created.revision, bytes('two'))
      assert.ok(updated.outcome === 'updated')
      assert.ok(updated.revision > created.revision)
      const late = await storage.update(key, created.revision, bytes('three'))
      assert.deepEqual(late, {
        outcome: 'conflict',
        current: { key, value: bytes('two'), modRevision: updated.revision },
      })
    })

    test('a delete needs the current revision, and the key can be created again', async () => {
      await using storage = await make()
      const key = keyIn(freshPrefix(), 'a')
      assert.deepEqual(await storage.delete(key, toRevision(1)), { outcome: 'missing' })
      const created = await storage.create(key, bytes('one'))
      assert.ok(created.outcome === 'created')
      const wrong = await storage.delete(key, toRevision(created.revision - 1))
      assert.deepEqual(wrong, {
        outcome: 'conflict',
        current: { key, value: bytes('one'), modRevision: created.revision },
      })

      const deleted = await storage.delete(key, created.revision)
      assert.ok(deleted.outcome === 'deleted')
      assert.ok(deleted.revision > created.revision)
      assert.equal(await storage.get(key), undefined)
      assert.equal((await storage.create(key, bytes('two'))).outcome, 'created')
    })

    test('values from nothing to the limit are kept byte by byte; one byte more is refused', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      for (const size of [0, 1, 127, 128, 16_384, MAX_VALUE_BYTES]) {
        const value = Buffer.alloc(size, 'é\0"')
        assert.equal((await storage.create(keyIn(prefix, `${size}`), value)).outcome, 'created')
        assert.ok((await storage.get(keyIn(prefix, `${size}`)))?.value.equals(value), `${size} bytes`)
      }
      await assert.rejects(storage.create(keyIn(prefix, 'big'), Buffer.alloc(MAX_VALUE_BYTES + 1)), ValueTooLarge)
    })

    test('concurrent counters lose nothing and double nothing', async () => {
      await using storage = await make()
      const key = keyIn(freshPrefix(), 'counter')
      await storage.create(key, bytes('0'))
      const increment = async (): Promise<void> => {
        for (;;) {
          const current = await storage.get(key)
          assert.ok(current !== undefined)
          const next = bytes(String(Number(current.value.toString()) + 1))
          if ((await storage.update(key, current.modRevision, next)).outcome === 'updated') return
        }
      }
      await Promise.all(Array.from({ length: 20 }, increment))
      assert.equal((await storage.get(key))?.value.toString(), '20')
    })

    test('currentRevision is never behind a write that was answered', async () => {
      await using storage = await make()
      await using reader = await make()
      const prefix = freshPrefix()
      const shared = (await storage.identity()) === (await reader.identity())
      for (let index = 0; index < 20; index++) {
        const written = await storage.create(keyIn(prefix, `${index}`), bytes('x'))
        assert.ok(written.outcome === 'created')
        assert.ok((await storage.currentRevision()) >= written.revision)
        if (shared) assert.ok((await reader.currentRevision()) >= written.revision)
      }
    })

    test('the identity stays the same', async () => {
      await using storage = await make()
      const identity = await storage.identity()
      assert.ok(identity.length > 0)
      assert.equal(await storage.identity(), identity)
    })

    test('a closed storage refuses everything', async () => {
      const storage = await make()
      const key = keyIn(freshPrefix(), 'a')
      await storage.create(key, bytes('x'))
      await storage[Symbol.asyncDispose]()
      await assert.rejects(storage.get(key), StorageUnavailable)
      await assert.rejects(storage.create(key, bytes('x')), StorageUnavailable)
      await assert.rejects(storage.currentRevision(), StorageUnavailable)
      await storage[Symbol.asyncDispose]()
    })
  })
}
