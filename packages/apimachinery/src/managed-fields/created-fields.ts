// The fields of a new object. They follow from its shape (which fields it has, by which keys its items are told apart), and not
// from what stands in them: objects of one shape get one set, which is made once. A Pod's shape is a walk of a few µs, its set
// takes ten times as long.
import type { FieldSet } from '../structured-merge/field-set.ts'
import { type FieldType, type ListType, type MapType, shapeOf } from '../structured-merge/field-type.ts'
import { shareSet } from '../structured-merge/shared-set.ts'
import type { JsonObject, JsonValue } from '../types.ts'

/** Of one kind: the shapes that came last. */
const MAX_SHAPES = 256
/** A larger object is an exception, and not looked up. */
const MAX_SHAPE_CHARACTERS = 8_192

export class CreatedFields {
  readonly #sets = new Map<string, FieldSet>()

  /**
   * What `make` gives for `object`, or gave for an object of the same shape. `make` compares with `empty`, which is the same at
   * every call, and looks at the fields that are in `object` alone.
   */
  of(object: JsonObject, empty: JsonObject, type: FieldType, make: () => FieldSet): FieldSet {
    const shape = shapeText(object, empty, type)
    if (shape === undefined) return make()
    let set = this.#sets.get(shape)
    if (set === undefined) {
      set = shareSet(make())
      if (this.#sets.size === MAX_SHAPES) this.#dropOldest()
    } else {
      this.#sets.delete(shape)
    }
    // The last used is the last in order.
    this.#sets.set(shape, set)
    return set
  }

  #dropOldest(): void {
    const [oldest] = this.#sets.keys()
    if (oldest !== undefined) this.#sets.delete(oldest)
  }
}

/**
 * Objects with the same text have the same fields. Undefined where that is not sure: items that cannot be told apart, fields
 * that the schema does not have, and what is large.
 */
export function shapeText(object: JsonObject, empty: JsonObject, type: FieldType): string | undefined {
  if (type.map === undefined) return undefined
  const shape = new Shape()
  shape.difference(type.map, object, empty)
  return shape.text.length > MAX_SHAPE_CHARACTERS || shape.isUnclear ? undefined : shape.text
}

/** Elements stand in it with their lengths, so that no text can be read in two ways. */
class Shape {
  text = ''
  isUnclear = false

  /** Of a map that the empty object has, too: what it has already is not added. */
  difference(map: MapType, object: JsonObject, empty: JsonObject): void {
    for (const key in object) {
      const value = object[key]
      const before = Object.hasOwn(empty, key) ? empty[key] : undefined
      if (value === undefined || value === before) continue
      const field = map.field(key)
      this.#element(field?.element ?? `f:${key}`)
      if (before === undefined) this.#below(value, field?.type ?? map.element)
      else this.#changed(value, before, field?.type ?? map.element)
      if (this.isUnclear) return
    }
  }

  #changed(value: JsonValue, before: JsonValue, type: FieldType | undefined): void {
    if (before === null) {
      this.#below(value, type)
    } else if (typeof value !== 'object' && typeof before !== 'object' && type?.scalar !== undefined) {
      // Another scalar than the empty object's, whatever it is.
    } else if (isMap(value) && isMap(before) && type?.map?.atomic === false) {
      this.text += '('
      this.difference(type.map, value, before)
      this.text += ')'
    } else {
      this.#element(`=${JSON.stringify(value)}`)
    }
  }

  /** Of what is new, with all that is in it. */
  #below(value: JsonValue, type: FieldType | undefined): void {
    if (typeof value !== 'object') return
    if (type === undefined || this.text.length > MAX_SHAPE_CHARACTERS) {
      this.isUnclear = true
      return
    }
    switch (shapeOf(type, value)) {
      case 'map':
        return isMap(value) ? this.#map(type.map!, value) : undefined
      case 'list':
        return Array.isArray(value) ? this.#list(type.list!, value) : undefined
      case 'scalar':
        return
      case undefined:
        this.isUnclear = true
    }
  }

  #map(map: MapType, value: JsonObject): void {
    if (map.atomic) return
    this.text += '{'
    for (const key in value) {
      const member = value[key]
      if (member === undefined) continue
      const field = map.field(key)
      this.#element(field?.element ?? `f:${key}`)
      if (typeof member === 'object') this.#below(member, field?.type ?? map.element)
      if (this.isUnclear) return
    }
    this.text += '}'
  }

  #list(list: ListType, items: readonly JsonValue[]): void {
    if (list.atomic) return
    this.text += '['
    for (const item of items) {
      if (list.keys.length === 0) this.#value(item)
      else this.#keys(list, item)
      this.#below(item, list.element)
      if (this.isUnclear) return
    }
    this.text += ']'
  }

  #keys({ keys }: ListType, item: JsonValue): void {
    if (!isMap(item)) {
      this.isUnclear = true
      return
    }
    for (const { name, default: byDefault } of keys) {
      const value = Object.hasOwn(item, name) ? item[name] : byDefault
      if (value === undefined) this.text += '-'
      else this.#value(value)
    }
  }

  #value(value: JsonValue): void {
    if (typeof value === 'string') this.#element(`"${value}`)
    else if (typeof value === 'object') this.isUnclear = true
    else this.#element(`#${value}`)
  }

  #element(element: string): void {
    this.text += element.length + element
  }
}

const isMap = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
