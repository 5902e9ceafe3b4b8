// The name of a storage driver where it stands in a field.
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldRequired,
  fieldTooLong,
  isDNS1123Subdomain,
} from '@keelson/apimachinery'

const MAX_NAME_BYTES = 63

export function checkDriverName(errors: FieldError[], name: string, path: FieldPath): void {
  if (name === '') return void errors.push(fieldRequired(path, ''))
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) errors.push(fieldTooLong(path, MAX_NAME_BYTES))
  for (const message of isDNS1123Subdomain(name.toLowerCase())) errors.push(fieldInvalid(path, name, message))
}
