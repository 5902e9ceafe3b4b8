// The order of a merged list: the items that the patch names stand in the patch's order, the server's own in the server's,
// and the two are interleaved by where they stood on the server.
import { goValue } from '../go-text.ts'
import { getMember, isJsonObject } from '../json-tree.ts'
import { StatusError, unclassifiedError } from '../status.ts'
import type { JsonObject, JsonValue } from '../types.ts'
import { badArgument, noMergeKey } from './strategic-errors.ts'

export type ElementType = 'map' | 'scalar'

/** All items of all lists must be of one type. StatusError 500 (upstream's) otherwise; 422 for lists of lists. */
export function elementType(lists: readonly (readonly JsonValue[])[]): ElementType {
  let first: string | undefined
  for (const list of lists) {
    for (const item of list) {
      const type = typeName(item)
      if (first === undefined) {
        if (type === 'list') {
          throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
        }
        first = type
      } else if (type !== first) {
        throw unclassifiedError(`list element types are not identical: ${goValue(lists.map((entry) => [...entry]))}`)
      }
    }
  }
  if (first === undefined) throw unclassifiedError('no elements in any of the given slices')
  return first === 'map' ? 'map' : 'scalar'
}

function typeName(value: JsonValue): string {
  if (Array.isArray(value)) return 'list'
  if (value === null) return 'null'
  return typeof value === 'object' ? 'map' : typeof value
}

/** For items that elementType has found to be maps, the patch's among them. */
export function mergeOrder(
  merged: readonly JsonObject[],
  patch: readonly JsonObject[],
  server: readonly JsonObject[],
  mergeKey: string,
): JsonValue[] {
  return orderList(merged, patch, server, mergeKey, 'map')
}

/** `order` ranks the items it names, `server` the others. */
export function orderList(
  merged: readonly JsonValue[],
  order: readonly JsonValue[],
  server: readonly JsonValue[],
  mergeKey: string,
  type: ElementType,
): JsonValue[] {
  const identity = (item: JsonValue): JsonValue => (type === 'map' ? keyOf(item, mergeKey) : item)
  const wanted = ranks(order.map(identity))
  const served = ranks(server.map(identity))
  const named: JsonValue[] = []
  const others: JsonValue[] = []
  for (const item of merged) (wanted.has(identity(item)) ? named : others).push(item)
  const byRank =
    (rank: ReadonlyMap<JsonValue, number>) =>
    (a: JsonValue, b: JsonValue): number =>
      (rank.get(identity(a)) ?? 0) - (rank.get(identity(b)) ?? 0)
  named.sort(byRank(wanted))
  others.sort(byRank(served))
  return interleave(others, named, (item) => served.get(identity(item)))
}

/** Each of `left` goes before the first of `right` that stood behind it on the server; both keep their order. */
function interleave(
  left: readonly JsonValue[],
  right: readonly JsonValue[],
  rank: (item: JsonValue) => number | undefined,
): JsonValue[] {
  const result: JsonValue[] = []
  let l = 0
  let r = 0
  while (l < left.length && r < right.length) {
    const leftRank = rank(left[l]!)
    const rightRank = rank(right[r]!)
    const leftFirst = leftRank !== undefined && rightRank !== undefined && leftRank < rightRank
    result.push(leftFirst ? left[l++]! : right[r++]!)
  }
  return [...result, ...left.slice(l), ...right.slice(r)]
}

/** The first place of each identity. */
function ranks(identities: readonly JsonValue[]): Map<JsonValue, number> {
  const places = new Map<JsonValue, number>()
  identities.forEach((identity, index) => {
    if (!places.has(identity)) places.set(identity, index)
  })
  return places
}

function keyOf(item: JsonValue, mergeKey: string): JsonValue {
  if (!isJsonObject(item)) throw badArgument('map[string]interface {}', item)
  const value = getMember(item, mergeKey)
  if (value === undefined) throw noMergeKey(item, mergeKey)
  return value
}
