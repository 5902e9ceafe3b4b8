import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Revision, toRevision, toStorageKey } from '../storage.ts'
import { Slot, SortedEntries } from './sorted-entries.ts'
import type { CacheEntry } from './types.ts'

const PREFIX = '/registry/pods/'

function entryOf(number: number, revision: Revision): CacheEntry {
  const name = String(number).padStart(5, '0')
  const json = Buffer.alloc(0)
  const key = toStorageKey(PREFIX + name)
  const none = { labels: undefined, fields: undefined, ownerUids: undefined, representations: undefined }
  return { key, namespace: '', name, uid: '', revision, json, itemOffset: 0, ...none }
}

const keysOf = (entries: readonly CacheEntry[]): string[] => entries.map(({ key, revision }) => `${key}@${revision}`)

test('thousands of entries that come and go stay in order, and ranges hold what they should', () => {
  const number = fc.nat({ max: 4000 })
  const step = fc.record({ remove: fc.boolean(), number, run: fc.integer({ min: 1, max: 600 }) })
  fc.assert(
    fc.property(fc.nat({ max: 2000 }), fc.array(step, { maxLength: 30 }), number, number, (filled, steps, from, to) => {
      const sorted = new SortedEntries(PREFIX.length)
      const model = new Map<number, CacheEntry>()
      for (let index = 0; index < filled; index++) {
        const entry = entryOf(index * 2, toRevision(1))
        model.set(index * 2, entry)
        sorted.append(new Slot(entry))
      }
      // Runs of neighbours split blocks and empty them.
      for (const [index, { remove, number: first, run }] of steps.entries()) {
        for (let each = first; each < first + run; each++) {
          const entry = entryOf(each, toRevision(index + 2))
          if (remove === model.has(each)) {
            if (remove) sorted.remove(entry.key)
            else sorted.insert(new Slot(entry))
          }
          if (remove) model.delete(each)
          else if (!model.has(each)) model.set(each, entry)
        }
      }
      const expected = [...model].sort(([left], [right]) => left - right)
      assert.deepEqual(keysOf(sorted.toArray()), keysOf(expected.map(([, entry]) => entry)))
      const inRange = expected.filter(([each]) => each >= from && each < to).map(([, entry]) => entry)
      const range = sorted.range(entryOf(from, toRevision(1)).key, entryOf(to, toRevision(1)).key)
      assert.deepEqual(keysOf(range), keysOf(inRange))
    }),
    { numRuns: 60 },
  )
})
