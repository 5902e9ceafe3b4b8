// What decoding left out because it was empty: upstream's types remember an empty list or map until they are stored, shows it as
// [] or {} in its errors, and has rules that tell it from none. Known as long as the decoded object lives.
import { type JsonObject, type JsonValue, cloneJson } from '@keelson/apimachinery'

const emptied = new WeakMap<object, Map<string, JsonValue>>()

export function noteEmptied(object: JsonObject, field: string, value: JsonValue): void {
  const fields = emptied.get(object)
  if (fields === undefined) emptied.set(object, new Map([[field, value]]))
  else fields.set(field, value)
}

/** [] or {}; null where nothing was given. */
export const emptiedField = (object: object | undefined, field: string): JsonValue =>
  (object && emptied.get(object)?.get(field)) ?? null

export const emptiedFields = (object: object): Iterable<[field: string, value: JsonValue]> => emptied.get(object) ?? []

/** A copy of a decoded object that is still known for what was empty in it. */
export function copyWithEmptied<Value extends object>(object: Value): Value {
  const copy = { ...object }
  const fields = emptied.get(object)
  if (fields !== undefined) emptied.set(copy, fields)
  return copy
}

/** Whether anything within was given and empty, and has not been filled in since. */
export function hasEmptied(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  const members = tree as Readonly<Record<string, unknown>> // Not null: a map, or a list.
  for (const field of emptied.get(tree)?.keys() ?? []) if (members[field] === undefined) return true
  return Object.values(tree).some(hasEmptied)
}

/** A deep copy of a decoded object that is still known for what was empty in it. */
export function cloneDecoded<Tree>(tree: Tree): Tree {
  const copy = cloneJson(tree)
  keepEmptied(tree, copy)
  if (isObject(tree) && isObject(copy)) noteEmptiedLists(copy, emptiedLists(tree))
  return copy
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

type Path = readonly (string | number)[]

const lists = new WeakMap<object, readonly Path[]>()

/** Of a whole decoded object: where required lists were given empty, and are null now. */
export function noteEmptiedLists(object: object, paths: readonly Path[]): void {
  if (paths.length > 0) lists.set(object, paths)
}

/** The store does not tell an empty list from none, managedFields does: who gives an empty list owns it. */
export const emptiedLists = (object: object): readonly Path[] => lists.get(object) ?? []

function keepEmptied(tree: unknown, copy: unknown): void {
  // What both share is known as it is.
  if (!isObject(tree) || !isObject(copy) || tree === copy) return
  const fields = emptied.get(tree)
  if (fields !== undefined) emptied.set(copy, fields)
  if (Array.isArray(tree) && Array.isArray(copy)) {
    for (let index = 0; index < tree.length; index++) keepEmptied(tree[index], copy[index])
  } else {
    const [from, to] = [tree as Record<string, unknown>, copy as Record<string, unknown>] // Both are maps.
    for (const key in from) if (typeof from[key] === 'object') keepEmptied(from[key], to[key])
  }
}
