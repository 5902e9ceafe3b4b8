// Puts descriptions into a schema of the facts.

/** Descriptions of a type (under '') and of its fields. */
export type Prose = Readonly<Record<string, string>>

/** A copy with a `description` first, for the type and for each property that has one. */
export function describeSchema(schema: object, prose: Prose): object {
  const properties = 'properties' in schema && typeof schema.properties === 'object' ? schema.properties : undefined
  return {
    ...(prose[''] && { description: prose[''] }),
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [
          name,
          prose[name] ? { description: prose[name], ...property } : property,
        ]),
      ),
    }),
  }
}
