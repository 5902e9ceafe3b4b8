// Strategic merge patch: a merge patch that knows how the lists of a kind merge (apimachinery/util/strategicpatch).
//
//   $patch: replace | delete            what happens to the map (or the list item) it stands in
//   $retainKeys: [a, b]                 members of the map that are not listed go
//   $deleteFromPrimitiveList/f: [x]     values that go from the list f
//   $setElementOrder/f: [...]           the order of the list f after the merge
//
// A list merges when its schema says so: scalars as a set, maps by their merge key. Everything else is replaced.
import { goValue } from '../go-text.ts'
import { cloneJson, getMember, isJsonObject, setMember } from '../json-tree.ts'
import { unclassifiedError } from '../status.ts'
import type { JsonObject, JsonValue } from '../types.ts'
import type { PatchField, PatchSchema } from './schema.ts'
import {
  badArgument,
  badPrimitiveListFormat,
  badRetainKeysFormat,
  badElementOrderFormat,
  noMergeKey,
  unknownDirective,
} from './strategic-errors.ts'
import { elementType, mergeOrder, orderList } from './strategic-order.ts'

export const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_FROM_LIST = '$deleteFromPrimitiveList'
const ELEMENT_ORDER = '$setElementOrder'

/**
 * The patched object; `original` and `patch` are left as they are, and share nothing with the result. StatusError: 400 for
 * directives in the wrong form, 500 (upstream's) for items without their merge key, unknown directives and mixed lists.
 */
export function applyStrategicMergePatch(original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  return mergeMap(cloneJson(original), cloneJson(patch), schema)
}

/** Both arguments are used up. */
function mergeMap(original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  const directive = getMember(patch, DIRECTIVE)
  if (directive !== undefined) return obeyMapDirective(directive, patch)
  retainKeys(original, patch)
  applyElementOrders(original, patch, schema)
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM_LIST)) deleteFromList(original, nameAfter(key, DELETE_FROM_LIST), value, schema)
    else mergeMember(original, key, value, schema)
  }
  return original
}

function obeyMapDirective(directive: JsonValue, patch: JsonObject): JsonObject {
  if (directive === 'delete') return {}
  if (directive !== 'replace') throw unknownDirective(directive, patch)
  delete patch[DIRECTIVE]
  return patch
}

function mergeMember(original: JsonObject, key: string, value: JsonValue, schema: PatchSchema): void {
  if (value === null) {
    delete original[key]
    return
  }
  const current = getMember(original, key)
  if (isJsonObject(current) && isJsonObject(value)) {
    const field = fieldOf(schema, key)
    setMember(original, key, strategyOf(field) === 'replace' ? value : mergeMap(current, value, field.schema))
  } else if (Array.isArray(current) && Array.isArray(value)) {
    const field = fieldOf(schema, key)
    setMember(original, key, strategyOf(field) === 'merge' ? mergeList(current, value, field) : value)
  } else {
    const settled = typeof current === typeof value && typeof value !== 'object' ? value : withoutNulls(value)
    const kept = withoutDirectives(settled)
    if (kept === undefined) delete original[key]
    else setMember(original, key, kept)
  }
}

function deleteFromList(original: JsonObject, key: string, values: JsonValue, schema: PatchSchema): void {
  if (values === null) {
    delete original[key]
    return
  }
  const current = getMember(original, key)
  if (!Array.isArray(current) || !Array.isArray(values)) return
  const field = fieldOf(schema, key)
  setMember(original, key, mergeList(current, values, field, true))
}

/** Members that the list does not name go; a patch that sets a member the list does not name is refused. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const list = getMember(patch, RETAIN_KEYS)
  if (list === undefined) return
  delete patch[RETAIN_KEYS]
  if (!Array.isArray(list)) throw badRetainKeysFormat()
  const kept = new Set<JsonValue>(list)
  for (const [key, value] of Object.entries(patch)) {
    const exempt = value === null || key.startsWith(DELETE_FROM_LIST) || key.startsWith(ELEMENT_ORDER)
    if (!exempt && !kept.has(key)) throw badRetainKeysFormat()
  }
  for (const key of Object.keys(original)) if (!kept.has(key)) delete original[key]
}

/** Merges each list that has an order given, and takes both from the patch. */
function applyElementOrders(original: JsonObject, patch: JsonObject, schema: PatchSchema): void {
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(ELEMENT_ORDER)) continue
    delete patch[directive]
    if (!Array.isArray(order)) throw badArgument('[]interface {}', order)
    const key = nameAfter(directive, ELEMENT_ORDER)
    const current = listMember(original, key)
    const changes = listMember(patch, key)
    const field = fieldOf(schema, key)
    refuseOtherOrder(changes ?? [], order, field.mergeKey)
    if (current === undefined && changes === undefined) continue
    const merged = mergeForOrder(current, changes, field)
    const type = elementType([current ?? [], changes ?? []])
    setMember(original, key, orderList(merged, order, current ?? [], field.mergeKey, type))
    delete patch[key]
  }
}

function mergeForOrder(
  current: JsonValue[] | undefined,
  changes: JsonValue[] | undefined,
  field: PatchField,
): JsonValue[] {
  if (changes === undefined) return current ?? []
  if (current === undefined) return (withoutDirectives(changes) ?? []) as JsonValue[] // A list stays a list.
  return strategyOf(field) === 'merge' ? mergeList(current, changes, field) : changes
}

