import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cloneJson, equalJson } from './json-tree.ts'
import type { JsonObject, JsonValue } from './types.ts'

/** Names that every object inherits, too. */
const key = fc.constantFrom('a', 'b', 'constructor', '__proto__', 'toString')
const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue>(0, 1, '', 'x', null, true),
    fc.array(tie('json'), { maxLength: 2 }),
    fc.dictionary(key, tie('json'), { maxKeys: 3 }),
  ),
}))
const parsed = json.map((value) => JSON.parse(JSON.stringify(value)) as JsonValue) // Plain objects, as from a body.

/** Members in order. */
function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.keys(value).toSorted()
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join()}}`
}

test('documents are equal when their canonical texts are', () => {
  fc.assert(
    fc.property(parsed, parsed, (left, right) => {
      assert.equal(equalJson(left, right), canonical(left) === canonical(right))
      assert.ok(equalJson(left, cloneJson(left)))
    }),
    { numRuns: 2_000 },
  )
})

test('a member that is undefined is not there', () => {
  const gone = { a: 1, b: undefined } as unknown as JsonObject // As API types have it.
  assert.ok(equalJson(gone, { a: 1 }))
  assert.ok(equalJson({ a: 1 }, gone))
  assert.ok(!equalJson(gone, { a: 1, b: null }))
  assert.ok(!equalJson({ b: 1 }, gone))
})

test('a copy shares the sets of fields that are frozen, and nothing else', () => {
  const [shared, own] = [Object.freeze({ 'f:data': Object.freeze({}) }), { 'f:data': {} }]
  const copy = cloneJson({ managedFields: [{ fieldsV1: shared }, { fieldsV1: own }], frozen: shared })
  assert.equal(copy.managedFields[0]?.fieldsV1, shared)
  assert.notEqual(copy.managedFields[1]?.fieldsV1, own)
  assert.notEqual(copy.frozen, shared)
})
