// Rules of custom resources that could take too long are refused with the factors that the real server tells.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FieldError, rootPath } from '@keelson/apimachinery'
import type { JsonSchema } from '../structural-schema/json-schema.ts'
import { checkSchema } from './definition-schema.ts'

const options = { requireValidTypes: true, requireAtomicSets: true, requireMapKeys: true }
const ADVICE =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'

function errorsOf(properties: Record<string, JsonSchema>): string[] {
  const errors: FieldError[] = []
  checkSchema(errors, { type: 'object', properties }, rootPath.child('schema'), options, true)
  return errors.map(({ type, field, detail }) => `${field}: ${type}: ${detail}`)
}

const list = (rule: string, limits: { readonly maxItems?: number; readonly maxLength?: number } = {}): JsonSchema => {
  const { maxItems, maxLength } = limits
  return {
    type: 'array',
    items: { type: 'string', ...(maxLength === undefined ? {} : { maxLength }) },
    ...(maxItems === undefined ? {} : { maxItems }),
    'x-kubernetes-validations': [{ rule }],
  }
}

const PAIRS = 'self.all(x, self.all(y, x == y))'

test('without limits in the schema, comparing each with each is too much', () => {
  assert.deepEqual(errorsOf({ a: list(PAIRS) }), [
    `schema.properties[a].x-kubernetes-validations[0].rule: FieldValueForbidden: estimated rule cost exceeds budget by factor of more than 100x ${ADVICE}`,
    'schema.properties[a].x-kubernetes-validations[0].rule: FieldValueForbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
    `schema: FieldValueForbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${ADVICE}`,
  ])
  assert.deepEqual(errorsOf({ a: list(PAIRS, { maxItems: 100, maxLength: 16 }) }), [])
})

test('a rule costs as often as its values can be there', () => {
  const inner = list(PAIRS, { maxItems: 100, maxLength: 16 })
  assert.deepEqual(errorsOf({ a: { type: 'array', maxItems: 10, items: inner } }), [])
  assert.equal(errorsOf({ a: { type: 'array', maxItems: 1000, items: inner } }).length, 3)
  assert.equal(errorsOf({ a: { type: 'array', items: inner } }).length, 3)
})

test('the four most expensive rules are named when all together are too much', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`p${index}`, list(PAIRS, { maxItems: 500, maxLength: 16 })]),
  )
  const errors = errorsOf(properties)
  assert.equal(errors.filter((error) => error.includes('contributed to')).length, 4)
  assert.ok(
    errors.at(-1)?.startsWith('schema: FieldValueForbidden: x-kubernetes-validations estimated rule cost total'),
  )
})
