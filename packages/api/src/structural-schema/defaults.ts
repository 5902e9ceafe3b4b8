// Defaults in a schema: each must be what the schema itself allows, with no field that it does not know.
import {
  type FieldError,
  type FieldPath,
  type JsonValue,
  cloneJson,
  equalJson,
  fieldErrorText,
  fieldInvalid,
  isJsonObject,
  rootPath,
  append,
} from '@keelson/apimachinery'
import { coerceResources, dropMalformed, resourceErrors } from './embedded-resource.ts'
import { type JsonSchema, META_FIELDS, itemsOf, otherMembersOf, someSchema } from './json-schema.ts'
import { ruleErrors } from './default-rules.ts'
import { prune } from './prune.ts'
import { ROOT, type Surroundings, find, inList, inMember, surround } from './surrounding.ts'
import { valueErrors } from './value-rules.ts'

interface Scope {
  readonly errors: FieldError[]
  readonly requirePruned: boolean
}

/** Where a schema stands in its resource. */
interface Place {
  /** The schema of the innermost resource around it. */
  readonly resource: JsonSchema
  readonly surroundings: Surroundings
  readonly isInMetadata: boolean
}

export const hasDefaults = (schema: JsonSchema): boolean => someSchema(schema, (inner) => inner.default !== undefined)

/**
 * The schema must be structural. Metadata in a default loses, in place, what metadata has not. Defaults below
 * additionalProperties are not looked at.
 */
export function defaultErrors(schema: JsonSchema, path: FieldPath, requirePruned: boolean): FieldError[] {
  const errors: FieldError[] = []
  const root: JsonSchema = { ...schema, 'x-kubernetes-embedded-resource': true }
  checkDefaults({ errors, requirePruned }, root, path, { resource: root, surroundings: ROOT, isInMetadata: false })
  return errors
}

function checkDefaults(scope: Scope, schema: JsonSchema, path: FieldPath, outer: Place): void {
  const isResource = schema['x-kubernetes-embedded-resource'] === true
  const place = isResource ? { resource: schema, surroundings: ROOT, isInMetadata: false } : outer
  if (schema.default !== undefined) {
    if (place.isInMetadata) checkInMetadata(scope, schema, schema.default, path.child('default'), place)
    else checkDefault(scope, schema, schema.default, path.child('default'))
  }
  const items = itemsOf(schema)
  if (items !== undefined)
    checkDefaults(scope, items, path.child('items'), { ...place, surroundings: inList(place.surroundings) })
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    checkDefaults(scope, property, path.child('properties').key(name), {
      resource: place.resource,
      surroundings: inMember(place.surroundings, name),
      isInMetadata: place.isInMetadata || (isResource && META_FIELDS.has(name)),
    })
  }
}

function checkDefault({ errors, requirePruned }: Scope, schema: JsonSchema, value: JsonValue, path: FieldPath): void {
  const isResource = schema['x-kubernetes-embedded-resource'] === true
  if (requirePruned && prune(cloneJson(value), schema, isResource))
    errors.push(fieldInvalid(path, value, 'must not have unknown fields'))
  const refused = coerceResources(value, schema, isResource, path)
  if (refused !== undefined) return void errors.push(refused)
  const found = resourceErrors(value, schema, isResource, path)
  append(errors, found.length > 0 ? found : ownErrors(schema, value, path))
}

/** Of what a resource around it would be, only the metadata is looked at. */
function checkInMetadata({ errors }: Scope, schema: JsonSchema, value: JsonValue, path: FieldPath, place: Place): void {
  const resource = surround(place.surroundings, cloneJson(value))
  if (resource === undefined) return
  resource['kind'] ??= 'Validation'
  resource['apiVersion'] ??= 'validation/v1'
  const refuse = (detail: string): void =>
    void errors.push(fieldInvalid(path, value, `must result in valid metadata: ${detail}`))
  const refused = coerceResources(resource, place.resource, true, rootPath)
  if (refused !== undefined) return refuse(fieldErrorText(refused))
  const found = [...new Set(resourceErrors(resource, place.resource, true, rootPath).map(fieldErrorText))]
  if (found.length > 0) return refuse(found.length === 1 ? (found[0] ?? '') : `[${found.join(', ')}]`)
  append(errors, ownErrors(schema, value, path))
}

/** Rules in expressions are asked last. */
function ownErrors(schema: JsonSchema, value: JsonValue, path: FieldPath): FieldError[] {
  const errors = valueErrors(schema, value, path)
  const isResource = schema['x-kubernetes-embedded-resource'] === true
  return errors.length > 0 ? errors : ruleErrors(schema, value, path, isResource)
}

/** Whether a stored schema has defaults with fields that it does not know: older servers took them. */
export function hasUnprunedDefaults(root: JsonSchema): boolean {
  const walk = (schema: JsonSchema, place: Surroundings): boolean => {
    if (schema.default !== undefined && isUnpruned(root, schema.default, place)) return true
    const others = otherMembersOf(schema)
    if (others !== undefined && walk(others, inMember(place, '*'))) return true
    const items = itemsOf(schema)
    if (items !== undefined && walk(items, inList(place))) return true
    return Object.entries(schema.properties ?? {}).some(([name, property]) => walk(property, inMember(place, name)))
  }
  return walk(root, ROOT)
}

function isUnpruned(root: JsonSchema, value: JsonValue, place: Surroundings): boolean {
  const resource = surround(place, cloneJson(value))
  if (resource === undefined) return false
  dropMalformed(resource, root, true, rootPath)
  prune(resource, root, true)
  const pruned = find(place, resource)
  return pruned === undefined || (isJsonObject(value) || Array.isArray(value) ? !equalJson(value, pruned) : false)
}
