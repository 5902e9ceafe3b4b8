// JSON Patch (RFC 6902) with the latitude that upstream's library allows: negative indexes count from the end, `replace`
// of an absent member adds it, an absent value is null. All operations apply or none does.
import { MAX_DEPTH } from '../codec/decoded.ts'
import { cloneJson, depthOf, equalJson, isJsonObject, setMember } from '../json-tree.ts'
import { StatusError, requestEntityTooLarge } from '../status.ts'
import type { JsonObject, JsonValue } from '../types.ts'

export const MAX_OPERATIONS = 10_000

/** What all copies of one patch may add, in characters of JSON: without a limit each copy can double the document. */
const MAX_COPIED_LENGTH = 3 * 1024 * 1024

/** An operation that does not apply. Never leaves this file: upstream answers all of them alike. */
class DoesNotApply extends Error {}

/** What upstream answers when a patch was understood and does not apply: it does not say why. */
export const patchDoesNotApply = (): StatusError =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

/**
 * The patched document; `document` is left as it is, and shares nothing with the result but what is frozen. StatusError 422 when an operation
 * does not apply, 413 when there are too many. `patch` is what decodePatch gave: a list, or null for no operation.
 */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  const operations = Array.isArray(patch) ? patch : []
  if (operations.length > MAX_OPERATIONS) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    )
  }
  const patcher = new Patcher(cloneJson(document))
  try {
    for (const operation of operations) patcher.apply(operation)
  } catch (error) {
    if (error instanceof DoesNotApply) throw patchDoesNotApply()
    throw error
  }
  return patcher.document
}

interface Place {
  readonly container: JsonObject | JsonValue[]
  readonly key: string
  /** Levels above the place. */
  readonly depth: number
}

class Patcher {
  document: JsonValue
  #copied = 0

  constructor(document: JsonValue) {
    this.document = document
  }

  apply(operation: JsonValue): void {
    if (!isJsonObject(operation)) throw new DoesNotApply()
    switch (operation['op']) {
      case 'add':
        return this.#add(this.#find(operation['path']), cloneJson(operation['value'] ?? null))
      case 'remove':
        return void this.#remove(this.#find(operation['path']))
      case 'replace':
        return this.#replace(operation)
      case 'move':
        return this.#move(operation)
      case 'copy':
        return this.#copy(operation)
      case 'test':
        return this.#test(operation)
      default:
        throw new DoesNotApply()
    }
  }

  #replace({ path, value = null }: JsonObject): void {
    if (path === '') {
      if (typeof value !== 'object' || value === null) throw new DoesNotApply()
      this.document = cloneJson(value)
      return
    }
    const place = this.#find(path)
    refuseDepth(place, value)
    if (Array.isArray(place.container)) place.container[existingIndex(place)] = cloneJson(value)
    else setMember(place.container, place.key, cloneJson(value))
  }

  #move({ from, path }: JsonObject): void {
    const value = this.#remove(this.#find(from))
    this.#add(this.#find(path), value)
  }

  #copy({ from, path }: JsonObject): void {
    const value = get(this.#find(from)) ?? null
    const place = this.#find(path)
    this.#copied += JSON.stringify(value).length
    if (this.#copied > MAX_COPIED_LENGTH) throw new DoesNotApply()
    this.#add(place, cloneJson(value))
  }

  /** Absent and null are the same to a test. */
  #test({ path, value = null }: JsonObject): void {
    const actual = path === '' ? this.document : (get(this.#find(path)) ?? null)
    if (!equalJson(actual, value)) throw new DoesNotApply()
  }

  #add(place: Place, value: JsonValue): void {
    refuseDepth(place, value)
    const { container, key } = place
    if (!Array.isArray(container)) setMember(container, key, value)
    else if (key === '-') container.push(value)
    else container.splice(parseIndex(key, container.length + 1), 0, value)
  }

  #remove(place: Place): JsonValue {
    const { container, key } = place
    if (Array.isArray(container)) return container.splice(existingIndex(place), 1)[0]!
    if (!Object.hasOwn(container, key)) throw new DoesNotApply()
    const value = container[key]!
    delete container[key]
    return value
  }

  /** The container that holds (or will hold) the last step of a pointer. */
  #find(pointer: JsonValue | undefined): Place {
    if (typeof pointer !== 'string') throw new DoesNotApply()
    const [, ...steps] = pointer.split('/')
    const last = steps.pop()
    if (last === undefined || steps.length > MAX_DEPTH) throw new DoesNotApply()
    let container = this.document
    for (const step of steps) {
      const place = { container: asContainer(container), key: unescapeStep(step), depth: 0 }
      const next: JsonValue | undefined = get(place)
      if (next === undefined) throw new DoesNotApply()
      container = isJsonObject(next) && Object.isFrozen(next) ? ownCopy(place, next) : next
    }
    return { container: asContainer(container), key: unescapeStep(last), depth: steps.length + 1 }
  }
}

/** What a copy of the document shares with others is not changed in place. */
function ownCopy(place: Place, value: JsonValue): JsonValue {
  const copy = cloneJson(value)
  if (Array.isArray(place.container)) place.container[existingIndex(place)] = copy
  else setMember(place.container, place.key, copy)
  return copy
}

function asContainer(value: JsonValue): JsonObject | JsonValue[] {
  if (typeof value !== 'object' || value === null) throw new DoesNotApply()
  return value
}

function get(place: Place): JsonValue | undefined {
  const { container, key } = place
  if (Array.isArray(container)) return container[existingIndex(place)]
  return Object.hasOwn(container, key) ? container[key] : undefined
}

function existingIndex({ container, key }: Place): number {
  return parseIndex(key, (container as JsonValue[]).length) // Callers have looked: it is a list.
}

/** Within [0, length); negative counts from the end. */
function parseIndex(key: string, length: number): number {
  if (!/^[-+]?[0-9]{1,15}$/.test(key)) throw new DoesNotApply()
  const index = Number(key)
  if (index >= length || index < -length) throw new DoesNotApply()
  return index < 0 ? index + length : index
}

/** What a body could not say in one piece cannot be built from pieces either. */
function refuseDepth(place: Place, value: JsonValue): void {
  if (place.depth + depthOf(value) > MAX_DEPTH) throw new DoesNotApply()
}

const unescapeStep = (step: string): string =>
  step.includes('~') ? step.replaceAll('~1', '/').replaceAll('~0', '~') : step
