// What applies and updates do to the owners of fields, against a model: a value and a set of owners for each field.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { StatusError } from '../status.ts'
import type { FieldType, MapField } from '../structured-merge/field-type.ts'
import { hasField } from '../structured-merge/field-set.ts'
import type { JsonObject, KubeObject } from '../types.ts'
import { applyObject } from './apply.ts'
import { readManagers } from './entries.ts'
import { trackUpdate } from './update.ts'
import type { FieldManagement } from './versions.ts'

const KEYS = ['a', 'b', 'c', 'd'] as const
type Key = (typeof KEYS)[number]
type Values = Partial<Record<Key, string>>

const struct = (fields: Readonly<Record<string, FieldType>>, element?: FieldType): FieldType => {
  const known = new Map<string, MapField>(
    Object.entries(fields).map(([name, type]) => [name, { element: `f:${name}`, type }]),
  )
  return { map: { atomic: false, field: (name) => known.get(name), element, deduced: false } }
}
const text: FieldType = { scalar: 'string' }
const empty: KubeObject = { apiVersion: 'v1', kind: 'Thing', metadata: {} }
const management: FieldManagement = {
  type: struct({ apiVersion: text, kind: text, metadata: struct({ name: text, uid: text }), data: struct({}, text) }),
  apiVersion: 'v1',
  subresource: '',
  empty,
  filter: undefined,
  typeIn: () => undefined,
  convert: (object) => object,
}
const now = new Date('2026-01-01T00:00:00Z')

const applied = (live: KubeObject, manager: string, data: Values, force: boolean): KubeObject => {
  const wanted: JsonObject = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' }, data: { ...data } }
  return applyObject(live, wanted, {
    manager,
    force,
    now,
    kind: { group: '', version: 'v1', kind: 'Thing' },
    management,
    finish: (merged) => structuredClone(merged) as unknown as KubeObject, // Merged from API objects.
  })
}

function updated(live: KubeObject, manager: string, data: Values): KubeObject {
  const next: KubeObject = { ...structuredClone(live), data: { ...data } }
  trackUpdate(live, next, manager, management, now)
  return next
}

class Model {
  readonly values = new Map<Key, string>()
  readonly owners = new Map<Key, Set<string>>(KEYS.map((key) => [key, new Set()]))

  ownersOf(key: Key): Set<string> {
    return this.owners.get(key) ?? new Set()
  }

  apply(manager: string, data: Values, force: boolean): 'conflict' | 'done' {
    const self = `Apply ${manager}`
    const changed = KEYS.filter((key) => data[key] !== undefined && this.values.get(key) !== data[key])
    const taken = changed.filter((key) => [...this.ownersOf(key)].some((owner) => owner !== self))
    if (taken.length > 0 && !force) return 'conflict'
    for (const key of KEYS) {
      const value = data[key]
      const owners = this.ownersOf(key)
      if (value !== undefined) {
        if (changed.includes(key)) owners.clear()
        owners.add(self)
        this.values.set(key, value)
      } else if (owners.delete(self) && owners.size === 0) this.values.delete(key)
    }
    return 'done'
  }

  update(manager: string, data: Values): void {
    for (const key of KEYS) {
      const value = data[key]
      if (value === this.values.get(key)) continue
      this.ownersOf(key).clear()
      if (value === undefined) this.values.delete(key)
      else {
        this.values.set(key, value)
        this.ownersOf(key).add(`Update ${manager}`)
      }
    }
  }
}

const dataOf = (object: KubeObject): Values => (object['data'] as Values | null | undefined) ?? {} // Made above.

function assertLike(object: KubeObject, model: Model): void {
  assert.deepEqual(
    { ...dataOf(object) },
    Object.fromEntries(
      KEYS.flatMap((key) => {
        const value = model.values.get(key)
        return value === undefined ? [] : [[key, value]]
      }),
    ),
  )
  const managers = [...readManagers(object.metadata.managedFields, true).values()]
  for (const key of KEYS) {
    const owners = managers.filter(({ set }) => hasField(set, ['f:data', `f:${key}`]))
    assert.deepEqual(
      owners.map(({ manager, operation }) => `${operation} ${manager}`).toSorted(),
      [...model.ownersOf(key)].toSorted(),
      key,
    )
  }
}

// Not empty: a map that nobody has left anything in becomes a field of its own, with owners of its own, as upstream has it.
const values = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom('1', '2'), { noNullPrototype: true, minKeys: 1 })
const steps = fc.array(
  fc.record({
    operation: fc.constantFrom('apply', 'force', 'update'),
    manager: fc.constantFrom('one', 'two', 'three'),
    data: values,
  }),
  { maxLength: 12 },
)

