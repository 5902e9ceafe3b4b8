// Lists: order, pages, pinned revisions, compaction.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FutureRevision, type Listing, toRevision } from '../storage.ts'
import { removeKey, replace } from './changes.ts'
import type { MakeStorage } from './contract.ts'
import { bytes, freshPrefix, keyIn } from './keys.ts'
import { allPages, listed } from './pages.ts'

export function listTests(make: MakeStorage): void {
  describe('lists', () => {
    test('the keys of a prefix in byte order, and no other', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const names = ['b/a', 'a-b/x', 'a/x', 'a.b/x', 'é', 'a/y', 'Z']
      for (const name of names) await storage.create(keyIn(prefix, name), bytes(name))
      await storage.create(keyIn(prefix.slice(0, -1), '0'), bytes('after the prefix'))

      const listing = await listed(storage, prefix, {})
      assert.deepEqual(namesOf(listing, prefix), ['Z', 'a-b/x', 'a.b/x', 'a/x', 'a/y', 'b/a', 'é'])
      assert.equal(listing.more, false)
      assert.equal(listing.revision, await storage.currentRevision())
      assert.deepEqual(namesOf(await listed(storage, `${prefix}a/`, {}), prefix), ['a/x', 'a/y'])
    })

    test('pages of a limit at one revision see nothing of later writes', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      for (let index = 0; index < 7; index++) await storage.create(keyIn(prefix, `k${index}`), bytes(`v${index}`))
      const first = await listed(storage, prefix, { limit: 3 })
      assert.deepEqual(namesOf(first, prefix), ['k0', 'k1', 'k2'])
      assert.equal(first.more, true)
      assert.equal(first.remaining, 4)

      await removeKey(storage, prefix, 'k3')
      await storage.create(keyIn(prefix, 'k31'), bytes('late'))
      await replace(storage, prefix, 'k4', 'changed')
      const rest = await listed(storage, prefix, { at: first.revision, after: keyIn(prefix, 'k2') })
      assert.deepEqual(
        rest.items.map((item) => item.value.toString()),
        ['v3', 'v4', 'v5', 'v6'],
      )
      assert.equal(rest.revision, first.revision)
      assert.equal(rest.more, false)
      const now = await listed(storage, prefix, { after: keyIn(prefix, 'k2') })
      assert.deepEqual(
        now.items.map((item) => item.value.toString()),
        ['late', 'changed', 'v5', 'v6'],
      )
    })

    test('keys only', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const created = await storage.create(keyIn(prefix, 'a'), bytes('value'))
      assert.ok(created.outcome === 'created')
      const listing = await listed(storage, prefix, { keysOnly: true })
      assert.deepEqual(listing.items, [
        { key: keyIn(prefix, 'a'), value: Buffer.alloc(0), modRevision: created.revision },
      ])
    })

    test('a big list comes in pages by bytes, and complete', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const value = Buffer.alloc(200_000, 'x')
      await Promise.all(Array.from({ length: 100 }, (_, index) => storage.create(keyIn(prefix, `k${index}`), value)))
      const { items, pages } = await allPages(storage, prefix)
      assert.equal(items.length, 100)
      assert.ok(pages > 1, 'a page has a budget of bytes')
      assert.ok(items.every((item) => item.value.equals(value)))
    })

    test('a listing that was asked to be as new as a write has it', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const created = await storage.create(keyIn(prefix, 'a'), bytes('x'))
      assert.ok(created.outcome === 'created')
      const listing = await listed(storage, prefix, { atLeast: created.revision })
      assert.equal(listing.items.length, 1)
      assert.ok(listing.revision >= created.revision)
    })

    test('a compacted revision is told from one that is not there yet', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      await storage.create(keyIn(prefix, 'a'), bytes('1'))
      const revision = await replace(storage, prefix, 'a', '2')
      await replace(storage, prefix, 'a', '3')
      await storage.compact(revision)
      await storage.compact(revision)

      const old = await storage.list(prefix, { at: toRevision(revision - 1) })
      assert.equal(old.outcome, 'compacted')
      const pinned = await listed(storage, prefix, { at: revision })
      assert.deepEqual(
        pinned.items.map((item) => item.value.toString()),
        ['2'],
      )
      await assert.rejects(storage.list(prefix, { at: toRevision(revision + 1_000_000) }), FutureRevision)
      assert.equal((await listed(storage, prefix, {})).items[0]?.value.toString(), '3')
    })
  })
}

function namesOf(listing: Listing, prefix: string): string[] {
  return listing.items.map((item) => item.key.slice(prefix.length))
}
