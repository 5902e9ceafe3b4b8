// What changed between two objects, as sets of fields. This runs at every write: nothing is allocated for what did not change.
import { equalJson } from '../json-tree.ts'
import type { JsonObject, JsonValue } from '../types.ts'
import { StructuredMergeError } from './errors.ts'
import { type FieldSet, type FieldSetBuilder, LEAF, nodeOf } from './field-set.ts'
import { type FieldType, type ListType, type MapType, partOf, shapeOf } from './field-type.ts'
import { ItemError, elementText, itemElement } from './path-element.ts'

export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** The sets below one field; absent while they are empty. The field itself is told by its parent. */
class Differences {
  added: FieldSetBuilder | undefined
  modified: FieldSetBuilder | undefined
  removed: FieldSetBuilder | undefined
}

/** StructuredMergeError when items of a list cannot be told apart. */
export function compareObjects(before: JsonObject, after: JsonObject, type: FieldType): Comparison {
  const differences = new Differences()
  if (type.map !== undefined) compareMaps(type.map, before, after, differences)
  return {
    added: differences.added ?? LEAF,
    modified: differences.modified ?? LEAF,
    removed: differences.removed ?? LEAF,
  }
}

/** One field, or item, of two parents; tells `parent` under `element` what changed. */
function compareMember(
  element: string,
  type: FieldType,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  parent: Differences,
): void {
  if (before === after) return
  if (before === undefined) {
    ;(parent.added ??= {})[element] = presence(after!, type, element)
  } else if (after === undefined) {
    ;(parent.removed ??= {})[element] = presence(before, type, element)
  } else if (typeof before !== 'object' && typeof after !== 'object' && type.scalar !== undefined) {
    modify(element, parent)
  } else {
    compareBoth(element, type, before, after, parent)
  }
}

function modify(element: string, parent: Differences): void {
  ;(parent.modified ??= {})[element] = LEAF
}

function compareBoth(element: string, type: FieldType, before: JsonValue, after: JsonValue, parent: Differences): void {
  const below = new Differences()
  const [beforeType, afterType] = [partOf(type, before), partOf(type, after)]
  let isModified = false
  // A value that changed its kind is looked at as both.
  if (kindsOf(beforeType) !== kindsOf(afterType)) isModified = compareAs(element, beforeType, before, after, below)
  if (compareAs(element, afterType, before, after, below)) isModified = true
  if (below.added !== undefined) (parent.added ??= {})[element] = below.added
  if (below.removed !== undefined) (parent.removed ??= {})[element] = below.removed
  const modified = nodeOf(isModified, below.modified)
  if (modified !== undefined) (parent.modified ??= {})[element] = modified
}

const kindsOf = ({ scalar, list, map }: FieldType): number =>
  (scalar === undefined ? 0 : 1) + (list === undefined ? 0 : 2) + (map === undefined ? 0 : 4)

/** True: the field changed as a whole. What changed inside of it is told to `below`. */
function compareAs(element: string, type: FieldType, before: JsonValue, after: JsonValue, below: Differences): boolean {
  switch (shapeOf(type, undefined)) {
    case 'map': {
      const map = type.map!
      const [left, right] = [mapIn(before), mapIn(after)]
      if (map.atomic || (isEmptyMap(left) && isEmptyMap(right))) return !equalJson(before, after)
      compareMaps(map, left, right, below)
      return false
    }
    case 'list': {
      const list = type.list!
      const [left, right] = [listIn(before), listIn(after)]
      if (list.atomic || (left.length === 0 && right.length === 0)) return !equalJson(before, after)
      if (!equalJson(left, right)) compareLists(element, list, left, right, below)
      return false
    }
    case 'scalar':
      return !equalJson(before, after)
    case undefined:
      throw new StructuredMergeError([{ path: elementText(element), message: 'schema error: invalid atom: inlined' }])
  }
}

const NOTHING: JsonObject = {}
const NO_ITEMS: JsonValue[] = []

const mapIn = (value: JsonValue): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : NOTHING
const listIn = (value: JsonValue): JsonValue[] => (Array.isArray(value) ? value : NO_ITEMS)

function isEmptyMap(map: JsonObject): boolean {
  for (const key in map) if (map[key] !== undefined) return false
  return true
}

