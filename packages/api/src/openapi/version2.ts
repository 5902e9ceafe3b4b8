// The OpenAPI v2 document: the definitions of all types, and no paths. kubectl reads it to check the items of a `kind: List`
// before it sends them, and for kinds that no v3 document has; what else it asks, it asks v3.
import { setImmediate } from 'node:timers/promises'
import { type OpenApiSchema, openApiSchemaNames, referredName } from '../schema/openapi-schema.ts'
import { describedSchema } from './documents.ts'
import { encodeOpenApiVersion2 } from './version2-protobuf.ts'

/** A schema of v2. What `x-kubernetes-` fields hold is not looked into. */
export interface Definition {
  readonly description?: string
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly required?: readonly string[]
  readonly enum?: readonly string[]
  readonly items?: Definition
  readonly additionalProperties?: Definition
  readonly properties?: Readonly<Record<string, Definition>>
}

export const OPENAPI_V2_INFO = { title: 'Kubernetes', version: '1.36' }

/** Types that are made before the event loop gets its turn again: about 1 ms. */
const TYPES_A_TURN = 40

/** The document as JSON, or in the protobuf of gnostic-models that kubectl asks for. Some 2 MB. */
export async function openApiVersion2(format: 'json' | 'protobuf'): Promise<Buffer> {
  const encode = format === 'json' ? jsonMember : encodeOpenApiVersion2.definition
  const definitions: Buffer[] = []
  for (const [index, name] of openApiSchemaNames().entries()) {
    const schema = describedSchema(name)
    if (schema !== undefined) definitions.push(encode(name, toDefinition(schema)))
    if (index % TYPES_A_TURN === TYPES_A_TURN - 1) await setImmediate()
  }
  return format === 'json' ? jsonDocument(definitions) : encodeOpenApiVersion2.document(OPENAPI_V2_INFO, definitions)
}

const jsonMember = (name: string, definition: Definition): Buffer =>
  Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(definition)}`)

function jsonDocument(definitions: readonly Buffer[]): Buffer {
  const head = JSON.stringify({ swagger: '2.0', info: OPENAPI_V2_INFO, paths: {} }).slice(0, -1)
  return Buffer.from(`${head},"definitions":{${definitions.join(',')}}}`)
}

/** v2 has no defaults here, refers directly, and calls what may be one of several types a string. */
export function toDefinition(schema: OpenApiSchema): Definition {
  const { default: _default, allOf: _allOf, oneOf, items, additionalProperties, properties, ...same } = schema
  const referred = referredName(schema)
  return {
    ...same,
    ...(referred !== undefined && { $ref: `#/definitions/${referred}` }),
    ...(oneOf !== undefined && { type: 'string' }),
    ...(items !== undefined && { items: toDefinition(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: toDefinition(additionalProperties) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, toDefinition(property)]),
      ),
    }),
  }
}
