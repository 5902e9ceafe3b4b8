// Labels and annotations: formats of keys and values, and the size of all annotations together.
import {
  type FieldError,
  type FieldPath,
  byteLength,
  fieldInvalid,
  fieldTooLong,
  isLabelValue,
  isQualifiedName,
} from '@keelson/apimachinery'

const ANNOTATIONS_MAX_BYTES = 256 * 1024

// Nearly every key and value is fine: one test of one pattern, and the rules that find the words only when it fails.
// 63 bytes of name, 253 of prefix; these patterns may refuse what is valid, never the other way round.
const PLAIN_KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,100}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const PLAIN_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/
const ODD_PREFIX = /[-.]\.|\.-/

const isPlainKey = (key: string): boolean => PLAIN_KEY.test(key) && !(key.includes('/') && ODD_PREFIX.test(key))

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const key in labels) {
    if (!isPlainKey(key)) for (const message of isQualifiedName(key)) errors.push(fieldInvalid(path, key, message))
    const value = labels[key] ?? ''
    if (!PLAIN_VALUE.test(value))
      for (const message of isLabelValue(value)) errors.push(fieldInvalid(path, value, message))
  }
  return errors
}

/** Keys are compared without regard to case. */
export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key in annotations) {
    bytes += byteLength(key) + byteLength(annotations[key] ?? '')
    if (isPlainKey(key)) continue
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(fieldInvalid(path, key, message))
  }
  if (bytes > ANNOTATIONS_MAX_BYTES) errors.push(fieldTooLong(path, ANNOTATIONS_MAX_BYTES))
  return errors
}
