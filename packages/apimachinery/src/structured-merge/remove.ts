// An object without some of its fields and items.
import { setMember } from '../json-tree.ts'
import type { JsonObject, JsonValue } from '../types.ts'
import { type FieldSet, isEmptySet, isMember } from './field-set.ts'
import { type FieldType, type ListType, type MapType, shapeOf } from './field-type.ts'
import { ItemError, itemElement } from './path-element.ts'

/** Members of the set go, with all that is in them; what is atomic goes only as a whole. Shares what stays. */
export function removeFields(object: JsonObject, set: FieldSet, type: FieldType): JsonObject {
  if (isEmptySet(set)) return object
  // What is left of an object is an object, or nothing.
  return (removeFrom(object, set, type) ?? {}) as JsonObject
}

/** Undefined: nothing is left. */
function removeFrom(value: JsonValue, set: FieldSet, type: FieldType): JsonValue | undefined {
  switch (shapeOf(type, value)) {
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? removeFromMap(value, set, type.map!)
        : undefined
    case 'list':
      return Array.isArray(value) ? removeFromList(value, set, type.list!) : undefined
    default:
      return value
  }
}

function removeFromMap(value: JsonObject, set: FieldSet, map: MapType): JsonObject | undefined {
  if (map.atomic) return undefined
  const kept: JsonObject = {}
  let isEmpty = true
  for (const key in value) {
    const member = value[key]
    if (member === undefined) continue
    const field = map.field(key)
    const node = set[field?.element ?? `f:${key}`]
    if (node !== undefined && isMember(node)) continue
    const type = field?.type ?? map.element
    const left = node === undefined || type === undefined ? member : (removeFrom(member, node, type) ?? null)
    setMember(kept, key, left)
    isEmpty = false
  }
  return isEmpty ? undefined : kept
}

function removeFromList(items: readonly JsonValue[], set: FieldSet, list: ListType): JsonValue[] | undefined {
  if (list.atomic) return undefined
  const kept: JsonValue[] = []
  for (const item of items) {
    const node = set[elementOrNothing(list, item)]
    if (node !== undefined && isMember(node)) continue
    kept.push(node === undefined ? item : (removeFrom(item, node, list.element) ?? null))
  }
  return kept.length === 0 ? undefined : kept
}

/** '' for an item without a key: no set has it. */
function elementOrNothing(list: ListType, item: JsonValue): string {
  try {
    return itemElement(list, item)
  } catch (error) {
    if (error instanceof ItemError) return ''
    throw error
  }
}
