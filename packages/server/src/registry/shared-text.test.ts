import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findResource, strategyOf } from '@keelson/api'
import type { CacheEntry, Revision, StorageKey } from '@keelson/storage'
import { cachedResource, storageLocation } from './cached-resource.ts'
import { fieldsSpans, SharedTexts, textWithout } from './shared-text.ts'

const fieldsV1 = (count: number, salt = ''): object => ({
  'f:spec': Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`k:{"name":"${salt}${index}}\\""}`, { '.': {}, 'f:image': {} }]),
  ),
})
const objectWith = (sets: readonly object[], rest: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'a',
        uid: 'u',
        labels: { l: 'v' },
        managedFields: sets.map((set) => ({ manager: 'm', fieldsV1: set })),
      },
      ...rest,
    }),
  )

test('what was seen twice is kept once, and every object comes together byte by byte', () => {
  const texts = new SharedTexts()
  const first = objectWith([fieldsV1(20), fieldsV1(30)])
  assert.equal(texts.split(first, fieldsSpans(first)), undefined)
  const second = objectWith([fieldsV1(20), fieldsV1(30)], { data: { a: 'b' } })
  const parts = texts.split(second, fieldsSpans(second))
  assert.deepEqual(parts?.join(), second)
  const third = objectWith([fieldsV1(30)])
  const others = texts.split(third, fieldsSpans(third))
  assert.deepEqual(others?.join(), third)
  assert.equal(others?.shared[0]?.bytes, parts?.shared[1]?.bytes)
})

test('any part can be copied from any place, whatever is shared', () => {
  const texts = new SharedTexts()
  const set = fc.nat(40).map((count) => fieldsV1(count))
  // Keys and values that look like what is looked for.
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('"fieldsV1":{', ',"fieldsV1":{}', '{"fieldsV1":{"a":{}}}', 'fieldsV1'),
  )
  const data = fc.dictionary(text, fc.oneof(text, fc.record({ fieldsV1: fc.oneof(set, text) })))
  fc.assert(
    fc.property(fc.array(set, { maxLength: 3 }), data, fc.nat(200), (sets, extra, from) => {
      const json = objectWith(sets, { data: extra })
      const spans = fieldsSpans(json)
      const sparse = JSON.parse(textWithout(json, spans))
      assert.deepEqual(sparse.metadata.labels, { l: 'v' })
      const parts = texts.split(json, spans)
      if (parts === undefined) return
      assert.equal(parts.length, json.length)
      assert.deepEqual(parts.join(), json)
      const start = Math.min(from, json.length)
      const target = Buffer.alloc(json.length + 3)
      assert.equal(parts.copy(target, 3, start), json.length - start)
      assert.deepEqual(target.subarray(3, 3 + json.length - start), json.subarray(start))
      assert.deepEqual(parts.subarray(start), json.subarray(start))
    }),
    { numRuns: 500 },
  )
})

test('broken JSON has no spans, or is refused by its parser', () => {
  for (const text of ['"fieldsV1":', '"fieldsV1":{', `"fieldsV1":{"${'a'.repeat(400)}`, `"fieldsV1":{"a\\`])
    assert.deepEqual(fieldsSpans(Buffer.from(text)), [])
})

test('what this process wrote itself is known without being parsed, and only while the bytes are those', () => {
  const definition = findResource('', 'v1', 'configmaps')
  const location = definition && storageLocation(definition)
  assert.ok(definition !== undefined && location !== undefined)
  const resource = cachedResource(definition, strategyOf(definition), location)
  const key = '/registry/configmaps/ns/a' as StorageKey // Brands of plain values.
  const value = objectWith([])
  const mark = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', labels: { from: 'memory' } } }
  resource.expect?.(key, value, mark, [])
  assert.deepEqual(resource.decode(key, Buffer.from(value), 7 as Revision).labels, { from: 'memory' })
  assert.deepEqual(resource.decode(key, value, 8 as Revision).labels, { l: 'v' }, 'once')
  resource.expect?.(key, value, mark, [])
  const other = objectWith([], { data: { a: 'b' } })
  assert.deepEqual(resource.decode(key, other, 9 as Revision).labels, { l: 'v' }, 'somebody else was quicker')
})

test('entries of one template share their fields, also after a deletion', () => {
  const definition = findResource('', 'v1', 'configmaps')
  const location = definition && storageLocation(definition)
  assert.ok(definition !== undefined && location !== undefined)
  const resource = cachedResource(definition, strategyOf(definition), location)
  const entry = (index: number): CacheEntry =>
    // Brands of plain values.
    resource.decode(
      `/registry/configmaps/ns/${index}` as StorageKey,
      objectWith([fieldsV1(50)]),
      (7 + index) as Revision,
    )
  const [, , third] = [entry(0), entry(1), entry(2)]
  assert.ok(third?.parts !== undefined)
  assert.equal(third.parts.shared[0]?.bytes, entry(3).parts?.shared[0]?.bytes)
  const whole = JSON.parse(third.json.toString())
  assert.equal(whole.metadata.resourceVersion, '9')
  assert.deepEqual(whole.metadata.managedFields[0].fieldsV1, fieldsV1(50))
  const deleted = resource.atRevision(third, 123_456 as Revision)
  assert.ok(deleted.parts !== undefined)
  whole.metadata.resourceVersion = '123456'
  assert.deepEqual(JSON.parse(deleted.json.toString()), whole)
})
