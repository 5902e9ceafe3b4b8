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
  const named: Ranked[] = []
  const others: Ranked[] = []
  for (const item of merged) {
    const key = identity(item)
    const rank = wanted.get(key)
    const servedRank = served.get(key)
    if (rank !== undefined) named.push({ item, rank, served: servedRank })
    else others.push({ item, rank: servedRank ?? 0, served: servedRank })
  }
  named.sort(byRank)
  others.sort(byRank)
  return interleave(others, named)
}

interface Ranked {
  readonly item: JsonValue
  readonly rank: number
  /** Where it stood on the server. */
  readonly served: number | undefined
}

const byRank = (a: Ranked, b: Ranked): number => a.rank - b.rank

/** Each of `left` goes before the first of `right` that stood behind it on the server; both keep their order. */
function interleave(left: readonly Ranked[], right: readonly Ranked[]): JsonValue[] {
  const result: JsonValue[] = []
  let l = 0
  let r = 0
  while (l < left.length && r < right.length) {
    const [own, named] = [left[l]!, right[r]!]
    if (own.served !== undefined && named.served !== undefined && own.served < named.served) {
      result.push(own.item)
      l++
    } else {
      result.push(named.item)
      r++
    }
  }
  for (; l < left.length; l++) result.push(left[l]!.item)
  for (; r < right.length; r++) result.push(right[r]!.item)
  return result
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
