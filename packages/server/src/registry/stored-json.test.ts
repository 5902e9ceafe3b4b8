import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type JsonObject, type KubeObject, setOfSharedText } from '@keelson/apimachinery'
import { findResource } from '@keelson/api'
import { encodeStored, storedPrefix } from './stored-json.ts'

const definition = findResource('', 'v1', 'configmaps')
assert.ok(definition !== undefined)
const prefix = storedPrefix(definition, 'v1')

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"managedFields":[', '"fieldsV1":0', '"}', 'é', ''),
)
const set = fc.dictionary(text, fc.dictionary(text, fc.constant({}), { maxKeys: 2 }), { maxKeys: 3 })
// As one that was read out of the cache.
const sets = fc.oneof(
  set,
  set.map((each) => setOfSharedText(Buffer.from(JSON.stringify(each)))),
)
const entry = fc.record(
  { manager: text, operation: text, fieldsType: text, fieldsV1: fc.oneof(sets, fc.constant(null)), subresource: text },
  { requiredKeys: [], noNullPrototype: true },
)
const metadata = fc.record(
  {
    name: text,
    labels: fc.dictionary(text, text, { noNullPrototype: true }),
    resourceVersion: fc.constant('7'),
    managedFields: fc.array(entry, { maxLength: 3 }),
  },
  { requiredKeys: [], noNullPrototype: true },
)
const objects = fc.record(
  { metadata, data: fc.dictionary(text, text), binaryData: fc.constant({ fieldsV1: 0, managedFields: [0] }) },
  { requiredKeys: ['metadata'], noNullPrototype: true },
)

test('what is stored is the object without its resourceVersion, whatever is in it, and its sets are where it says', () => {
  fc.assert(
    fc.property(objects, (each) => {
      const object = { ...each, kind: 'other', apiVersion: 'other' } as KubeObject // Its entries may hold any set.
      const { bytes, fields } = encodeStored(object, prefix)
      const { resourceVersion: _resourceVersion, ...others } = each.metadata
      const expected = JSON.stringify({ ...each, kind: 'ConfigMap', apiVersion: 'v1', metadata: others })
      assert.deepEqual(JSON.parse(bytes.toString()), JSON.parse(expected))
      assert.ok(bytes.subarray(0, prefix.bytes.length).equals(prefix.bytes))
      const managed = each.metadata.managedFields ?? []
      const given = managed.flatMap(({ fieldsV1 }) => (fieldsV1 ? [JSON.stringify(fieldsV1)] : []))
      assert.deepEqual(
        fields.map(({ start, end }) => bytes.toString('utf8', start, end)),
        given,
      )
    }),
    { numRuns: 1_000 },
  )
})

test('a shared set is written as it is kept', () => {
  // Not as JSON.stringify would write it.
  const text = Buffer.from('{ "f:data":{} }')
  const managedFields: JsonObject[] = [
    { manager: 'm', fieldsV1: setOfSharedText(text) as JsonObject, subresource: 's' },
  ]
  const { bytes, fields } = encodeStored({ kind: '', apiVersion: '', metadata: { managedFields } }, prefix)
  assert.equal(
    bytes.toString(),
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"managedFields":[{"manager":"m","fieldsV1":{ "f:data":{} },"subresource":"s"}]}}',
  )
  assert.equal(fields[0]?.shared, text)
})
