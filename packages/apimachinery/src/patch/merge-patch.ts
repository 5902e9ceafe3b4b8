// JSON Merge Patch (RFC 7386), with two habits of upstream's library: nulls are dropped from objects that the patch adds,
// in lists too; a list that replaces an object is taken as it is.
import { cloneJson, getMember, isJsonObject, setMember } from '../json-tree.ts'
import { badRequest } from '../status.ts'
import type { JsonObject, JsonValue } from '../types.ts'

/**
 * The patched document; `document` is left as it is, and shares nothing with the result but what is frozen. A patch that is a list replaces
 * the document; StatusError 400 for any other patch that is not an object.
 */
export function applyMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (Array.isArray(patch)) return withoutNulls(cloneJson(patch))
  if (!isJsonObject(patch)) throw badRequest('Invalid JSON Patch')
  const copy = cloneJson(patch)
  if (!isJsonObject(document)) return withoutNulls(copy)
  const result = cloneJson(document)
  mergeInto(result, copy)
  return result
}

function mergeInto(target: JsonObject, patch: JsonObject): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete target[key]
      continue
    }
    const current = getMember(target, key) ?? null
    if (isJsonObject(current)) {
      if (isJsonObject(value)) mergeInto(current, value)
      else setMember(target, key, value)
    } else setMember(target, key, withoutNulls(value))
  }
}

/** In place. Items of a list that are null stay; members that are null go. */
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
