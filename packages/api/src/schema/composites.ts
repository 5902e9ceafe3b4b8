// Pointers, lists, maps and structs.
import { type JsonObject, type JsonValue, compareBytes } from '@keelson/apimachinery'
import type { DecodeContext, FieldStep } from './context.ts'
import type { Decoder } from './decoder.ts'
import { noteEmptied } from './emptied.ts'

export class PointerDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = false
  readonly #target: Decoder

  constructor(target: Decoder) {
    this.goType = target.goType
    this.#target = target
  }

  /** A pointer that is set stays, whatever it points to: `replicas: 0`, `emptyDir: {}`. */
  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    return value === null ? undefined : this.#target.decode(value, context)
  }

  isEmpty(): boolean {
    return false
  }

  zero(): JsonValue {
    return null
  }
}

export class ListDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = false
  readonly #element: Decoder

  constructor(goType: string, element: Decoder) {
    this.goType = goType
    this.#element = element
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (!Array.isArray(value)) {
      if (value !== null) context.typeError(value, this.goType, 'slice')
      return undefined
    }
    const list: JsonValue[] = []
    for (let index = 0; index < value.length; index++) {
      context.enter(index)
      list.push(this.#element.decode(value[index] ?? null, context) ?? this.#element.zero())
      context.leave()
    }
    return list
  }

  isEmpty(value: JsonValue): boolean {
    return Array.isArray(value) && value.length === 0
  }

  zero(): JsonValue {
    return null
  }
}

export class MapDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = false
  readonly #element: Decoder

  constructor(goType: string, element: Decoder) {
    this.goType = goType
    this.#element = element
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (value !== null) context.typeError(value, this.goType, 'map')
      return undefined
    }
    const map: JsonObject = {}
    let previous = ''
    let inOrder = true
    for (const key in value) {
      if (key < previous) inOrder = false
      previous = key
      context.enter(key)
      const decoded = this.#element.decode(value[key] ?? null, context) ?? this.#element.zero()
      context.leave()
      if (key === '__proto__') defineMember(map, key, decoded)
      else map[key] = decoded
    }
    return inOrder ? map : inKeyOrder(map)
  }

  isEmpty(value: JsonValue): boolean {
    if (typeof value === 'object' && !Array.isArray(value)) for (const _ in value) return false
    return true
  }

  zero(): JsonValue {
    return null
  }
}

/** Go writes the keys of a map in the order of their bytes. (JavaScript moves keys that are array indexes to the front.) */
function inKeyOrder(map: JsonObject): JsonObject {
  const ordered: JsonObject = {}
  for (const key of Object.keys(map).toSorted(compareBytes)) {
    const value = map[key] ?? null
    if (key === '__proto__') defineMember(ordered, key, value)
    else ordered[key] = value
  }
  return ordered
}

/** An assignment to `__proto__` would set the prototype. */
function defineMember(map: JsonObject, key: string, value: JsonValue): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
}

export interface StructField extends FieldStep {
  readonly decoder: Decoder
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  /** An empty list or map is written as null: it does not survive upstream's storage, which is protobuf. */
  readonly emptyIsNull: boolean
}

interface IndexedField extends StructField {
  readonly index: number
  /** Written even when the value has nothing for it. */
  readonly always: boolean
}

export class StructDecoder implements Decoder {
  readonly goType: string
  readonly neverEmpty = true
  readonly #makeFields: () => readonly StructField[]
  // Made at first use: types refer to themselves (JSONSchemaProps), and most types of a group are never met.
  #fields: StructFields | undefined

  constructor(goType: string, makeFields: () => readonly StructField[]) {
    this.goType = goType
    this.#makeFields = makeFields
  }

  decode(value: JsonValue, context: DecodeContext): JsonValue | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      if (value !== null) context.typeError(value, this.goType, 'struct')
      return undefined
    }
    const { byName, always } = this.#compiled()
    const given: IndexedField[] = []
    const values: (JsonValue | undefined)[] = []
    let last = -1
    let inOrder = true
    for (const key in value) {
      const field = byName.get(key)
      if (field === undefined) {
        context.unknownField(key)
        continue
      }
      context.enter(field)
      given.push(field)
      values.push(field.decoder.decode(value[key] ?? null, context))
      context.leave()
      if (field.index < last) inOrder = false
      last = field.index
    }
    if (!inOrder) sortByIndex(given, values)
    return assemble(given, values, always, context)
  }

  isEmpty(): boolean {
    return false
  }

  zero(): JsonValue {
    return assemble([], [], this.#compiled().always)
  }

  #compiled(): StructFields {
    if (this.#fields === undefined) {
      const fields = this.#makeFields().map((field, index): IndexedField => ({
        ...field,
        index,
        always: !field.omitZero && (!field.omitEmpty || field.decoder.neverEmpty),
      }))
      const byName = new Map(fields.map((field) => [field.name, field]))
      this.#fields = { byName, always: fields.filter(({ always }) => always) }
    }
    return this.#fields
  }
}

interface StructFields {
  readonly byName: ReadonlyMap<string, IndexedField>
  /** Those that are written even when the value has nothing for them, in Go's order. */
  readonly always: readonly IndexedField[]
}

/** By insertion: clients in Go send Go's order, others send few fields at a time. */
function sortByIndex(fields: IndexedField[], values: (JsonValue | undefined)[]): void {
  for (let from = 1; from < fields.length; from++) {
    const field = fields[from]!
    const value = values[from]
    let to = from
    for (; to > 0 && fields[to - 1]!.index > field.index; to--) {
      fields[to] = fields[to - 1]!
      values[to] = values[to - 1]
    }
    fields[to] = field
    values[to] = value
  }
}

/** The result has Go's order of fields whatever the client's was: equal shapes for V8. */
function assemble(
  given: readonly IndexedField[],
  values: readonly (JsonValue | undefined)[],
  always: readonly IndexedField[],
  context?: DecodeContext,
): JsonObject {
  const object: JsonObject = {}
  let pending = 0
  for (let at = 0; at < given.length; at++) {
    const field = given[at]!
    for (; pending < always.length && always[pending]!.index <= field.index; pending++) {
      const { index, name, decoder } = always[pending]!
      if (index < field.index) object[name] = decoder.zero()
    }
    const value = values[at]
    if (value === undefined) {
      if (field.always) object[field.name] = field.decoder.zero()
    } else if (!field.decoder.isEmpty(value)) {
      object[field.name] = value
    } else if (!field.omitEmpty) {
      object[field.name] = field.emptyIsNull ? null : value
      if (field.emptyIsNull && Array.isArray(value)) {
        context?.emptiedList(field.name)
        noteEmptied(object, field.name, value)
      }
    } else if (typeof value === 'object' && value !== null) {
      noteEmptied(object, field.name, value)
    }
  }
  for (; pending < always.length; pending++) {
    const { name, decoder } = always[pending]!
    object[name] = decoder.zero()
  }
  return object
}
