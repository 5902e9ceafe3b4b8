// What the schema of a version may say: what is of JSON schema and not for custom resources, defaults where they make no sense,
// and what the rules of structural schemas do not see.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  append,
} from '@keelson/apimachinery'
import { type JsonSchema, META_FIELDS, itemsOf } from '../structural-schema/json-schema.ts'
import { emptiedField } from '../schema/emptied.ts'
import { checkListRules, checkMapKeys } from './definition-list-rules.ts'
import { type ExpressionScope, checkExpressions, rootScope, withinRules } from './definition-expressions.ts'
import { checkRuleTexts } from './definition-rules.ts'

export interface SchemaOptions {
  readonly requireValidTypes: boolean
  readonly requireAtomicSets: boolean
  readonly requireMapKeys: boolean
}

/** Where the walk is. */
interface Scope {
  readonly options: SchemaOptions
  /** Why no default may stand here. */
  readonly noDefaults?: string
  readonly isInMetadata: boolean
  /** Undefined where expressions do not count, or cannot be looked at. */
  readonly expressions: ExpressionScope | undefined
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
export const isValidType = (type: string): boolean => TYPES.includes(type)

/** `isStructural`: its expressions are compiled, too, where nothing else is wrong. */
export function checkSchema(
  errors: FieldError[],
  schema: JsonSchema,
  path: FieldPath,
  options: SchemaOptions,
  isStructural: boolean,
): void {
  const expressions = isStructural ? rootScope() : undefined
  walk(errors, schema, path, { options, isInMetadata: false, expressions }, true)
  append(errors, expressions?.errors ?? [])
  expressions?.costs.checkTotal(errors, path)
}

function walk(errors: FieldError[], schema: JsonSchema, path: FieldPath, outer: Scope, isRoot = false): void {
  const before = errors.length
  const { expressions } = outer
  const scope = expressions === undefined ? outer : { ...outer, expressions: withinRules(expressions, schema) }
  checkSupported(errors, schema, path, scope)
  if (schema.uniqueItems === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    errors.push(fieldForbidden(path.child('uniqueItems'), detail))
  }
  walkMembers(errors, schema, path, scope, isRoot)
  walkNested(errors, schema, path, scope)
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const where = path.child('x-kubernetes-preserve-unknown-fields')
    errors.push(fieldInvalid(where, false, 'must be true or undefined'))
  }
  checkListRules(errors, schema, path, scope.options.requireAtomicSets)
  if (scope.options.requireMapKeys) checkMapKeys(errors, schema, path)
  checkRuleTexts(errors, schema, path)
  if (expressions !== undefined && errors.length === before) checkExpressions(expressions, schema, path)
}

function checkSupported(errors: FieldError[], schema: JsonSchema, path: FieldPath, scope: Scope): void {
  const { type = '' } = schema
  const forbid = (field: string, detail: string): void => void errors.push(fieldForbidden(path.child(field), detail))
  if (scope.options.requireValidTypes && type !== '' && !TYPES.includes(type))
    errors.push(fieldNotSupported(path.child('type'), type, TYPES))
  if (schema.default !== undefined && scope.noDefaults !== undefined)
    forbid('default', `must not be set ${scope.noDefaults}`)
  if (schema.id) forbid('id', 'id is not supported')
  if (schema.additionalItems !== undefined) forbid('additionalItems', 'additionalItems is not supported')
  for (const field of ['patternProperties', 'definitions', 'dependencies', '$ref'] as const) {
    // Of these, only dependencies are missed when they are given and empty.
    const isGiven = schema[field] !== undefined || (field === 'dependencies' && emptiedField(schema, field) !== null)
    if (isGiven) forbid(field, `${field} is not supported`)
  }
  if (type === 'null') forbid('type', 'type cannot be set to null, use nullable as an alternative')
  if (Array.isArray(schema.items) && schema.items.length > 0)
    forbid('items', 'items must be a schema object and not an array')
  if (scope.isInMetadata && schema['x-kubernetes-embedded-resource'] === true)
    forbid('x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
}

/** Structs have properties, maps have additionalProperties. */
function walkMembers(errors: FieldError[], schema: JsonSchema, path: FieldPath, scope: Scope, isRoot: boolean): void {
  const { additionalProperties: others, properties = {} } = schema
  const named = Object.entries(properties)
  if (others !== undefined) {
    if (named.length > 0 && others !== true) {
      const detail = 'additionalProperties and properties are mutual exclusive'
      errors.push(fieldForbidden(path.child('additionalProperties'), detail))
    }
    const inner = scope.isInMetadata
      ? { ...scope, noDefaults: 'inside additionalProperties applying to object metadata' }
      : scope
    if (typeof others === 'object') walk(errors, others, path.child('additionalProperties'), inner)
  }
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true
  for (const [name, property] of named) {
    let inner = scope
    if (isResource && META_FIELDS.has(name)) {
      inner = { ...scope, isInMetadata: true }
      if (isRoot) inner = { ...inner, noDefaults: `in top-level ${name}` }
    }
    walk(errors, property, path.child('properties').key(name), inner)
  }
}

/** Junctors come before items, dependencies after them; expressions count in items only. */
function walkNested(errors: FieldError[], schema: JsonSchema, path: FieldPath, scope: Scope): void {
  const { not, allOf = [], oneOf = [], anyOf = [], definitions = {}, dependencies = {} } = schema
  const without = { ...scope, expressions: undefined }
  if (not !== undefined) walk(errors, not, path.child('not'), without)
  for (const [name, list] of Object.entries({ allOf, oneOf, anyOf }))
    for (const [index, inner] of list.entries()) walk(errors, inner, path.child(name).index(index), without)
  for (const [name, inner] of Object.entries(definitions))
    walk(errors, inner, path.child('definitions').key(name), without)
  walkItems(errors, schema, path, scope)
  for (const [name, dependency] of Object.entries(dependencies))
    if (!Array.isArray(dependency)) walk(errors, dependency, path.child('dependencies').key(name), without)
}

function walkItems(errors: FieldError[], schema: JsonSchema, path: FieldPath, outer: Scope): void {
  if (schema.items === undefined) return
  const where = path.child('items')
  const { expressions } = outer
  const hasOld = schema['x-kubernetes-list-type'] === 'map'
  const scope =
    expressions === undefined || hasOld ? outer : { ...outer, expressions: { withoutOld: path, ...expressions } }
  const items = itemsOf(schema)
  if (items !== undefined) walk(errors, items, where, scope)
  else if (Array.isArray(schema.items))
    for (const [index, inner] of schema.items.entries()) walk(errors, inner, where.index(index), scope)
}
