// Merging what an applier wants into what there is: its values win, nothing is removed.
import { cloneJson, setMember } from '../json-tree.ts'
import type { JsonObject, JsonValue } from '../types.ts'
import { type FieldType, type ListType, type MapType, partOf, shapeOf } from './field-type.ts'
import { itemElement } from './path-element.ts'

/** Shares nothing with `wanted`; shares what is not wanted differently with `current`. */
export function mergeObjects(current: JsonObject, wanted: JsonObject, type: FieldType): JsonObject {
  const merged = mergeValues(current, wanted, type)
  // An object merged with an object is an object, or nothing.
  return (merged ?? {}) as JsonObject
}

/** Undefined: nothing of either is left. */
function mergeValues(
  current: JsonValue | undefined,
  wanted: JsonValue | undefined,
  type: FieldType,
): JsonValue | undefined {
  const part = wanted === undefined ? partOf(type, current) : partOf(type, wanted)
  switch (shapeOf(part, undefined)) {
    case 'map':
      return mergeMaps(current, wanted, part.map!)
    case 'list':
      return mergeLists(current, wanted, part.list!)
    default:
      return wantedOr(current, wanted)
  }
}

const wantedOr = (current: JsonValue | undefined, wanted: JsonValue | undefined): JsonValue | undefined =>
  wanted === undefined ? current : cloneJson(wanted)

const mapIn = (value: JsonValue | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && hasMembers(value) ? value : undefined

function hasMembers(map: JsonObject): boolean {
  for (const key in map) if (map[key] !== undefined) return true
  return false
}

function mergeMaps(current: JsonValue | undefined, wanted: JsonValue | undefined, map: MapType): JsonValue | undefined {
  const [left, right] = [mapIn(current), mapIn(wanted)]
  if (map.atomic || (left === undefined && right === undefined)) return wantedOr(current, wanted)
  if (right === undefined) return left
  const merged: JsonObject = {}
  for (const key in left) {
    const value = left[key]
    if (value !== undefined && !Object.hasOwn(right, key)) setMember(merged, key, value)
    else if (Object.hasOwn(right, key)) mergeMember(merged, map, key, value, right[key])
  }
  for (const key in right) {
    if (left === undefined || !Object.hasOwn(left, key)) mergeMember(merged, map, key, undefined, right[key])
  }
  return hasMembers(merged) ? merged : undefined
}

function mergeMember(
  merged: JsonObject,
  map: MapType,
  key: string,
  current: JsonValue | undefined,
  wanted: JsonValue | undefined,
): void {
  const type = map.field(key)?.type ?? map.element
  if (type === undefined) return
  const value = mergeValues(current, wanted, type)
  if (value !== undefined) setMember(merged, key, value)
}

const listIn = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])

function mergeLists(
  current: JsonValue | undefined,
  wanted: JsonValue | undefined,
  list: ListType,
): JsonValue | undefined {
  const [left, right] = [listIn(current), listIn(wanted)]
  if (list.atomic || (left.length === 0 && right.length === 0)) return wantedOr(current, wanted)
  if (right.length === 0) return [...left]
  const merged = mergeItems(list, left, right)
  return merged.length === 0 ? undefined : merged
}

/**
 * Both orders are kept where they can be: items of the current list stand where they stood until the next item comes that
 * both have, in the wanted list's order.
 */
function mergeItems(list: ListType, left: readonly JsonValue[], right: readonly JsonValue[]): JsonValue[] {
  const leftElements = left.map((item) => itemElement(list, item))
  const rightElements = right.map((item) => itemElement(list, item))
  const current = new Map<string, JsonValue | undefined>()
  // Items that are there twice are not merged with the wanted one, but replaced.
  leftElements.forEach((element, index) => current.set(element, current.has(element) ? null : left[index]))
  const wanted = new Map(rightElements.map((element, index) => [element, right[index]]))
  const shared = rightElements.filter((element) => current.has(element))
  const done = new Set<string>()
  const merged: JsonValue[] = []
  let nextShared = shared.shift()
  let l = 0
  let r = 0
  const takeWanted = (element: string): void => {
    done.add(element)
    push(merged, mergeValues(current.get(element), wanted.get(element), list.element))
    r++
    if (nextShared === element) nextShared = shared.shift()
  }
  while (l < left.length || r < right.length) {
    const mine = leftElements[l]
    const theirs = rightElements[r]
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        l++
        takeWanted(theirs)
        continue
      }
      if (wanted.has(mine) && nextShared !== undefined && nextShared !== mine) {
        l++
        continue
      }
    }
    if (mine !== undefined) {
      if (!wanted.has(mine)) {
        push(merged, left[l])
        l++
        continue
      }
      if (done.has(mine)) l++
    }
    if (theirs !== undefined) takeWanted(theirs)
  }
  return merged
}

function push(items: JsonValue[], item: JsonValue | undefined): void {
  if (item !== undefined) items.push(item)
}
