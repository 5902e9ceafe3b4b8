// Fields that a structural schema does not specify are dropped, or only looked for.
import { type JsonValue, isJsonObject } from '@keelson/apimachinery'
import { type JsonSchema, META_FIELDS, itemsOf, otherMembersOf, propertyOf } from './json-schema.ts'

/** In place. `isResource`: the fields of every resource stay. Whether anything was dropped. */
export function prune(value: JsonValue, schema: JsonSchema, isResource: boolean): boolean {
  return pruneValue(value, schema, isResource || schema['x-kubernetes-embedded-resource'] === true)
}

function pruneValue(value: JsonValue, schema: JsonSchema | undefined, isResource: boolean): boolean {
  if (Array.isArray(value)) {
    const keeps = schema?.['x-kubernetes-preserve-unknown-fields'] === true
    // What is kept in a list whose items have no schema is kept as a whole.
    const items = schema && itemsOf(schema)
    return value.reduce<boolean>((changed, item) => pruneItem(item, items, keeps) || changed, false)
  }
  return isJsonObject(value) && pruneObject(value, schema, isResource)
}

function pruneItem(item: JsonValue, schema: JsonSchema | undefined, keeps: boolean): boolean {
  if (!keeps) return pruneValue(item, schema, schema?.['x-kubernetes-embedded-resource'] === true)
  if (schema === undefined) return false
  const kept: JsonSchema = { ...schema, 'x-kubernetes-preserve-unknown-fields': true }
  return pruneValue(item, kept, schema['x-kubernetes-embedded-resource'] === true)
}

function pruneObject(value: Record<string, JsonValue>, schema: JsonSchema | undefined, isResource: boolean): boolean {
  const keeps = schema?.['x-kubernetes-preserve-unknown-fields'] === true
  const takesOthers = schema?.additionalProperties !== undefined
  let changed = false
  for (const name of Object.keys(value)) {
    if (isResource && META_FIELDS.has(name)) continue
    const property = schema && propertyOf(schema, name)
    const inner = property ?? (schema && otherMembersOf(schema))
    if (property !== undefined || takesOthers) {
      const member = value[name] ?? null
      changed = pruneValue(member, inner, inner?.['x-kubernetes-embedded-resource'] === true) || changed
    } else if (!keeps) {
      delete value[name]
      changed = true
    }
  }
  return changed
}
