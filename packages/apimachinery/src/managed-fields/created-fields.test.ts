// What a new object's manager owns does not depend on which objects of the same shape came before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEDUCED, type FieldType, type MapField } from '../structured-merge/field-type.ts'
import { sharedText } from '../structured-merge/shared-set.ts'
import type { JsonObject, JsonValue, KubeObject } from '../types.ts'
import { trackUpdate } from './update.ts'
import type { FieldManagement } from './versions.ts'

const map = (fields: Readonly<Record<string, FieldType>>, element?: FieldType, atomic = false): FieldType => {
  const known = new Map<string, MapField>(
    Object.entries(fields).map(([name, type]) => [name, { element: `f:${name}`, type }]),
  )
  return { map: { atomic, field: (name) => known.get(name), element, deduced: false } }
}
const list = (element: FieldType, keys: readonly string[], atomic = false): FieldType => {
  const byDefault = (name: string): JsonValue | undefined => (name === 'protocol' ? 'TCP' : undefined)
  return { list: { atomic, keys: keys.map((name) => ({ name, default: byDefault(name) })), element } }
}
const text: FieldType = { scalar: 'string' }
const port = map({ port: { scalar: 'numeric' }, protocol: text, name: text })
const spec = map({
  image: text,
  any: DEDUCED,
  labels: map({}, text),
  selector: map({}, text, true),
  finalizers: list(text, []),
  args: list(text, [], true),
  ports: list(port, ['port', 'protocol']),
  owners: list(map({ kind: text, name: text }), ['kind', 'name']),
  items: list(map({ name: text, ports: list(port, ['port', 'protocol']) }), ['name']),
})
const empty = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: {},
  spec: { image: '', items: null, selector: {}, any: null },
} satisfies KubeObject
const management = (): FieldManagement => ({
  type: map({ apiVersion: text, kind: text, metadata: map({ name: text, labels: map({}, text) }), spec }),
  apiVersion: 'v1',
  subresource: '',
  empty,
  filter: { exclude: { 'f:spec': { 'f:args': {} } } },
  typeIn: () => undefined,
  convert: (object) => object,
})

const now = new Date('2026-01-01T00:00:00Z')
const track = (object: KubeObject, how: FieldManagement): JsonObject[] | undefined => {
  const next = structuredClone(object)
  trackUpdate(how.empty, next, 'm', how, now)
  return next.metadata.managedFields
}

/** Few values, so that shapes meet: of one field, with names and values that look like other shapes. */
const name = fc.constantFrom('a', 'b', 'af:b', 'image', '{}', '__proto__')
const word = fc.constantFrom('', '1', 'x')
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null | undefined> =>
  fc.oneof({ weight: 4, arbitrary: value }, fc.constantFrom(null, undefined))
const words = fc.dictionary(name, word, { maxKeys: 2, noNullPrototype: true })
const ports = fc.array(
  maybe(fc.record({ port: maybe(fc.nat(1)), protocol: maybe(fc.constantFrom('TCP', 'UDP')), name: maybe(word) })),
  { maxLength: 2 },
)
const owners = fc.array(fc.record({ kind: maybe(word), name: maybe(word) }), { maxLength: 2 })
const anything = fc.oneof(word, fc.boolean(), fc.nat(1), words, fc.array(word, { maxLength: 1 }))
const things = fc.oneof(
  words.map((labels) => ({ metadata: { labels } })),
  fc
    .oneof(
      word.map((image) => ({ image })),
      anything.map((any) => ({ any })),
      words.map((labels) => ({ labels })),
      words.map((selector) => ({ selector })),
      anything.map((selector) => ({ selector })),
      fc.array(maybe(fc.oneof(word, fc.nat(1))), { maxLength: 2 }).map((finalizers) => ({ finalizers })),
      fc.array(word, { maxLength: 1 }).map((args) => ({ args })),
      ports.map((each) => ({ ports: each })),
      owners.map((each) => ({ owners: each })),
      fc.array(fc.record({ name: maybe(word), ports: maybe(ports) }), { maxLength: 2 }).map((items) => ({ items })),
      fc.record({ labels: words, image: word }, { requiredKeys: ['labels'] }),
      fc.record({ image: maybe(word), any: maybe(anything), labels: maybe(words), owners: maybe(owners) }),
    )
    .map((fields) => ({ metadata: {}, spec: fields })),
)

test('the fields of a new object are those of its kind and content, whatever came before', () => {
  const warm = management()
  fc.assert(
    fc.property(fc.array(things, { minLength: 4, maxLength: 12 }), (objects) => {
      for (const each of objects) {
        // As it comes from a body.
        const object = JSON.parse(JSON.stringify({ apiVersion: 'v1', kind: 'Thing', ...each })) as KubeObject
        assert.deepEqual(track(object, warm), track(object, management()))
      }
    }),
    { numRuns: 1_000 },
  )
})

test('objects of one shape have one set, whose text is its JSON; others have their own', () => {
  const warm = management()
  const make = (image: string, ...names: string[]): JsonValue => {
    const items = names.map((each) => ({ name: each }))
    const object = { ...empty, metadata: { name: image }, spec: { image, items } }
    return track(object, warm)?.[0]?.['fieldsV1'] ?? null
  }
  const set = make('one', 'a', 'b')
  assert.equal(make('two', 'a', 'b'), set)
  assert.equal(sharedText(set as JsonObject)?.toString(), JSON.stringify(set)) // Asserted to be one on the next line.
  assert.deepEqual(set, {
    'f:spec': {
      'f:image': {},
      'f:items': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} }, 'k:{"name":"b"}': { '.': {}, 'f:name': {} } },
    },
  })
  assert.notEqual(make('one', 'a'), set)
  assert.notDeepEqual(make('one', 'a', 'c'), set)
})

test('shapes beyond the limit are forgotten, the oldest first, and a large object is worked out each time', () => {
  const warm = management()
  const make = (label: string): JsonValue => {
    const object = { ...empty, spec: { labels: { [label]: 'x' } } }
    return track(object, warm)?.[0]?.['fieldsV1'] ?? null
  }
  const first = make('first')
  const second = make('second')
  for (let index = 0; index < 254; index++) make(`label-${index}`)
  assert.equal(make('first'), first, 'used again')
  make('one more')
  assert.equal(make('first'), first)
  assert.notEqual(make('second'), second)
  const large = 'x'.repeat(9_000)
  assert.notEqual(make(large), make(large))
  assert.deepEqual(make(large), { 'f:spec': { 'f:labels': { '.': {}, [`f:${large}`]: {} } } })
})