function compareMaps(map: MapType, before: JsonObject, after: JsonObject, differences: Differences): void {
  for (const key in before) {
    const [left, right] = [before[key], after[key]]
    // Identity settles most fields: scalars that did not change.
    if (left === right || (left === undefined && right === undefined)) continue
    const field = map.field(key)
    compareMember(field?.element ?? `f:${key}`, field?.type ?? elementOf(map, key), left, own(after, key), differences)
  }
  for (const key in after) {
    if (after[key] === undefined || own(before, key) !== undefined) continue
    const field = map.field(key)
    compareMember(field?.element ?? `f:${key}`, field?.type ?? elementOf(map, key), undefined, after[key], differences)
  }
}

/** Keys are a client's: `constructor` must not be found on the prototype. */
const own = (object: JsonObject, key: string): JsonValue | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

function elementOf(map: MapType, key: string): FieldType {
  if (map.element !== undefined) return map.element
  throw new StructuredMergeError([{ path: `.${key}`, message: 'schema error: invalid atom: inlined' }])
}

function compareLists(
  element: string,
  list: ListType,
  before: JsonValue[],
  after: JsonValue[],
  below: Differences,
): void {
  const left = itemsByElement(element, list, before)
  const right = itemsByElement(element, list, after)
  for (const [item, was] of left) compareItems(list, item, was, right.get(item) ?? NO_ITEMS, below)
  for (const [item, is] of right) if (!left.has(item)) compareItems(list, item, NO_ITEMS, is, below)
}

/** More than one where items are there twice: those are owned together, as one leaf. */
function itemsByElement(path: string, list: ListType, items: readonly JsonValue[]): Map<string, JsonValue[]> {
  const byElement = new Map<string, JsonValue[]>()
  items.forEach((item, index) => {
    const element = elementOfItem(path, list, item, index)
    const same = byElement.get(element)
    if (same === undefined) byElement.set(element, [item])
    else same.push(item)
  })
  return byElement
}

function elementOfItem(path: string, list: ListType, item: JsonValue, index: number): string {
  try {
    return itemElement(list, item)
  } catch (error) {
    if (!(error instanceof ItemError)) throw error
    throw new StructuredMergeError([{ path: elementText(path), message: `element ${index}: ${error.message}` }])
  }
}

function compareItems(
  { element: type }: ListType,
  element: string,
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  differences: Differences,
): void {
  if (before.length <= 1 && after.length <= 1) {
    compareMember(element, type, before[0], after[0], differences)
  } else if (before.length > 1 && after.length > 1) {
    if (!equalJson([...before], [...after])) modify(element, differences)
  } else if (before.length > 1) {
    if (after.length === 1) compareMember(element, type, undefined, after[0], differences)
    differences.removed ??= {}
    differences.removed[element] = nodeOf(true, differences.removed[element]) ?? LEAF
  } else {
    if (before.length === 1) compareMember(element, type, before[0], undefined, differences)
    differences.added ??= {}
    differences.added[element] = nodeOf(true, differences.added[element]) ?? LEAF
  }
}

/** The node of a field that only one side has: itself, and all that is in it. */
function presence(value: JsonValue, type: FieldType, path: string): FieldSet {
  switch (shapeOf(type, value)) {
    case 'map':
      return presenceOfMap(type.map!, mapIn(value))
    case 'list':
      return presenceOfList(type.list!, listIn(value), path)
    case 'scalar':
      return LEAF
    case undefined:
      throw new StructuredMergeError([{ path: elementText(path), message: 'schema error: invalid atom: inlined' }])
  }
}

function presenceOfMap(map: MapType, value: JsonObject): FieldSet {
  if (map.atomic) return LEAF
  let node: FieldSetBuilder | undefined
  for (const key in value) {
    const member = value[key]
    if (member === undefined) continue
    node ??= { '.': LEAF }
    const field = map.field(key)
    const element = field?.element ?? `f:${key}`
    node[element] = typeof member !== 'object' ? LEAF : presence(member, field?.type ?? elementOf(map, key), element)
  }
  return node ?? LEAF
}

function presenceOfList(list: ListType, items: readonly JsonValue[], path: string): FieldSet {
  if (list.atomic || items.length === 0) return LEAF
  const node: FieldSetBuilder = { '.': LEAF }
  items.forEach((item, index) => {
    const element = elementOfItem(path, list, item, index)
    // There before: the items are owned together.
    node[element] = node[element] === undefined ? presence(item, list.element, element) : LEAF
  })
  return node
}
