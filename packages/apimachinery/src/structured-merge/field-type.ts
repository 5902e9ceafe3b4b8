// What merging by fields must know of a kind's schema: where scalars, lists and maps are, and which of them are owned as a
// whole. Implemented over OpenAPI; a value without a schema has the type DEDUCED.
import type { JsonValue } from '../types.ts'

export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped'

/** What a value may be: exactly one of the three for most fields, all three where the schema says nothing. */
export interface FieldType {
  readonly scalar?: ScalarType | undefined
  readonly list?: ListType | undefined
  readonly map?: MapType | undefined
}

export interface ListType {
  /** Owned as a whole. Otherwise its items are told apart by their keys, or by their values when there are none. */
  readonly atomic: boolean
  /** Sorted by name. Empty: a set of scalars. */
  readonly keys: readonly ListKey[]
  readonly element: FieldType
}

export interface ListKey {
  readonly name: string
  /** For items that do not say it; undefined: there is none. */
  readonly default: JsonValue | undefined
}

export interface MapType {
  /** Owned as a whole. */
  readonly atomic: boolean
  /** Named fields; undefined for a key that has none. */
  field(name: string): MapField | undefined
  /** Type of all other keys; undefined where there may not be any. */
  readonly element: FieldType | undefined
  /** Nothing is known about what is inside: neither fields nor a type of their values. */
  readonly deduced: boolean
}

export interface MapField {
  /** The field as a path element: `f:replicas`. */
  readonly element: string
  readonly type: FieldType
}

const NO_FIELDS = (): undefined => undefined

/** Any value; what is inside lists and maps is not looked at. */
export const UNTYPED_ATOMIC: FieldType = {
  scalar: 'untyped',
  get list(): ListType {
    return { atomic: true, keys: [], element: UNTYPED_ATOMIC }
  },
  get map(): MapType {
    return { atomic: true, field: NO_FIELDS, element: UNTYPED_ATOMIC, deduced: false }
  },
}

/** Any value; maps are merged key by key, lists are atomic. */
export const DEDUCED: FieldType = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], element: UNTYPED_ATOMIC },
  get map(): MapType {
    return deducedMap
  },
}

const deducedMap: MapType = {
  atomic: false,
  field: NO_FIELDS,
  get element(): FieldType {
    return DEDUCED
  },
  deduced: true,
}

/** The same type with another say about who owns the map (or else the list). */
export function withOwnership(type: FieldType, atomic: boolean): FieldType {
  const { scalar, list, map } = type
  if (map !== undefined) return { scalar, list, map: new OwnedMap(map, atomic) }
  return list === undefined ? type : { scalar, list: new OwnedList(list, atomic) }
}

class OwnedMap implements MapType {
  readonly atomic: boolean
  readonly #map: MapType

  constructor(map: MapType, atomic: boolean) {
    this.#map = map
    this.atomic = atomic
  }

  get deduced(): boolean {
    return this.#map.deduced
  }

  get element(): FieldType | undefined {
    return this.#map.element
  }

  field(name: string): MapField | undefined {
    return this.#map.field(name)
  }
}

class OwnedList implements ListType {
  readonly atomic: boolean
  readonly #list: ListType

  constructor(list: ListType, atomic: boolean) {
    this.#list = list
    this.atomic = atomic
  }

  get keys(): readonly ListKey[] {
    return this.#list.keys
  }

  get element(): FieldType {
    return this.#list.element
  }
}

/** The part of the type that this value is of; all of it when the value is null or of no part. */
export function partOf(type: FieldType, value: JsonValue | undefined): FieldType {
  if (value === undefined || value === null) return type
  if (typeof value !== 'object') return type.scalar === undefined ? type : { scalar: type.scalar }
  if (Array.isArray(value)) return type.list === undefined ? type : { list: type.list }
  return type.map === undefined ? type : { map: type.map }
}

/** How a value of this type is walked: maps before scalars before lists, where it could be any. */
export function shapeOf(type: FieldType, value: JsonValue | undefined): 'map' | 'scalar' | 'list' | undefined {
  if (value !== undefined && value !== null) {
    if (typeof value !== 'object') {
      if (type.scalar !== undefined) return 'scalar'
    } else if (Array.isArray(value)) {
      if (type.list !== undefined) return 'list'
    } else if (type.map !== undefined) return 'map'
  }
  if (type.map !== undefined) return 'map'
  if (type.scalar !== undefined) return 'scalar'
  return type.list === undefined ? undefined : 'list'
}
