// What is done to JSON trees everywhere: copying, and setting a member whose name a client chose.
import type { JsonObject, JsonValue } from './types.ts'

/** A deep copy; a third of structuredClone's time. Depth is bounded by decoding. */
export function cloneJson<Tree>(tree: Tree): Tree {
  // A copy of a JSON tree has the type of the tree.
  return clone(tree as JsonValue) as Tree
}

function clone(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items: JsonValue[] = []
    for (let index = 0; index < value.length; index++) items.push(clone(value[index]!))
    return items
  }
  const object: JsonObject = {}
  for (const key in value) {
    // A tree that went through an API type may hold undefined members; they stay what they are.
    const member = value[key]!
    if (key === '__proto__') setMember(object, key, clone(member))
    // A set of fields that many objects share, frozen: a copy would be one that nobody knows.
    else if (key === 'fieldsV1' && Object.isFrozen(member)) object[key] = member
    else object[key] = typeof member === 'object' && member !== null ? clone(member) : member
  }
  return object
}

/** `__proto__` is a member like any other here, and must not become the prototype. */
export function setMember(object: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  else object[key] = value
}

/** The member itself, never an inherited one. */
export function getMember(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Equality of JSON documents (RFC 6902 §4.6): the order of members does not matter, nor a member that is undefined. */
export function equalJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
    for (let index = 0; index < left.length; index++) if (!equalJson(left[index], right[index])) return false
    return true
  }
  return equalMembers(left, right)
}

/** What is inherited (`constructor`) is no JSON, and equal to nothing; but `__proto__` has to be asked for as a member. */
function equalMembers(left: JsonObject, right: JsonObject): boolean {
  let count = 0
  for (const key in left) {
    const member = left[key]
    if (member === undefined) continue
    const other = key === '__proto__' ? getMember(right, key) : right[key]
    if (member !== other && !equalJson(member, other)) return false
    count++
  }
  for (const key in right) if (right[key] !== undefined) count--
  return count === 0
}

/** Levels of nesting: 0 for a scalar. */
export function depthOf(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  let deepest = 0
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof member !== 'object' || member === null) continue
    const depth = depthOf(member)
    if (depth > deepest) deepest = depth
  }
  return deepest + 1
}
