// A comparison that hides too much finds nothing: what must be seen, and what must not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '@keelson/apimachinery'
import { compare } from './compare.ts'
import { nameOf, normalize } from './normalize.ts'
import type { Snapshot } from './snapshot.ts'

const pod = (suffix: string, uid: string, more: object = {}): KubeObject => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: {
    name: `web-5d8f4b9c7d-${suffix}`,
    generateName: 'web-5d8f4b9c7d-',
    namespace: 'n',
    uid: `${uid}-2222-3333-4444-555555555555`,
    resourceVersion: uid.slice(0, 3),
    creationTimestamp: `2026-01-01T00:00:${uid.slice(0, 2)}Z`,
    generation: 2,
  },
  spec: { nodeName: `node-${suffix}` },
  status: { phase: 'Running', podIP: `10.130.0.${uid.slice(0, 1)}`, observedGeneration: 2, ...more },
})

const snapshot = (...objects: KubeObject[]): Snapshot => {
  const texts = objects.map((object) => JSON.stringify(normalize(object), undefined, 1)).sort()
  return { objects: new Map([['pods', new Map([[nameOf(objects[0] ?? pod('', '')), texts]])]]), events: new Set(['a']) }
}

test('Pods that differ in what two servers cannot share are the same', () => {
  const upstream = snapshot(pod('x7k2p', '11111111'), pod('q4z9c', '22222222'))
  const keelson = snapshot(pod('b5b6w', '33333333'), pod('v8d2j', '44444444'))
  assert.deepEqual(compare(upstream, keelson).differences, [])
})

test('one that is missing, one that says something else, and one that is behind are seen', () => {
  const upstream = snapshot(pod('x7k2p', '11111111'), pod('q4z9c', '22222222'))
  const [missing] = compare(upstream, snapshot(pod('b5b6w', '33333333'))).differences
  assert.match(missing ?? '', /web-5d8f4b9c7d-\*\n +on the real server only/)
  for (const [more, line] of [
    [{ phase: 'Failed' }, /keelson: {2}"phase": "Failed"/],
    [{ observedGeneration: 1 }, /keelson: {2}"observedGeneration": "<behind>"/],
    [{ reason: 'Evicted' }, /keelson: {2}"reason": "Evicted"/],
  ] as const) {
    const keelson = snapshot(pod('b5b6w', '33333333'), pod('v8d2j', '44444444', more))
    const { differences, rows } = compare(upstream, keelson)
    assert.equal(differences.length, 1)
    assert.match(differences[0] ?? '', line)
    assert.deepEqual(rows, [{ resource: 'pods', upstream: 2, keelson: 2, same: 1 }])
  }
})

test('managers and their fields count, their times and the order of conditions do not', () => {
  const managed = (manager: string, time: string, types: readonly string[]): KubeObject => {
    const object = pod('x7k2p', '11111111', { conditions: types.map((type) => ({ type, status: 'True' })) })
    const entry = { manager, time, operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: { 'f:status': {} } }
    return { ...object, metadata: { ...object.metadata, managedFields: [entry] } }
  }
  const upstream = snapshot(managed('kubelet', '2026-01-01T00:00:00Z', ['Ready', 'Initialized']))
  const same = snapshot(managed('kubelet', '2026-01-01T00:00:01Z', ['Initialized', 'Ready']))
  const other = snapshot(managed('someone', '2026-01-01T00:00:00Z', ['Ready', 'Initialized']))
  assert.deepEqual(compare(upstream, same).differences, [])
  assert.match(compare(upstream, other).differences[0] ?? '', /"manager": "someone"/)
})