test('owners and conflicts are what a model says', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const model = new Model()
      model.apply('first', { a: '1' }, false)
      let live = { ...applied(empty, 'first', { a: '1' }, false) }
      live.metadata.uid = 'u'
      for (const { operation, manager, data } of sequence) {
        if (live.metadata.managedFields === undefined) return // Nobody owns anything: upstream tracks no more.
        if (operation === 'update') {
          model.update(manager, data)
          live = updated(live, manager, data)
        } else if (model.apply(manager, data, operation === 'force') === 'conflict') {
          assert.throws(
            () => applied(live, manager, data, false),
            (error) => error instanceof StatusError && error.code === 409,
          )
        } else live = applied(live, manager, data, operation === 'force')
        assertLike(live, model)
      }
    }),
  )
})

test('applying the same twice changes nothing, times included', () => {
  fc.assert(
    fc.property(steps, values, (sequence, data) => {
      let live = applied(empty, 'first', { a: '1' }, false)
      live.metadata.uid = 'u'
      for (const step of sequence) {
        live =
          step.operation === 'update'
            ? updated(live, step.manager, step.data)
            : applied(live, step.manager, step.data, true)
      }
      const once = applied(live, 'last', data, true)
      const twice = applied(once, 'last', data, true)
      assert.deepEqual(JSON.parse(JSON.stringify(twice)), JSON.parse(JSON.stringify(once)))
    }),
  )
})

test('a conflict names the managers and the fields', () => {
  const live = updated(applied(empty, 'one', { a: '1', b: '1' }, false), 'two', { a: '1', b: '2' })
  assert.throws(
    () => applied(live, 'three', { a: '2', b: '1' }, false),
    (error) => {
      assert.ok(error instanceof StatusError)
      assert.equal(
        error.message,
        'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\nconflicts with "two" using v1:\n- .data.b',
      )
      assert.deepEqual(error.status.details?.causes?.[0], {
        reason: 'FieldManagerConflict',
        message: 'conflict with "one"',
        field: '.data.a',
      })
      return true
    },
  )
})

test('the eleventh updater makes the two oldest one', () => {
  let live: KubeObject = { ...empty, metadata: { uid: 'u' } }
  live = applied(live, 'applier', { a: '0' }, false)
  const keys = Array.from({ length: 12 }, (_, index) => `k${String(index).padStart(2, '0')}`)
  const data: Record<string, string> = { a: '0' }
  for (const [index, key] of keys.entries()) {
    data[key] = '1'
    const next: KubeObject = { ...structuredClone(live), data: { ...data } }
    trackUpdate(live, next, `m${key}`, management, new Date(now.getTime() + index * 1000))
    live = next
  }
  const managers = [...readManagers(live.metadata.managedFields, true).values()].filter(
    ({ operation }) => operation === 'Update',
  )
  assert.equal(managers.length, 10)
  const [oldest] = managers
  assert.equal(oldest?.manager, 'ancient-changes')
  assert.deepEqual(
    keys.filter((key) => hasField(oldest.set, ['f:data', `f:${key}`])),
    keys.slice(0, 3),
  )
})

test('what a client says of managers is taken over, cleared, or passed over when it makes no sense', () => {
  const live = applied(empty, 'one', { a: '1' }, false)
  live.metadata.uid = 'u'
  const said = (managedFields: JsonObject[]): JsonObject[] | undefined => {
    const next: KubeObject = { ...structuredClone(live), metadata: { ...live.metadata, managedFields } }
    trackUpdate(live, next, 'two', management, now)
    return next.metadata.managedFields
  }
  assert.equal(said([]), undefined)
  assert.equal(said([{}]), undefined)
  assert.deepEqual(said([{ operation: 'Nothing' }]), live.metadata.managedFields)
  const entry = { manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1' }
  const fieldsV1 = { 'k:{"b":1,"a":2}': {}, 'f:data': { 'f:b': {}, 'f:a': {} }, 'z:unknown': {} }
  assert.deepEqual(said([{ ...entry, fieldsV1 }])?.[0]?.['fieldsV1'], {
    'f:data': { 'f:a': {}, 'f:b': {} },
    'k:{"a":2,"b":1}': {},
  })
  assert.deepEqual(said([{ ...entry, fieldsV1: { nocolon: {} } }]), live.metadata.managedFields)
})
