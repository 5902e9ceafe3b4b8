// Resources within custom resources, and those that defaults make: their apiVersion, kind and metadata are the server's business.
import {
  type FieldError,
  type FieldPath,
  type JsonObject,
  type JsonValue,
  type ObjectMeta,
  fieldInvalid,
  fieldRequired,
  isDNS1035Label,
  isJsonObject,
  nameIsPathSegment,
} from '@keelson/apimachinery'
import { validateMetadata } from '../metadata/validate.ts'
import { decodeMetadata } from '../schema/index.ts'
import { type JsonSchema, META_FIELDS, itemsOf, otherMembersOf, propertyOf } from './json-schema.ts'

/** What is done with a resource that was found; an error ends the walk. */
type Visit = (resource: JsonObject, path: FieldPath) => FieldError | undefined

/** Resources are read as Go reads them, and their metadata loses what it has not. The first error, if any. */
export function coerceResources(
  value: JsonValue,
  schema: JsonSchema,
  isResource: boolean,
  path: FieldPath,
): FieldError | undefined {
  return walk(value, isResource ? asResource(schema) : schema, path, coerce)
}

/** Upstream's pruning of defaults drops what it cannot read. */
export function dropMalformed(value: JsonValue, schema: JsonSchema, isResource: boolean, path: FieldPath): void {
  walk(value, isResource ? asResource(schema) : schema, path, drop)
}

export function resourceErrors(
  value: JsonValue,
  schema: JsonSchema,
  isResource: boolean,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  walk(value, isResource ? asResource(schema) : schema, path, (resource, where) => {
    checkResource(errors, resource, where)
    return undefined
  })
  return errors
}

const asResource = (schema: JsonSchema): JsonSchema =>
  schema['x-kubernetes-embedded-resource'] === true ? schema : { ...schema, 'x-kubernetes-embedded-resource': true }

function walk(value: JsonValue, schema: JsonSchema | undefined, path: FieldPath, visit: Visit): FieldError | undefined {
  if (schema === undefined) return undefined
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const error = walk(item, itemsOf(schema), path.index(index), visit)
      if (error !== undefined) return error
    }
    return undefined
  }
  if (!isJsonObject(value)) return undefined
  const found = schema['x-kubernetes-embedded-resource'] === true ? visit(value, path) : undefined
  if (found !== undefined) return found
  for (const [name, member] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    const error =
      property === undefined
        ? walk(member, otherMembersOf(schema), path.key(name), visit)
        : walk(member, property, path.child(name), visit)
    if (error !== undefined) return error
  }
  return undefined
}

function coerce(resource: JsonObject, path: FieldPath): FieldError | undefined {
  for (const [name, value] of Object.entries(resource)) {
    if (!META_FIELDS.has(name)) continue
    if (name !== 'metadata') {
      if (typeof value !== 'string') return fieldInvalid(path.child(name), value, 'must be a string')
      continue
    }
    const decoded = decodeMetadata(value)
    if (typeof decoded === 'string') return fieldInvalid(path.child(name), value, decoded)
    resource[name] = asJson(decoded)
  }
  return undefined
}

/** What decoding gives is JSON; its type names the fields. */
const asJson = (metadata: ObjectMeta): JsonObject => metadata as unknown as JsonObject

function drop(resource: JsonObject): undefined {
  for (const name of ['apiVersion', 'kind'])
    if (resource[name] !== undefined && typeof resource[name] !== 'string') delete resource[name]
  const { metadata } = resource
  if (!isJsonObject(metadata)) return undefined
  const readable = Object.entries(metadata).filter(
    ([name, value]) => typeof decodeMetadata({ [name]: value }) !== 'string',
  )
  const decoded = decodeMetadata(Object.fromEntries(readable))
  if (typeof decoded !== 'string') resource['metadata'] = asJson(decoded)
  return undefined
}

function checkResource(errors: FieldError[], resource: JsonObject, path: FieldPath): void {
  for (const name of ['apiVersion', 'kind'])
    if (resource[name] === undefined) errors.push(fieldRequired(path.child(name), ''))
  for (const [name, value] of Object.entries(resource)) {
    if (name === 'apiVersion') checkApiVersion(errors, value, path.child(name))
    else if (name === 'kind') checkKind(errors, value, path.child(name))
    else if (name === 'metadata') checkMetadata(errors, value, path.child(name))
  }
}

function checkApiVersion(errors: FieldError[], value: JsonValue, path: FieldPath): void {
  if (typeof value !== 'string') errors.push(fieldInvalid(path, value, 'must be a string'))
  else if (value === '') errors.push(fieldInvalid(path, '', 'must not be empty'))
  else if (value !== '/' && value.split('/').length > 2)
    errors.push(fieldInvalid(path, value, `unexpected GroupVersion string: ${value}`))
}

function checkKind(errors: FieldError[], value: JsonValue, path: FieldPath): void {
  if (typeof value !== 'string') return void errors.push(fieldInvalid(path, value, 'must be a string'))
  if (value === '') return void errors.push(fieldInvalid(path, '', 'must not be empty'))
  const messages = isDNS1035Label(value.toLowerCase())
  if (messages.length === 0) return
  const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`
  errors.push(fieldInvalid(path, value, detail))
}

/** A name is not asked for. */
const ANY_NAME = 'fakename'

function checkMetadata(errors: FieldError[], value: JsonValue, path: FieldPath): void {
  const metadata = decodeMetadata(value)
  if (typeof metadata === 'string') return void errors.push(fieldInvalid(path, value, metadata))
  const rules = { namespaced: Boolean(metadata.namespace), validateName: nameIsPathSegment, qualifiedFinalizers: false }
  for (const error of validateMetadata({ ...metadata, name: metadata.name || ANY_NAME }, rules))
    errors.push({ ...error, field: String(path) + error.field.slice('metadata'.length) })
}
