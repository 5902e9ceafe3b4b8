// What makes a JSON schema structural: every value has one type, known without looking at the value (KEP-1797, and the
// documentation of CustomResourceDefinitions). Errors are sorted by their text, as upstream gives them.
import {
  type FieldError,
  type FieldPath,
  compareBytes,
  equalJson,
  fieldErrorText,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
} from '@keelson/apimachinery'
import { emptiedField } from '../schema/emptied.ts'
import { checkCompleteness } from './completeness.ts'
import { goRegexpProblem } from './go-regexp.ts'
import { type JsonSchema, itemsOf, otherMembersOf, propertyOf } from './json-schema.ts'

/** Where a schema stands: at the root, as items of a list, or for a member of an object. */
type Level = 'root' | 'item' | 'field'

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }]
const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

/** The schema must be readable (json-schema.ts). */
export function structuralErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  checkInvariants(errors, schema, 'root', path)
  checkCompleteness(errors, schema, path)
  if (errors.length < 2) return errors
  const byText = errors.map((error) => ({ error, text: fieldErrorText(error) }))
  return byText.toSorted((left, right) => compareBytes(left.text, right.text)).map(({ error }) => error)
}

function checkInvariants(errors: FieldError[], schema: JsonSchema, level: Level, path: FieldPath): void {
  const items = itemsOf(schema)
  if (schema.type === 'array' && items === undefined)
    errors.push(fieldRequired(path.child('items'), 'must be specified'))
  if (items !== undefined) checkInvariants(errors, items, 'item', path.child('items'))
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkInvariants(errors, property, 'field', path.child('properties').key(name))
  checkOtherMembers(errors, schema, level, path)
  checkExtensions(errors, schema, path)
  checkValueRules(errors, schema, level, path)
  checkType(errors, schema, level, path)
  checkMetaFields(errors, schema, level, path)
}

function checkOtherMembers(errors: FieldError[], schema: JsonSchema, level: Level, path: FieldPath): void {
  if (schema.additionalProperties === undefined) return
  const where = path.child('additionalProperties')
  if (level === 'root') errors.push(fieldForbidden(where, 'must not be used at the root'))
  const other = otherMembersOf(schema)
  if (other !== undefined) checkInvariants(errors, other, 'field', where)
  if (schema['x-kubernetes-embedded-resource'] === true)
    errors.push(fieldForbidden(where, 'must not be used if x-kubernetes-embedded-resource is set'))
}

function checkExtensions(errors: FieldError[], schema: JsonSchema, path: FieldPath): void {
  if (schema['x-kubernetes-int-or-string'] !== true) return
  const detail = 'must be false if x-kubernetes-int-or-string is true'
  for (const name of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    if (schema[name] === true) errors.push(fieldInvalid(path.child(name), true, detail))
}

function checkType(errors: FieldError[], schema: JsonSchema, level: Level, path: FieldPath): void {
  const { type = '' } = schema
  const where = path.child('type')
  if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? fieldRequired(where, detail) : fieldInvalid(where, type, detail))
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  )
    errors.push(fieldRequired(where, EMPTY_TYPE[level]))
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(fieldInvalid(where, type, 'must be object at the root'))
}

/** A resource's own fields may be restricted little: the server decides on them. */
function checkMetaFields(errors: FieldError[], schema: JsonSchema, level: Level, path: FieldPath): void {
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const isResource = level === 'root' || isEmbedded
  const properties = path.child('properties')
  if (isResource) {
    for (const name of ['kind', 'apiVersion']) {
      const property = propertyOf(schema, name)
      if (property !== undefined && property.type !== 'string')
        errors.push(fieldInvalid(properties.key(name).child('type'), property.type ?? '', 'must be string'))
    }
  }
  const metadata = propertyOf(schema, 'metadata')
  if (metadata !== undefined) {
    const where = properties.key('metadata')
    if (isResource && metadata.type !== 'object')
      errors.push(fieldInvalid(where.child('type'), metadata.type ?? '', 'must be object'))
    if (level === 'root' && !restrictsNamesOnly(metadata)) {
      const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
      errors.push(fieldForbidden(where, detail))
    }
  }
  if (
    isEmbedded &&
    !schema['x-kubernetes-preserve-unknown-fields'] &&
    Object.keys(schema.properties ?? {}).length === 0
  ) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(fieldRequired(properties, detail))
  }
}