function listMember(object: JsonObject, key: string): JsonValue[] | undefined {
  const value = getMember(object, key)
  if (value !== undefined && !Array.isArray(value)) throw badArgument('[]interface {}', value)
  return value
}

/** The items of the patch must stand in the order that the order list has them. */
function refuseOtherOrder(changes: readonly JsonValue[], order: readonly JsonValue[], mergeKey: string): void {
  if (changes.length === 0 || order.length === 0) return
  const identity = (item: JsonValue): JsonValue | undefined => {
    if (mergeKey === '') return item
    if (!isJsonObject(item)) throw badArgument('map[string]interface {}', item)
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
    return item[mergeKey]
  }
  const wanted = changes.filter((item) => {
    if (mergeKey !== '' && !isJsonObject(item)) throw badArgument('map[string]interface {}', item)
    return !isJsonObject(item) || !Object.hasOwn(item, DIRECTIVE)
  })
  let next = 0
  for (let index = 0; index < order.length && next < wanted.length; index++) {
    if (identity(wanted[next]!) === identity(order[index]!)) next++
  }
  if (next < wanted.length) {
    throw unclassifiedError(
      `The order in patch list:\n${goValue([...changes])}\n doesn't match ${ELEMENT_ORDER} list:\n${goValue([...order])}\n`,
    )
  }
}

function mergeList(original: JsonValue[], patch: JsonValue[], field: PatchField, deletes = false): JsonValue[] {
  if (original.length === 0 && patch.length === 0) return original
  const type = elementType([original, patch])
  if (type !== 'map') {
    if (deletes) {
      const gone = new Set(patch)
      return original.filter((item) => !gone.has(item))
    }
    return orderList([...new Set([...original, ...patch])], patch, original, '', type)
  }
  const { mergeKey } = field
  if (mergeKey === '') throw unclassifiedError(`cannot merge lists without merge key for ${field.schema.type}`)
  // elementType has looked at every item of both.
  const directed = obeyItemDirectives(original as JsonObject[], patch as JsonObject[], mergeKey)
  const merged = mergeItems(directed.original, directed.patch, field)
  return mergeOrder(merged, directed.patch, directed.original, mergeKey)
}

/** `$patch: delete` takes the items with its merge key out, `$patch: replace` all that were there. */
function obeyItemDirectives(
  original: JsonObject[],
  patch: readonly JsonObject[],
  mergeKey: string,
): { original: JsonObject[]; patch: JsonObject[] } {
  const plain: JsonObject[] = []
  const gone = new Set<JsonValue>()
  let replaces = false
  for (const item of patch) {
    const directive = getMember(item, DIRECTIVE)
    if (directive === undefined) plain.push(item)
    else if (directive === 'delete') {
      const value = getMember(item, mergeKey)
      if (value === undefined) throw noMergeKey(item, mergeKey)
      gone.add(value)
    } else if (directive === 'replace') replaces = true
    else if (directive === 'merge') throw unclassifiedError('merging lists cannot yet be specified in the patch')
    else throw unknownDirective(directive, item)
  }
  if (replaces) return { original: plain, patch: [] }
  const kept = gone.size === 0 ? original : original.filter((item) => !gone.has(getMember(item, mergeKey) ?? null))
  return { original: kept, patch: plain }
}

/** Items with the same merge key become one; the others are added. */
function mergeItems(original: readonly JsonObject[], patch: readonly JsonObject[], field: PatchField): JsonObject[] {
  const { mergeKey } = field
  const result = [...original]
  const places = new Map<JsonValue, number>()
  result.forEach((item, index) => {
    const value = getMember(item, mergeKey)
    if (value !== undefined && !places.has(value)) places.set(value, index)
  })
  for (const item of patch) {
    const value = getMember(item, mergeKey)
    if (value === undefined) throw noMergeKey(item, mergeKey)
    const place = places.get(value)
    if (place === undefined) {
      places.set(value, result.length)
      result.push(item)
    } else result[place] = mergeMap(result[place]!, item, field.schema)
  }
  return result
}

function fieldOf(schema: PatchSchema, key: string): PatchField {
  if (schema.type !== 'struct') {
    throw unclassifiedError(`merging an object in json but data type is not struct, instead is: ${schema.type}`)
  }
  const field = schema.field(key)
  if (field === undefined) {
    throw unclassifiedError(
      `unable to find api field in struct ${schema.name} for the json field ${JSON.stringify(key)}`,
    )
  }
  return field
}

const strategyOf = (field: PatchField): string => field.strategies.find((strategy) => strategy !== 'retainKeys') ?? ''

/** `$setElementOrder/containers` → `containers`. */
function nameAfter(directive: string, prefix: string): string {
  const slash = directive.indexOf('/')
  if (slash < 0 || directive.slice(0, slash) !== prefix) {
    throw prefix === DELETE_FROM_LIST ? badPrimitiveListFormat() : badElementOrderFormat()
  }
  return directive.slice(slash + 1)
}

/** Maps that hold a directive go (undefined for the value itself), wherever they are. In place. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined)
  if (!isJsonObject(value)) return value
  if (Object.hasOwn(value, DIRECTIVE)) return undefined
  for (const [key, member] of Object.entries(value)) {
    const kept = withoutDirectives(member)
    if (kept === undefined) delete value[key]
    else setMember(value, key, kept)
  }
  return value
}

/** Members that are null go. In place. */
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) value.forEach(withoutNulls)
  else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (member === null) delete value[key]
      else withoutNulls(member)
    }
  }
  return value
}
