// The schema of custom resources, checked in the order of upstream: is it structural, are its defaults valid by it, does it keep
// the other rules. Later questions are only asked when earlier ones found nothing.
import { type FieldError, type FieldPath, fieldForbidden, fieldInvalid, append } from '@keelson/apimachinery'
import type { VersionContent } from '../kinds/apiextensions/definition-types.ts'
import { emptiedFields } from '../schema/emptied.ts'
import { defaultErrors } from '../structural-schema/defaults.ts'
import { type JsonSchema, unreadable } from '../structural-schema/json-schema.ts'
import { structuralErrors } from '../structural-schema/structural-rules.ts'
import { schemaValue } from './definition-form.ts'
import type { DefinitionOptions } from './definition-ratchet.ts'
import { checkSchema } from './definition-schema.ts'
import { checkColumns, checkSelectableFields, checkSubresources } from './definition-version.ts'

/** What may stand beside `properties` when the schema of `properties.status` is used alone, too. */
const BESIDE_STATUS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'
const BESIDE_STATUS_NAMES = new Set(
  BESIDE_STATUS.split(' ').map((name) =>
    name === 'XPreserveUnknownFields'
      ? 'x-kubernetes-preserve-unknown-fields'
      : name === 'XValidations'
        ? 'x-kubernetes-validations'
        : name.charAt(0).toLowerCase() + name.slice(1),
  ),
)

export function checkResourceSchema(
  errors: FieldError[],
  schema: JsonSchema,
  hasStatus: boolean,
  path: FieldPath,
  options: DefinitionOptions,
): void {
  const found: FieldError[] = []
  if (hasStatus) checkBesideStatus(found, schema, path)
  if (schema.nullable === true)
    found.push(fieldForbidden(path.child('nullable'), 'nullable cannot be true at the root'))
  const problem = options.requireStructural ? unreadable(schema) : undefined
  const before = found.length
  if (options.requireStructural && problem === undefined) {
    const structural = structuralErrors(schema, path)
    append(found, structural.length > 0 ? structural : defaultErrors(schema, path, options.requirePrunedDefaults))
  }
  const isStructural = options.requireStructural && problem === undefined && found.length === before
  checkSchema(found, schema, path, options, isStructural)
  if (found.length === 0 && problem !== undefined) found.push(fieldInvalid(path, '', problem))
  append(errors, found)
}

function checkBesideStatus(errors: FieldError[], schema: JsonSchema, path: FieldPath): void {
  if (schema.type !== undefined && schema.type !== 'object') {
    const detail = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    errors.push(fieldInvalid(path.child('type'), schema.type, detail))
    // Upstream looks no further than the first wrong field, and only a few come before the type.
    if (!['id', '$schema', '$ref'].some((field) => field in schema)) return
    errors.pop()
  }
  // A list that is empty counts, too.
  const fields = [...Object.keys(schema), ...[...emptiedFields(schema)].map(([field]) => field)]
  if (fields.every((field) => BESIDE_STATUS_NAMES.has(field))) return
  const detail = `only [${BESIDE_STATUS}] fields are allowed at the root of the schema if the status subresource is enabled`
  errors.push(fieldInvalid(path, schemaValue(schema), detail))
}

/** `path`: of the version, or of the spec for what all versions have alike; `schemaField` is where the schema is found. */
export function checkContent(
  errors: FieldError[],
  content: VersionContent,
  path: FieldPath,
  { subresources, name }: { readonly subresources: boolean; readonly name: string | undefined },
  options: DefinitionOptions,
): void {
  const schema = content.schema?.openAPIV3Schema
  const isShared = name === undefined
  if (schema !== undefined) {
    const where = path.child(isShared ? 'validation' : 'schema', 'openAPIV3Schema')
    checkResourceSchema(errors, schema, subresources, where, options)
  }
  if (content.subresources !== undefined) checkSubresources(errors, content.subresources, path.child('subresources'))
  checkColumns(errors, content.additionalPrinterColumns ?? [], path.child('additionalPrinterColumns'))
  if (!content.selectableFields?.length) return
  const where = path.child('selectableFields')
  if (schema === undefined && !(isShared && content.schema !== undefined)) {
    const detail = isShared
      ? 'may only be set when validations.schema is included'
      : 'may only be set when `version.schema.openAPIV3Schema` is not included'
    return void errors.push(fieldInvalid(where, '', detail))
  }
  const problem = schema && unreadable(schema)
  if (problem !== undefined) errors.push(fieldInvalid(path.child('schema.openAPIV3Schema'), '', problem))
  const tooMany = options.manySelectableFields.has(name ?? '')
  checkSelectableFields(errors, content.selectableFields, problem === undefined ? schema : undefined, where, tooMany)
}
