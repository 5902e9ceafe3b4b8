// A schema of v3 as v2 says it.
import { type OpenApiSchema, referredName } from '../schema/openapi-schema.ts'

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
