// The graph alone: whatever the order in which watches tell of objects and of their ends, nobody who lost an owner is forgotten.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AbsentOwners } from './absent-owners.ts'
import { Graph, type Metadata } from './graph.ts'
import type { Node } from './node.ts'

const referenceTo = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid })

const objectOf = (uid: string, owners: readonly string[]): Metadata => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: uid, namespace: 'default', uid, ownerReferences: owners.map(referenceTo) },
})

test('after any sequence of events: who loses an owner is pointed out, and so is each owner that nobody has seen', () => {
  const step = fc.record({ slot: fc.nat(4), owners: fc.uniqueArray(fc.nat(4), { maxLength: 3 }), isEnd: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const pointedOut = new Set<Node>()
      const listener = {
        attemptToDelete: (node: Node) => void pointedOut.add(node),
        attemptToDeleteLater: (node: Node) => void pointedOut.add(node),
        attemptToOrphan: () => {},
        foundOwnerElsewhere: () => assert.fail('all are in one namespace'),
      }
      const graph = new Graph(listener, new AbsentOwners())
      /** How often the object of a slot has ended: the next one there has another uid. */
      const ends = [0, 0, 0, 0, 0]
      const uidOf = (slot: number): string => `${slot}-${ends[slot]}`
      /** uid → owners, of what a watch shows. */
      const living = new Map<string, readonly string[]>()
      /** Seen or referred to before: it was pointed out then. */
      const known = new Set<string>()
      const dependentsOf = (uid: string): string[] =>
        [...living].filter(([, owners]) => owners.includes(uid)).map(([dependent]) => dependent)
      const found = (): string[] => [...pointedOut].map(({ identity }) => identity.uid).toSorted()

      for (const { slot, owners, isEnd } of steps) {
        const uid = uidOf(slot)
        const before = living.get(uid)
        pointedOut.clear()
        if (!isEnd) {
          const after = owners.filter((owner) => owner !== slot).map(uidOf)
          graph.observe(objectOf(uid, after), before && objectOf(uid, before))
          living.set(uid, after)
          const unknown = after.filter((owner) => !known.has(owner))
          for (const each of [uid, ...after]) known.add(each)
          assert.ok(
            unknown.every((owner) => found().includes(owner)),
            'an owner that nobody has seen',
          )
        } else if (before !== undefined) {
          graph.remove(objectOf(uid, before))
          living.delete(uid)
          assert.deepEqual(found(), dependentsOf(uid).toSorted(), 'who has lost an owner')
          ends[slot] = (ends[slot] ?? 0) + 1
        } else if (dependentsOf(uid).length > 0) {
          // The server says that what they refer to is not there.
          graph.removeAbsent({ ...referenceTo(uid), namespace: 'default' })
          assert.deepEqual(found(), dependentsOf(uid).toSorted(), 'whose owner never was')
          ends[slot] = (ends[slot] ?? 0) + 1
        }
      }
    }),
    { numRuns: 300 },
  )
})
