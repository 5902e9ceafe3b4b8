// The form in which upstream validates a CustomResourceDefinition: what all versions have alike stands in the spec, and its errors
// are found there. Also how it prints what it refuses.
import { type JsonValue, compareBytes, isJsonObject } from '@keelson/apimachinery'
import type { DefinitionSpec, DefinitionVersion, VersionContent } from '../kinds/apiextensions/definition-types.ts'
import { copyWithEmptied, emptiedField } from '../schema/emptied.ts'
import type { JsonSchema } from '../structural-schema/json-schema.ts'
import { semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'

const SHARED = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const

export interface DefinitionForm {
  /** What all versions have alike. */
  readonly shared: VersionContent
  /** Without what is shared. */
  readonly versions: readonly DefinitionVersion[]
  /** Null where no list was given. */
  readonly versionList: readonly DefinitionVersion[] | null
}

export function definitionForm({ versions: list }: DefinitionSpec): DefinitionForm {
  const versions = (list ?? []).map((version) => ({ ...version }))
  const [first] = versions
  if (first === undefined) return { shared: {}, versions, versionList: list }
  const shared: VersionContent = {}
  for (const field of SHARED) {
    if (!versions.every((version) => semanticallyEqual(version[field], first[field]))) {
      for (const [index, version] of versions.entries()) {
        const emptied = emptiedField(list?.[index], field)
        if (emptied !== null) Object.assign(version, { [field]: emptied })
      }
      continue
    }
    Object.assign(shared, first[field] === undefined ? {} : { [field]: first[field] })
    for (const version of versions) delete version[field]
  }
  return { shared, versions, versionList: versions }
}

/** As upstream prints the versions. */
export const versionsValue = ({ versionList }: DefinitionForm): unknown =>
  internalForm('[]apiextensions.CustomResourceDefinitionVersion', versionList?.map(versionValue))

function versionValue(version: DefinitionVersion): object {
  const schema = version.schema?.openAPIV3Schema
  return schema === undefined ? version : { ...version, schema: { openAPIV3Schema: internalSchema(schema) } }
}

export const schemaValue = (schema: JsonSchema): unknown =>
  internalForm('apiextensions.JSONSchemaProps', internalSchema(schema))

export const itemsValue = (schema: JsonSchema): unknown =>
  internalForm('apiextensions.JSONSchemaPropsOrArray', itemsForm(schema))

/** Values that are one thing or another are structs of both. */
function internalSchema(schema: JsonSchema): Record<string, unknown> {
  const { $schema, not, properties, patternProperties, definitions, dependencies } = schema
  // A copy is for what it gets, too.
  const form: Record<string, unknown> = copyWithEmptied<object>(schema) as Record<string, unknown>
  form['schema'] = $schema
  form['items'] = itemsForm(schema)
  for (const name of ['additionalProperties', 'additionalItems'] as const) {
    const value = schema[name]
    if (value !== undefined)
      form[name] = typeof value === 'boolean' ? { allows: value } : { allows: true, ...schemaIn(value) }
  }
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) form[name] = schema[name]?.map(internalSchema)
  form['not'] = not && internalSchema(not)
  for (const [name, map] of Object.entries({ properties, patternProperties, definitions }))
    if (map !== undefined) form[name] = mapValues(map, internalSchema)
  if (dependencies !== undefined) form['dependencies'] = mapValues(dependencies, dependencyForm)
  return form
}

function itemsForm({ items }: JsonSchema): unknown {
  if (items === undefined) return undefined
  return Array.isArray(items) ? { jsonschemas: items.map(internalSchema) } : schemaIn(items)
}

const schemaIn = (schema: JsonSchema): Record<string, unknown> => ({ schema: internalSchema(schema) })

const dependencyForm = (value: JsonSchema | string[]): unknown =>
  Array.isArray(value) ? { property: value } : schemaIn(value)

const mapValues = <Value>(map: Record<string, Value>, change: (value: Value) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]))

/** As Go prints a tree: the members of maps by their names. */
export function sortedTree(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortedTree)
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).toSorted(([left], [right]) => compareBytes(left, right))
  return Object.fromEntries(entries.map(([name, member]) => [name, sortedTree(member)]))
}