/** Lists that upstream tells from none when they are empty. */
const LISTS = ['required', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations']

function restrictsNamesOnly(metadata: JsonSchema): boolean {
  const { type: _type, default: _default, properties = {}, ...rest } = metadata
  const names = Object.keys(properties)
  return (
    names.every((name) => name === 'name' || name === 'generateName') &&
    Object.keys(rest).length === 0 &&
    LISTS.every((list) => emptiedField(metadata, list) === null)
  )
}

/** The rules on values, and those that are nested under allOf, anyOf, oneOf and not. */
function checkValueRules(
  errors: FieldError[],
  schema: JsonSchema,
  level: Level,
  path: FieldPath,
  skipAnyOf?: boolean,
): void {
  const skip = skipAnyOf ?? isIntOrString(schema.anyOf)
  const { anyOf = [], allOf = [], oneOf = [], not, pattern = '' } = schema
  if (!skip)
    for (const [index, nested] of anyOf.entries()) checkNested(errors, nested, level, path.child('anyOf').index(index))
  for (const [index, nested] of allOf.entries()) {
    const isException = skipAnyOf === undefined && index === 0 && isIntOrString(nested.anyOf)
    checkNested(errors, nested, level, path.child('allOf').index(index), isException)
  }
  for (const [index, nested] of oneOf.entries()) checkNested(errors, nested, level, path.child('oneOf').index(index))
  if (not !== undefined) checkNested(errors, not, level, path.child('not'))
  const problem = pattern === '' ? undefined : goRegexpProblem(pattern)
  if (problem !== undefined) {
    const detail = `must be a valid regular expression, but isn't: ${problem}`
    errors.push(fieldInvalid(path.child('pattern'), pattern, detail))
  }
}

const isIntOrString = (anyOf: JsonSchema[] | undefined): boolean =>
  // A schema is JSON; its type only says which.
  anyOf !== undefined && equalJson(anyOf as unknown as [], INT_OR_STRING)

type Forbidden = readonly [field: keyof JsonSchema, detail: string]

const BE_EMPTY = 'must be empty to be structural'
const BE_UNDEFINED = 'must be undefined to be structural'
const BE_FALSE = 'must be false to be structural'
/** What decides on the structure, and has no place in a nested schema. */
const NOT_NESTED: readonly Forbidden[] = [
  ['type', BE_EMPTY],
  ['additionalProperties', BE_UNDEFINED],
  ['default', BE_UNDEFINED],
  ['title', BE_EMPTY],
  ['description', BE_EMPTY],
  ['nullable', BE_FALSE],
  ['x-kubernetes-preserve-unknown-fields', BE_FALSE],
  ['x-kubernetes-embedded-resource', BE_FALSE],
  ['x-kubernetes-int-or-string', BE_FALSE],
  ['x-kubernetes-list-map-keys', BE_EMPTY],
  ['x-kubernetes-list-type', BE_UNDEFINED],
  ['x-kubernetes-map-type', BE_UNDEFINED],
  ['x-kubernetes-validations', BE_EMPTY],
]

function checkNested(errors: FieldError[], schema: JsonSchema, level: Level, path: FieldPath, skipAnyOf = false): void {
  checkValueRules(errors, schema, level, path, skipAnyOf)
  const items = itemsOf(schema)
  if (items !== undefined) checkNested(errors, items, level, path.child('items'))
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkNested(errors, property, 'field', path.child('properties').key(name))
  for (const [field, detail] of NOT_NESTED) {
    const value = schema[field]
    // What is false is not set, for upstream, but for a default.
    if (value !== undefined && (value !== false || field === 'default'))
      errors.push(fieldForbidden(path.child(field), detail))
  }
  if (propertyOf(schema, 'metadata') !== undefined) {
    const where = path.child('properties').key('metadata')
    errors.push(fieldForbidden(where, 'must not be specified in a nested context'))
  }
}
