// What a client may say in metadata.managedFields, beyond what the server understands and takes over.
import {
  type FieldError,
  type FieldPath,
  type JsonObject,
  append,
  fieldInvalid,
  fieldTooLong,
} from '@keelson/apimachinery'

const MANAGER_MAX_BYTES = 128
const SUBRESOURCE_MAX_BYTES = 256
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

export function validateManagedFields(entries: readonly JsonObject[], path: FieldPath): FieldError[] {
  return entries.flatMap((entry, index) => validateEntry(entry, path.index(index)))
}

function validateEntry({ operation, fieldsType, manager, subresource }: JsonObject, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (operation !== 'Apply' && operation !== 'Update') {
    errors.push(fieldInvalid(path.child('operation'), operation ?? '', 'must be `Apply` or `Update`'))
  }
  if (typeof fieldsType === 'string' && fieldsType !== '' && fieldsType !== 'FieldsV1') {
    errors.push(fieldInvalid(path.child('fieldsType'), fieldsType, 'must be `FieldsV1`'))
  }
  if (typeof manager === 'string') append(errors, validateFieldManager(manager, path.child('manager')))
  if (typeof subresource === 'string' && Buffer.byteLength(subresource) > SUBRESOURCE_MAX_BYTES) {
    errors.push(fieldTooLong(path.child('subresource'), SUBRESOURCE_MAX_BYTES))
  }
  return errors
}

function validateFieldManager(manager: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (Buffer.byteLength(manager) > MANAGER_MAX_BYTES) errors.push(fieldTooLong(path, MANAGER_MAX_BYTES))
  const unprintable = UNPRINTABLE.exec(manager)
  if (unprintable !== null) {
    const position = Buffer.byteLength(manager.slice(0, unprintable.index))
    errors.push(fieldInvalid(path, manager, `invalid character ${codePoint(unprintable[0])} (at position ${position})`))
  }
  return errors
}

/** As Go prints one: U+0007. */
const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
