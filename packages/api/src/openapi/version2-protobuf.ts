// OpenAPI v2 as protobuf: the messages of gnostic-models' openapiv2 that a document of definitions needs. Numbers are those of
// its OpenAPIv2.proto.
import type { Definition } from './version2.ts'

const DOCUMENT = { swagger: 1, info: 2, paths: 8, definitions: 9 } as const
const INFO = { title: 1, version: 2 } as const
/** Of Definitions, Properties, NamedSchema and NamedAny. */
const NAMED = { entries: 1, name: 1, value: 2 } as const
const SCHEMA = {
  $ref: 1,
  format: 2,
  description: 4,
  required: 19,
  enum: 20,
  additionalProperties: 21,
  type: 22,
  items: 23,
  properties: 25,
  extensions: 31,
} as const
/** The one schema of AdditionalPropertiesItem and of ItemsItem, and the one name of TypeItem. */
const ONLY = 1
/** A value of any type is YAML, and JSON is YAML. */
const ANY_YAML = 2

export const encodeOpenApiVersion2 = {
  document(info: { readonly title: string; readonly version: string }, definitions: readonly Buffer[]): Buffer {
    return Buffer.concat([
      text(DOCUMENT.swagger, '2.0'),
      bytes(DOCUMENT.info, [text(INFO.title, info.title), text(INFO.version, info.version)]),
      bytes(DOCUMENT.paths, []),
      bytes(DOCUMENT.definitions, definitions),
    ])
  },
  definition: namedSchema,
}

function namedSchema(name: string, definition: Definition): Buffer {
  return bytes(NAMED.entries, [text(NAMED.name, name), bytes(NAMED.value, schemaParts(definition))])
}

function schemaParts(definition: Definition): Buffer[] {
  const { $ref, format, description, type, required, items, additionalProperties, properties } = definition
  const parts: Buffer[] = []
  if ($ref !== undefined) parts.push(text(SCHEMA.$ref, $ref))
  if (format !== undefined) parts.push(text(SCHEMA.format, format))
  if (description !== undefined) parts.push(text(SCHEMA.description, description))
  for (const name of required ?? []) parts.push(text(SCHEMA.required, name))
  for (const value of definition.enum ?? []) parts.push(bytes(SCHEMA.enum, [any(value)]))
  if (additionalProperties !== undefined)
    parts.push(bytes(SCHEMA.additionalProperties, [bytes(ONLY, schemaParts(additionalProperties))]))
  if (type !== undefined) parts.push(bytes(SCHEMA.type, [text(ONLY, type)]))
  if (items !== undefined) parts.push(bytes(SCHEMA.items, [bytes(ONLY, schemaParts(items))]))
  if (properties !== undefined) {
    const named = Object.entries(properties).map(([name, property]) => namedSchema(name, property))
    parts.push(bytes(SCHEMA.properties, named))
  }
  for (const [name, value] of Object.entries(definition)) {
    if (!name.startsWith('x-')) continue
    parts.push(bytes(SCHEMA.extensions, [text(NAMED.name, name), bytes(NAMED.value, [any(value)])]))
  }
  return parts
}

const any = (value: unknown): Buffer => text(ANY_YAML, JSON.stringify(value))

const text = (field: number, value: string): Buffer => bytes(field, [Buffer.from(value)])

/** A length-delimited field. */
function bytes(field: number, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([varint(field * 8 + 2), varint(length), ...parts])
}

function varint(value: number): Buffer {
  const digits: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) digits.push((rest % 0x80) + 0x80)
  return Buffer.from([...digits, rest])
}
