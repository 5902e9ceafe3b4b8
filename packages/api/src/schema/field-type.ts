// What merging by fields (server-side apply, managedFields) must know of a kind, read from its OpenAPI schema.
import {
  DEDUCED,
  type FieldType,
  type ListType,
  type MapField,
  type MapType,
  UNTYPED_ATOMIC,
  compareBytes,
  withOwnership,
} from '@keelson/apimachinery'
import { type OpenApiSchema, openApiSchema, referredName } from './openapi-schema.ts'

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension'

const types = new Map<string, FieldType>()

/** `name`: `io.k8s.api.core.v1.Pod`. Made once for each type; what it refers to is made when it is met. */
export function fieldTypeOf(name: string): FieldType {
  let type = types.get(name)
  if (type === undefined) {
    type = makeNamed(name)
    types.set(name, type)
  }
  return type
}

function makeNamed(name: string): FieldType {
  if (name === QUANTITY) return { scalar: 'untyped' }
  if (name === RAW_EXTENSION) return UNTYPED_ATOMIC
  const schema = openApiSchema(name)
  return schema === undefined ? DEDUCED : typeOfSchema(schema)
}

/** Of a field or item, which may refer to a named type and say for itself how it is owned. */
function typeOfReference(schema: OpenApiSchema): FieldType {
  const name = referredName(schema)
  if (name === undefined) return typeOfSchema(schema)
  const mapType = schema['x-kubernetes-map-type']
  return mapType === undefined ? fieldTypeOf(name) : withOwnership(fieldTypeOf(name), mapType === 'atomic')
}

export function typeOfSchema(schema: OpenApiSchema): FieldType {
  switch (schema.type) {
    case undefined:
      return { scalar: 'untyped', list: new SchemaList(schema), map: new SchemaMap(schema) }
    case 'object':
      return { map: new SchemaMap(schema) }
    case 'array':
      return { list: new SchemaList(schema) }
    case 'integer':
    case 'number':
      return { scalar: 'numeric' }
    case 'boolean':
      return { scalar: 'boolean' }
    case 'string':
      return { scalar: schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped' }
  }
}

class SchemaMap implements MapType {
  readonly atomic: boolean
  readonly deduced: boolean
  readonly #schema: OpenApiSchema
  /** Made when the first is asked for: most types of a group are never met. */
  #fields: ReadonlyMap<string, MapField> | undefined
  #element: FieldType | undefined

  constructor(schema: OpenApiSchema) {
    this.#schema = schema
    this.atomic = schema['x-kubernetes-map-type'] === 'atomic'
    this.deduced = schema.properties === undefined && schema.additionalProperties === undefined
  }

  field(name: string): MapField | undefined {
    this.#fields ??= new Map(
      Object.entries(this.#schema.properties ?? {}).map(([field, schema]) => [
        field,
        { element: `f:${field}`, type: typeOfReference(schema) },
      ]),
    )
    return this.#fields.get(name)
  }

  get element(): FieldType | undefined {
    const { additionalProperties } = this.#schema
    if (this.deduced) return DEDUCED
    if (additionalProperties !== undefined) this.#element ??= typeOfReference(additionalProperties)
    return this.#element
  }
}

class SchemaList implements ListType {
  readonly atomic: boolean
  readonly #schema: OpenApiSchema
  #keys: ListType['keys'] | undefined
  #element: FieldType | undefined

  constructor(schema: OpenApiSchema) {
    this.#schema = schema
    this.atomic = isAtomicList(schema)
  }

  get keys(): ListType['keys'] {
    this.#keys ??= this.atomic
      ? []
      : keyNames(this.#schema)
          .toSorted(compareBytes)
          .map((name) => this.#key(name))
    return this.#keys
  }

  get element(): FieldType {
    const { items } = this.#schema
    this.#element ??= items === undefined ? UNTYPED_ATOMIC : typeOfReference(items)
    return this.#element
  }

  #key(name: string): ListType['keys'][number] {
    const { items = {} } = this.#schema
    const referred = referredName(items)
    const itemSchema = referred === undefined ? items : openApiSchema(referred)
    return { name, default: itemSchema?.properties?.[name]?.default }
  }
}

/** Without a list type, the patch strategy decides: what strategic merge patches merge is not atomic. */
function isAtomicList(schema: OpenApiSchema): boolean {
  const listType = schema['x-kubernetes-list-type']
  if (listType !== undefined) return listType === 'atomic'
  return schema['x-kubernetes-patch-strategy']?.split(',')[0] !== 'merge'
}

function keyNames(schema: OpenApiSchema): readonly string[] {
  const listType = schema['x-kubernetes-list-type']
  if (listType === 'map') return schema['x-kubernetes-list-map-keys'] ?? []
  if (listType === 'set') return []
  const mergeKey = schema['x-kubernetes-patch-merge-key']
  return mergeKey === undefined ? [] : [mergeKey]
}
