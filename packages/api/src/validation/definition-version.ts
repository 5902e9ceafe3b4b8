// What a version of custom resources has beside its schema: printer columns, subresources, selectable fields, the warning of
// those that use it when they should not.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldRequired,
  fieldTooMany,
} from '@keelson/apimachinery'
import type {
  DefinitionVersion,
  PrinterColumn,
  SelectableField,
  Subresources,
} from '../kinds/apiextensions/definition-types.ts'
import type { JsonSchema } from '../structural-schema/json-schema.ts'
import { resolveFieldPath } from './schema-field-path.ts'

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const SELECTABLE_TYPES = ['string', 'boolean', 'integer']
export const MAX_SELECTABLE_FIELDS = 8
const MAX_WARNING_BYTES = 256
const NOT_PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

export function checkDeprecationWarning(errors: FieldError[], version: DefinitionVersion, path: FieldPath): void {
  const { deprecated, deprecationWarning: warning } = version
  if (warning === undefined) return
  const refuse = (detail: string): void =>
    void errors.push(fieldInvalid(path.child('deprecationWarning'), pointerTo(warning), detail))
  if (deprecated !== true) return refuse('can only be set for deprecated versions')
  if (Buffer.byteLength(warning) > MAX_WARNING_BYTES) refuse(`must be <= ${MAX_WARNING_BYTES} characters long`)
  if (warning === '') refuse('must not be an empty string')
  const found = warning.search(NOT_PRINTABLE)
  if (found >= 0) {
    const index = Buffer.byteLength(warning.slice(0, found))
    refuse(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`)
  }
}

/** Upstream prints a pointer to a text as JSON, where it quotes texts otherwise. */
export const pointerTo = (text: string): unknown => Object(text)

export function checkColumns(errors: FieldError[], columns: readonly PrinterColumn[], path: FieldPath): void {
  for (const [index, column] of columns.entries()) checkColumn(errors, column, path.index(index))
}

function checkColumn(
  errors: FieldError[],
  { name, type, format = '', jsonPath }: PrinterColumn,
  path: FieldPath,
): void {
  if (name === '') errors.push(fieldRequired(path.child('name'), ''))
  const types = `must be one of ${COLUMN_TYPES.join(',')}`
  if (type === '') errors.push(fieldRequired(path.child('type'), types))
  else if (!COLUMN_TYPES.includes(type)) errors.push(fieldInvalid(path.child('type'), type, types))
  if (format !== '' && !COLUMN_FORMATS.includes(format))
    errors.push(fieldInvalid(path.child('format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`))
  if (jsonPath === '') errors.push(fieldRequired(path.child('JSONPath'), ''))
  else checkStart(errors, jsonPath, path.child('JSONPath'))
}

function checkStart(errors: FieldError[], jsonPath: string, path: FieldPath): boolean {
  if (jsonPath.startsWith('.')) return true
  errors.push(fieldInvalid(path, jsonPath, 'must be a simple json path starting with .'))
  return false
}

export function checkSubresources(errors: FieldError[], { scale }: Subresources, path: FieldPath): void {
  if (scale === undefined) return
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale
  const where = (name: string): FieldPath => path.child(`scale.${name}`)
  checkReplicas(errors, specReplicasPath, '.spec', where('specReplicasPath'))
  checkReplicas(errors, statusReplicasPath, '.status', where('statusReplicasPath'))
  if (labelSelectorPath === '' || !checkStart(errors, labelSelectorPath, where('labelSelectorPath'))) return
  if (/^\.(?:spec|status)\./.test(labelSelectorPath)) return
  const detail = 'should be a json path under either .spec or .status'
  errors.push(fieldInvalid(where('labelSelectorPath'), pointerTo(labelSelectorPath), detail))
}

function checkReplicas(errors: FieldError[], jsonPath: string, under: string, path: FieldPath): void {
  if (jsonPath === '') errors.push(fieldRequired(path, ''))
  else if (checkStart(errors, jsonPath, path) && !jsonPath.startsWith(`${under}.`))
    errors.push(fieldInvalid(path, jsonPath, `should be a json path under ${under}`))
}

/** `schema`: undefined where it cannot be read as a structural one. */
export function checkSelectableFields(
  errors: FieldError[],
  fields: readonly SelectableField[],
  schema: JsonSchema | undefined,
  path: FieldPath,
  allowTooMany: boolean,
): void {
  const seen = new Set<string>()
  for (const [index, { jsonPath }] of fields.entries()) {
    const where = path.index(index).child('jsonPath')
    if (jsonPath === '') {
      errors.push(fieldRequired(where, ''))
      continue
    }
    const found = resolveFieldPath(jsonPath, schema ?? {}, false)
    if (typeof found === 'string') {
      errors.push(fieldInvalid(where, jsonPath, `is an invalid path: ${found}`))
      continue
    }
    if (found.root === 'metadata') errors.push(fieldInvalid(where, jsonPath, 'must not point to fields in metadata'))
    if (!SELECTABLE_TYPES.includes(found.schema?.type ?? '')) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      errors.push(fieldInvalid(where, jsonPath, detail))
    }
    if (seen.has(found.path)) errors.push(fieldDuplicate(where, jsonPath))
    seen.add(found.path)
  }
  if (seen.size > MAX_SELECTABLE_FIELDS && !allowTooMany)
    errors.push(fieldTooMany(path, seen.size, MAX_SELECTABLE_FIELDS))
}
