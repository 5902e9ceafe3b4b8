// Puts descriptions into a schema of the facts.
import type { OpenApiSchema } from '../schema/openapi-schema.ts'

/** Descriptions of a type (under '') and of its fields. */
export type Prose = Readonly<Record<string, string>>

/** A copy with a `description` first, for the type and for each property that has one. */
export function describeSchema(schema: OpenApiSchema, prose: Prose): OpenApiSchema {
  const describeProperty = ([name, property]: [string, OpenApiSchema]): [string, OpenApiSchema] => {
    const description = prose[name]
    return [name, description ? { description, ...property } : property]
  }
  return {
    ...(prose[''] && { description: prose[''] }),
    ...schema,
    ...(schema.properties && {
      properties: Object.fromEntries(Object.entries(schema.properties).map(describeProperty)),
    }),
  }
}
