// JSON schemas as CustomResourceDefinitions hold them, and walks over them. A structural schema is not another tree: it is a JSON
// schema that keeps the rules of structural-rules.ts, and whoever uses it reads the decoded JSON as it is.
import { type JsonValue, append } from '@keelson/apimachinery'

export interface ValidationRule {
  rule?: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
  optionalOldSelf?: boolean
}

export interface JsonSchema {
  id?: string
  $schema?: string
  $ref?: string
  description?: string
  type?: string
  format?: string
  title?: string
  default?: JsonValue
  maximum?: number
  exclusiveMaximum?: boolean
  minimum?: number
  exclusiveMinimum?: boolean
  maxLength?: number
  minLength?: number
  pattern?: string
  maxItems?: number
  minItems?: number
  uniqueItems?: boolean
  multipleOf?: number
  enum?: JsonValue[]
  maxProperties?: number
  minProperties?: number
  required?: string[]
  items?: JsonSchema | JsonSchema[]
  allOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  not?: JsonSchema
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  patternProperties?: Record<string, JsonSchema>
  dependencies?: Record<string, JsonSchema | string[]>
  additionalItems?: JsonSchema | boolean
  definitions?: Record<string, JsonSchema>
  externalDocs?: { description?: string; url?: string }
  example?: JsonValue
  nullable?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-list-type'?: string
  'x-kubernetes-map-type'?: string
  'x-kubernetes-validations'?: ValidationRule[]
}

/** What every resource has, whatever its schema says. */
export const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

/** The schema of all items; undefined where there is none, or one for each place. */
export const itemsOf = ({ items }: JsonSchema): JsonSchema | undefined => (Array.isArray(items) ? undefined : items)

/** The schema of members that `properties` does not name. */
export const otherMembersOf = ({ additionalProperties: other }: JsonSchema): JsonSchema | undefined =>
  typeof other === 'object' ? other : undefined

/** The schema of a member by its own name: `constructor` and the like are no inherited ones. */
export const propertyOf = ({ properties }: JsonSchema, name: string): JsonSchema | undefined =>
  properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined

/** Whether `test` holds for the schema or any within it. */
export function someSchema(schema: JsonSchema, test: (schema: JsonSchema) => boolean): boolean {
  return test(schema) || innerSchemas(schema).some((inner) => someSchema(inner, test))
}

/** Calls `visit` for the schema and all within it, outer ones first. */
export function visitSchemas(schema: JsonSchema, visit: (schema: JsonSchema) => void): void {
  visit(schema)
  for (const inner of innerSchemas(schema)) visitSchemas(inner, visit)
}

/** The schemas directly within one, in the order in which upstream looks at them. */
export function innerSchemas(schema: JsonSchema): JsonSchema[] {
  const found: JsonSchema[] = []
  const { items, not } = schema
  if (Array.isArray(items)) append(found, items)
  else if (items !== undefined) found.push(items)
  for (const list of [schema.allOf, schema.anyOf, schema.oneOf]) if (list !== undefined) append(found, list)
  if (not !== undefined) found.push(not)
  addAll(found, schema.properties)
  addSchema(found, schema.additionalProperties)
  addAll(found, schema.patternProperties)
  addSchema(found, schema.additionalItems)
  addAll(found, schema.definitions)
  for (const name in schema.dependencies) addSchema(found, schema.dependencies[name])
  return found
}

function addAll(found: JsonSchema[], schemas: Record<string, JsonSchema> | undefined): void {
  for (const name in schemas) addSchema(found, schemas[name])
}

function addSchema(found: JsonSchema[], schema: JsonSchema | boolean | string[] | undefined): void {
  if (typeof schema === 'object' && !Array.isArray(schema)) found.push(schema)
}

/** Why a schema cannot be read as a structural one at all; undefined when it can. */
export function unreadable(schema: JsonSchema): string | undefined {
  return unsupported(schema) ?? firstUnreadable(schema)
}

function unsupported(schema: JsonSchema): string | undefined {
  const refuse = (field: string): string => `OpenAPIV3Schema '${field}' is not supported`
  if (schema.id) return refuse('id')
  if (schema.$schema) return refuse('schema')
  if (schema.$ref) return refuse('$ref')
  if (!isEmpty(schema.patternProperties)) return refuse('patternProperties')
  if (!isEmpty(schema.dependencies)) return refuse('dependencies')
  if (schema.additionalItems !== undefined) return refuse('additionalItems')
  if (!isEmpty(schema.definitions)) return refuse('definitions')
  return undefined
}

const isEmpty = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0

function firstUnreadable(schema: JsonSchema): string | undefined {
  const { not, allOf, anyOf, oneOf, items } = schema
  for (const nested of [...(not === undefined ? [] : [not]), ...(allOf ?? []), ...(anyOf ?? []), ...(oneOf ?? [])]) {
    const problem = unreadable(nested)
    if (problem !== undefined) return problem
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  if (Array.isArray(items) && items.length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  const rest = [itemsOf(schema), ...Object.values(schema.properties ?? {}), otherMembersOf(schema)]
  for (const inner of rest) {
    const problem = inner && unreadable(inner)
    if (problem !== undefined) return problem
  }
  return undefined
}
