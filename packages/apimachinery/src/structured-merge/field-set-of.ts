// The fields that an object names: what its applier owns.
import type { JsonObject, JsonValue } from '../types.ts'
import { type FieldSet, type FieldSetBuilder, LEAF, nodeOf } from './field-set.ts'
import { type FieldType, type ListType, type MapType, shapeOf } from './field-type.ts'
import { itemElement } from './path-element.ts'

/** For values that validateValue has accepted. Unlike a comparison, it does not name the maps and lists on the way. */
export function fieldSetOf(object: JsonObject, type: FieldType): FieldSet {
  return childrenOf(object, type) ?? LEAF
}

/** What is below a value; undefined: nothing. */
function childrenOf(value: JsonValue, type: FieldType): FieldSet | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return type.list === undefined ? undefined : childrenOfList(value, type.list)
  return type.map === undefined ? undefined : childrenOfMap(value, type.map)
}

function childrenOfMap(value: JsonObject, map: MapType): FieldSet | undefined {
  if (map.atomic) return undefined
  let set: FieldSetBuilder | undefined
  for (const key in value) {
    const member = value[key]
    const field = map.field(key)
    const type = field?.type ?? map.element
    if (member === undefined || type === undefined) continue
    const isItself = field === undefined || isLeaf(member, type)
    const node = nodeOf(isItself, childrenOf(member, type))
    if (node !== undefined) (set ??= {})[field?.element ?? `f:${key}`] = node
  }
  return set
}

/** Owned as a whole: scalars, nulls, empty maps, and what is atomic. An empty list that is not atomic is not owned at all. */
function isLeaf(value: JsonValue, type: FieldType): boolean {
  if (value === null) return true
  switch (shapeOf(type, value)) {
    case 'map':
      return type.map?.atomic === true || isEmptyMap(value)
    case 'list':
      return type.list?.atomic === true
    default:
      return true
  }
}

function isEmptyMap(value: JsonValue): boolean {
  if (typeof value !== 'object' || Array.isArray(value)) return false
  for (const _ in value) return false
  return true
}

function childrenOfList(items: readonly JsonValue[], list: ListType): FieldSet | undefined {
  if (list.atomic || items.length === 0) return undefined
  const set: FieldSetBuilder = {}
  for (const item of items) {
    const element = itemElement(list, item)
    set[element] = set[element] === undefined ? (nodeOf(true, childrenOf(item, list.element)) ?? LEAF) : LEAF
  }
  return set
}

/** The set with every named field on the way as a member, so that taking the set away takes them away too. */
export function withNamedFields(set: FieldSet, type: FieldType | undefined): FieldSet {
  const result: FieldSetBuilder = {}
  for (const element in set) {
    if (element === '.') continue
    const node = set[element]!
    const below = typeBelow(type, element)
    const children = withNamedFields(node, below.type)
    const isItself = below.isNamed || node['.'] !== undefined || !hasChildren(node)
    const made = nodeOf(isItself, children)
    if (made !== undefined) result[element] = made
  }
  return result
}

function hasChildren(node: FieldSet): boolean {
  for (const element in node) if (element !== '.') return true
  return false
}

function typeBelow(
  type: FieldType | undefined,
  element: string,
): { readonly type: FieldType | undefined; readonly isNamed: boolean } {
  if (element.startsWith('f:') && type?.map !== undefined) {
    const field = type.map.field(element.slice(2))
    return { type: field?.type ?? type.map.element, isNamed: field !== undefined }
  }
  if (element.startsWith('k:') && type?.list !== undefined) return { type: type.list.element, isNamed: false }
  return { type: undefined, isNamed: false }
}
