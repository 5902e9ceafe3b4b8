// Rules that hold for a kind by its schema alone: required fields, enums, and the formats that upstream's code checks
// everywhere. Kinds with a validation of their own say more, and in upstream's words; this is the floor under all others.
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
  if (Array.isArray(value)) {
    if (schema.items === undefined) return
    for (const [index, item] of value.entries()) validateValue(schema.items, item, path.index(index), errors)
    return
  }
  if (typeof value === 'object' && value !== null) {
    validateObject(schema, value, path, errors, mayBeEmpty)
    return
  }
  if (schema.enum !== undefined && typeof value === 'string' && value !== '' && !schema.enum.includes(value)) {
    errors.push(fieldNotSupported(path, value, schema.enum))
  }
}

function validateObject(
  schema: OpenApiSchema,
  value: object,
  path: FieldPath,
  errors: FieldError[],
  mayBeEmpty: string | undefined,
): void {
  const fields = new Map(Object.entries(value))
  for (const name of schema.required ?? []) {
    if (name !== mayBeEmpty && isMissing(fields.get(name))) errors.push(fieldRequired(path.child(name), ''))
  }
  for (const [name, item] of fields) {
    // Metadata and status have rules of their own: the former in metadata/, the latter is written by controllers.
    if (path === rootPath && (name === 'metadata' || name === 'status')) continue
    const property = schema.properties?.[name]
    if (property !== undefined) validateValue(property, item, path.child(name), errors)
    else if (schema.additionalProperties !== undefined)
      validateValue(schema.additionalProperties, item, path.key(name), errors)
  }
}

/** Empty texts and lists are what Go has for a field that was not sent. A number or a truth value cannot be missing. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}
