// Puts descriptions into a schema of the facts.
import { type OpenApiSchema, referredName } from '../schema/openapi-schema.ts'

/** Descriptions of a type (under '') and of its fields. */
export type Prose = Readonly<Record<string, string>>

/**
 * A copy with a `description` first, for the type and for each property that has one. A property without one that refers to
 * another type has that type's: `proseOf` gives it by the name of the schema.
 */
export function describeSchema(
  schema: OpenApiSchema,
  prose: Prose,
  proseOf: (name: string) => Prose | undefined,
): OpenApiSchema {
  const describeProperty = ([name, property]: [string, OpenApiSchema]): [string, OpenApiSchema] => {
    const referred = referredName(property)
    const description = prose[name] ?? (referred === undefined ? undefined : proseOf(referred)?.[''])
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
