// What DELETE means for objects with finalizers and grace periods, as a table of cases.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type KindStrategy, findResource } from '@keelson/api'
import type { KubeObject, ObjectMeta } from '@keelson/apimachinery'
import fc from 'fast-check'
import { type DeletionPlan, planDeletion, timestamp } from './deletion-plan.ts'
import type { DeleteOptions } from './types.ts'

const NOW = new Date('2030-01-01T00:00:00Z')
const GRACEFUL: KindStrategy = { gracePeriodSeconds: (_object, requested) => requested ?? 30 }

const later = (seconds: number): string => timestamp(NOW.getTime() + seconds * 1000)

function plan(
  metadata: ObjectMeta,
  options: Partial<DeleteOptions> = {},
  strategy: KindStrategy = {},
  resource = ['', 'v1', 'configmaps'] as const,
): { plan: DeletionPlan; metadata: ObjectMeta } {
  const definition = findResource(...(resource as [string, string, string]))
  assert.ok(definition)
  const object: KubeObject = { kind: definition.kind, apiVersion: 'v1', metadata: structuredClone(metadata) }
  return {
    plan: planDeletion(definition, strategy, object, { dryRun: false, ...options }, NOW),
    metadata: object.metadata,
  }
}

describe('without a grace period', () => {
  test('nothing holds it: removed', () => assert.deepEqual(plan({}).plan, { kind: 'remove' }))

  test('a finalizer holds it: marked', () => {
    const held = plan({ finalizers: ['a/b'], generation: 3 })
    assert.deepEqual(held.plan, { kind: 'mark', thenRemove: false })
    assert.equal(held.metadata.deletionTimestamp, later(0))
    assert.equal(held.metadata.deletionGracePeriodSeconds, 0)
    assert.equal(held.metadata.generation, 4)
  })

  test('the propagation policy decides about the collector’s finalizers', () => {
    assert.deepEqual(plan({}, { propagationPolicy: 'Orphan' }).metadata.finalizers, ['orphan'])
    assert.deepEqual(plan({}, { propagationPolicy: 'Foreground' }).metadata.finalizers, ['foregroundDeletion'])
    assert.deepEqual(plan({}, { orphanDependents: true }).metadata.finalizers, ['orphan'])
    assert.deepEqual(plan({ finalizers: ['orphan'] }, { propagationPolicy: 'Background' }).plan, { kind: 'remove' })
    assert.deepEqual(plan({ finalizers: ['orphan'] }).metadata.finalizers, ['orphan'])
  })

  test('events are not collected, old kinds orphan by default', () => {
    assert.deepEqual(plan({}, { propagationPolicy: 'Foreground' }, {}, ['', 'v1', 'events'] as never).plan, {
      kind: 'remove',
    })
    const controller = plan({}, {}, {}, ['', 'v1', 'replicationcontrollers'] as never)
    assert.deepEqual(controller.metadata.finalizers, ['orphan'])
  })
})

describe('with a grace period', () => {
  test('it is kept for that long', () => {
    const first = plan({}, {}, GRACEFUL)
    assert.deepEqual(first.plan, { kind: 'mark', thenRemove: false })
    assert.equal(first.metadata.deletionTimestamp, later(30))
    assert.equal(first.metadata.deletionGracePeriodSeconds, 30)
  })

  test('of none it is marked and removed', () => {
    assert.deepEqual(plan({}, { gracePeriodSeconds: 0 }, GRACEFUL).plan, { kind: 'mark', thenRemove: true })
    const held = plan({ finalizers: ['a/b'] }, { gracePeriodSeconds: 0 }, GRACEFUL)
    assert.deepEqual(held.plan, { kind: 'mark', thenRemove: false })
  })

  const deleting: ObjectMeta = { deletionTimestamp: later(30), deletionGracePeriodSeconds: 30 }

  test('a second request may only shorten it', () => {
    assert.deepEqual(plan(deleting, {}, GRACEFUL).plan, { kind: 'pending' })
    assert.deepEqual(plan(deleting, { gracePeriodSeconds: 30 }, GRACEFUL).plan, { kind: 'pending' })
    const shorter = plan(deleting, { gracePeriodSeconds: 10 }, GRACEFUL)
    assert.equal(shorter.metadata.deletionTimestamp, later(10))
    assert.equal(shorter.metadata.deletionGracePeriodSeconds, 10)
    assert.deepEqual(plan(deleting, { gracePeriodSeconds: 0 }, GRACEFUL).plan, { kind: 'mark', thenRemove: true })
  })

  test('a removal that did not happen is made up for', () => {
    assert.deepEqual(plan({ deletionTimestamp: later(-5), deletionGracePeriodSeconds: 0 }, {}, GRACEFUL).plan, {
      kind: 'remove',
    })
  })

  test('never moves a deletion into the past, and never makes it later', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -3, max: 120 }),
        (period, due, asked) => {
          const before: ObjectMeta = { deletionTimestamp: later(due), deletionGracePeriodSeconds: period }
          const { plan: made, metadata } = plan(before, { gracePeriodSeconds: asked }, GRACEFUL)
          if (made.kind === 'pending') return metadata.deletionTimestamp === before.deletionTimestamp
          const end = Date.parse(metadata.deletionTimestamp ?? '')
          return end >= NOW.getTime() && end <= Math.max(NOW.getTime(), Date.parse(later(due)))
        },
      ),
    )
  })
})
