// Rules that hold for a kind by its schema alone: required fields and enums. Kinds with a validation of their own say more, and
// in upstream's words; this is the floor under all others.
import { type FieldError, type FieldPath, fieldNotSupported, fieldRequired, rootPath } from '@keelson/apimachinery'
import { type OpenApiSchema, openApiSchema, referredName } from './openapi-schema.ts'

/** `name`: `io.k8s.api.core.v1.Pod`. `value` has been decoded: its types are right. */
export function validateBySchema(name: string, value: unknown, path: FieldPath = rootPath): FieldError[] {
  const errors: FieldError[] = []
  validateNamed(name, value, path, errors)
  return errors
}

/** Required by the schema, and yet empty lists are fine with upstream. */
const MAY_BE_EMPTY: ReadonlyMap<string, string> = new Map([
  ['io.k8s.api.core.v1.LimitRangeSpec', 'limits'],
  ['io.k8s.api.storage.v1.CSINodeSpec', 'drivers'],
])

function validateNamed(name: string, value: unknown, path: FieldPath, errors: FieldError[]): void {
  const schema = openApiSchema(name)
  if (schema !== undefined) validateValue(schema, value, path, errors, MAY_BE_EMPTY.get(name))
}

function validateValue(
  schema: OpenApiSchema,
  value: unknown,
  path: FieldPath,
  errors: FieldError[],
  mayBeEmpty?: string,
): void {
  const referred = referredName(schema)
  if (referred !== undefined) {
    validateNamed(referred, value, path, errors)
    return
  }
  if (typeof value === 'string') {
    if (schema.enum !== undefined && value !== '' && !schema.enum.includes(value)) {
      errors.push(fieldNotSupported(path, value, schema.enum))
    }
  } else if (Array.isArray(value)) {
    const { items } = schema
    if (items === undefined || !canBeWrong(items)) return
    for (const [index, item] of value.entries()) validateValue(items, item, path.index(index), errors)
  } else if (typeof value === 'object' && value !== null) {
    // A JSON tree: its members are reached by name.
    validateObject(schema, value as Readonly<Record<string, unknown>>, path, errors, mayBeEmpty)
  }
}

function validateObject(
  schema: OpenApiSchema,
  value: Readonly<Record<string, unknown>>,
  path: FieldPath,
  errors: FieldError[],
  mayBeEmpty: string | undefined,
): void {
  for (const name of schema.required ?? []) {
    if (name !== mayBeEmpty && isMissing(value[name])) errors.push(fieldRequired(path.child(name), ''))
  }
  for (const name in value) {
    // Metadata and status have rules of their own: the former in metadata/, the latter is written by controllers.
    if (path === rootPath && (name === 'metadata' || name === 'status')) continue
    const property = schema.properties?.[name]
    if (property === undefined) {
      const { additionalProperties } = schema
      if (additionalProperties !== undefined && canBeWrong(additionalProperties)) {
        validateValue(additionalProperties, value[name], path.key(name), errors)
      }
    } else if (canBeWrong(property)) validateValue(property, value[name], path.child(name), errors)
  }
}

/** False for most fields: texts, numbers and truth values without an enum, and lists and maps of such. */
function canBeWrong(schema: OpenApiSchema): boolean {
  if (schema.enum !== undefined || schema.properties !== undefined || referredName(schema) !== undefined) return true
  const inside = schema.items ?? schema.additionalProperties
  return inside !== undefined && canBeWrong(inside)
}

/** Empty texts and lists are what Go has for a field that was not sent. A number or a truth value cannot be missing. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}
