// What expressions know of values that a structural schema describes: their types, their fields, how large they get. Without
// limits in the schema, as large as a request lets them be.
import {
  BOOL,
  BYTES,
  type DeclaredType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  RESERVED_WORDS,
  STRING,
  TIMESTAMP,
  listOf,
  mapOf,
  struct,
} from '../cel/index.ts'
import { type JsonSchema, itemsOf, otherMembersOf, propertyOf } from './json-schema.ts'

export interface SchemaType {
  readonly declared: DeclaredType
  /** In bytes, of the least that such a value is in JSON. */
  readonly minimumSize: number
}

/** Upstream's limit of requests, in bytes. */
const MAX_REQUEST = 3 * 1024 * 1024
const MAX_TEXT = MAX_REQUEST - '""'.length
const BYTES_OF_CHARACTER = 4
const DATE_SIZE = 12
const TIME_SIZES = { minimumSize: 21, maximum: 32 }
const DURATION_SIZES = { minimumSize: 3, maximum: 32 }

/** `name`: of the type of objects. Undefined where expressions cannot see such values: nothing is known of what is in them. */
export function schemaType(schema: JsonSchema, isResource: boolean, name: string): SchemaType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true)
    return { declared: { type: DYN, maximum: textLimit(schema) ?? MAX_TEXT }, minimumSize: 1 }
  switch (schema.type) {
    case 'array':
      return listType(schema, name)
    case 'object': {
      const shown = isResource ? withMetaFields(schema) : schema
      const others = otherMembersOf(shown)
      return others === undefined ? objectType(shown, name) : mapType(shown, others, name)
    }
    case 'string':
      return textType(schema)
    case 'boolean':
      return { declared: { type: BOOL }, minimumSize: 'true'.length }
    case 'number':
      return { declared: { type: DOUBLE }, minimumSize: 1 }
    case 'integer':
      return { declared: { type: INT }, minimumSize: 1 }
    default:
      return undefined
  }
}

const innerType = (schema: JsonSchema, name: string): SchemaType | undefined =>
  schemaType(schema, schema['x-kubernetes-embedded-resource'] === true, name)

function listType(schema: JsonSchema, name: string): SchemaType | undefined {
  const items = itemsOf(schema)
  const element = items && innerType(items, `${name}.@idx`)
  if (element === undefined) return undefined
  const maximum = limit(schema.maxItems) ?? Math.floor((MAX_REQUEST - '[]'.length) / (element.minimumSize + 1))
  return { declared: { type: listOf(element.declared.type), element: element.declared, maximum }, minimumSize: 2 }
}

function mapType(schema: JsonSchema, others: JsonSchema, name: string): SchemaType | undefined {
  const element = innerType(others, `${name}.@elem`)
  if (element === undefined) return undefined
  const maximum =
    limit(schema.maxProperties) ?? Math.floor((MAX_REQUEST - '{}'.length) / (element.minimumSize + '"":,'.length + 2))
  const type = mapOf(STRING, element.declared.type)
  return { declared: { type, key: { type: STRING }, element: element.declared, maximum }, minimumSize: 2 }
}

function objectType(schema: JsonSchema, name: string): SchemaType {
  const fields = new Map<string, DeclaredType>()
  let minimumSize = '{}'.length
  for (const [property, inner] of Object.entries(schema.properties ?? {})) {
    const escaped = escapeName(property)
    const type = innerType(inner, `${name}.${escaped ?? property}`)
    if (type === undefined) continue
    if (escaped !== undefined) fields.set(escaped, type.declared)
    if (schema.required?.includes(property) === true && inner.default === undefined)
      minimumSize += Buffer.byteLength(property) + type.minimumSize + '"":,'.length
  }
  return { declared: { type: struct(name), fields }, minimumSize }
}

/** Rules of a resource may read these, whatever its schema says. */
function withMetaFields(schema: JsonSchema): JsonSchema {
  const names = { name: { type: 'string' }, generateName: { type: 'string' } }
  const metadata = propertyOf(schema, 'metadata')
  const hasAll =
    propertyOf(schema, 'kind')?.type === 'string' &&
    propertyOf(schema, 'apiVersion')?.type === 'string' &&
    metadata?.type === 'object' &&
    Object.keys(names).every((name) => propertyOf(metadata, name)?.type === 'string')
  if (hasAll) return schema
  const meta = {
    kind: { type: 'string' },
    apiVersion: { type: 'string' },
    metadata: { type: 'object', properties: names },
  }
  return { ...schema, properties: { ...schema.properties, ...meta } }
}

function textType(schema: JsonSchema): SchemaType {
  switch (schema.format) {
    case 'byte':
      return { declared: { type: BYTES, maximum: limit(schema.maxLength) ?? MAX_TEXT }, minimumSize: 2 }
    case 'duration':
      return sized(DURATION, DURATION_SIZES)
    case 'date':
      return sized(TIMESTAMP, { minimumSize: DATE_SIZE, maximum: DATE_SIZE })
    case 'date-time':
      return sized(TIMESTAMP, TIME_SIZES)
    default:
      return sized(STRING, { minimumSize: 2, maximum: textLimit(schema) ?? enumLimit(schema) ?? MAX_TEXT })
  }
}

const sized = (
  type: DeclaredType['type'],
  { minimumSize, maximum }: { readonly minimumSize: number; readonly maximum: number },
): SchemaType => ({ declared: { type, maximum }, minimumSize })

const limit = (given: number | undefined): number | undefined => (given === undefined ? undefined : Math.max(0, given))

function textLimit({ maxLength }: JsonSchema): number | undefined {
  const characters = limit(maxLength)
  return characters === undefined ? undefined : characters * BYTES_OF_CHARACTER
}

function enumLimit({ enum: values = [] }: JsonSchema): number | undefined {
  if (values.length === 0) return undefined
  return Math.max(0, ...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)))
}

const ESCAPES: Readonly<Record<string, string>> = { __: 'underscores', '.': 'dot', '-': 'dash', '/': 'slash' }

/** The name of a field in an expression; undefined for one that has none. */
function escapeName(name: string): string | undefined {
  if (!/^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/.test(name)) return undefined
  if (RESERVED_WORDS.has(name)) return `__${name}__`
  return name.replaceAll(/__|[-./]/g, (found) => `__${ESCAPES[found]}__`)
}
