import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findResource, strategyOf } from '@keelson/api'
import { type JsonValue, applyJsonPatch } from '@keelson/apimachinery'
import type { CacheEntry, Revision, StorageKey } from '@keelson/storage'
import { cachedResource, storageLocation } from './cached-resource.ts'
import { parseEntry } from './parsed-entry.ts'

const definition = findResource('', 'v1', 'configmaps')
const location = definition && storageLocation(definition)
assert.ok(definition !== undefined && location !== undefined)

const fields = (size: number): object => ({
  'f:data': Object.fromEntries(Array.from({ length: size }, (_, index) => [`f:key-${index}`, {}])),
})

/** The third of its kind, whose large sets are shared with the others. */
function entryOf(managedFields: readonly unknown[], rest: object = {}): CacheEntry {
  assert.ok(definition !== undefined && location !== undefined)
  const resource = cachedResource(definition, strategyOf(definition), location)
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'é', managedFields }, ...rest }
  const value = Buffer.from(JSON.stringify(object))
  const decode = (index: number): CacheEntry =>
    // Brands of plain values.
    resource.decode(`/registry/configmaps/ns/${index}` as StorageKey, value, (7 + index) as Revision)
  return [decode(0), decode(1), decode(2)][2]!
}

test('an entry is parsed as its JSON is; sets that are shared are the same in all objects', () => {
  const entry = entryOf([{ manager: 'é', fieldsV1: fields(50) }, { fieldsV1: fields(2) }, { fieldsV1: fields(40) }])
  assert.equal(entry.parts?.shared.length, 2)
  const [one, two] = [parseEntry(entry), parseEntry(entry)]
  assert.deepEqual(one, JSON.parse(entry.json.toString()))
  const sets = (object: typeof one): unknown[] => object.metadata.managedFields?.map((each) => each['fieldsV1']) ?? []
  assert.equal(sets(one)[0], sets(two)[0])
  assert.ok(Object.isFrozen(sets(one)[0]))
  assert.notEqual(one.metadata, two.metadata)
})

test('what has the same name elsewhere in the object is no set', () => {
  for (const managedFields of [[], [{ fieldsV1: 0 }], [{ fieldsV1: fields(30) }]]) {
    const entry = entryOf(managedFields, { data: { fieldsV1: fields(50) }, more: { fieldsV1: '"fieldsV1":{' } })
    assert.ok(entry.parts !== undefined)
    assert.deepEqual(parseEntry(entry), JSON.parse(entry.json.toString()))
  }
})

test('a JSON patch may change a set, in its own copy', () => {
  const current = parseEntry(entryOf([{ fieldsV1: fields(50) }]))
  const before = JSON.stringify(current)
  const path = '/metadata/managedFields/-1/fieldsV1/f:data/f:key-1'
  const patched = applyJsonPatch(current as unknown as JsonValue, [{ op: 'remove', path }]) // A tree.
  assert.equal(JSON.stringify(current), before)
  assert.equal(JSON.stringify(patched), before.replace('"f:key-1":{},', ''))
})
