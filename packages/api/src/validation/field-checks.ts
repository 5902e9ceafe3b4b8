// The smallest validators: each looks at one value and adds to `errors` what is wrong. Paths are made only on error.
import {
  type FieldError,
  FieldPath,
  compareBytes,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '@keelson/apimachinery'

export const FIELD_IS_IMMUTABLE = 'field is immutable'
export const NOT_NEGATIVE = 'must be greater than or equal to 0'

/** One error for each of the rule's messages about a value. */
export function checkName(
  errors: FieldError[],
  path: FieldPath,
  value: string,
  rule: (value: string) => string[],
): void {
  for (const message of rule(value)) errors.push(fieldInvalid(path, value, message))
}

export function checkNotNegative(errors: FieldError[], value: number | undefined, path: FieldPath, name: string): void {
  if (value !== undefined && value < 0) errors.push(fieldInvalid(path.child(name), value, NOT_NEGATIVE))
}

/** Required when empty, unsupported when it is none of `valid`. */
export function checkEnum(
  errors: FieldError[],
  value: string | undefined,
  valid: readonly string[],
  path: FieldPath,
  name: string,
): void {
  if (value === undefined || value === '') errors.push(fieldRequired(path.child(name), ''))
  else if (!valid.includes(value)) errors.push(fieldNotSupported(path.child(name), value, valid))
}

/** A map as Go prints it, by its keys. Any other value as it is. */
export function sortedMap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => compareBytes(left, right)))
}

export function checkImmutable(errors: FieldError[], next: unknown, old: unknown, path: FieldPath): void {
  if (!semanticallyEqual(next, old)) errors.push(fieldInvalid(path, next, FIELD_IS_IMMUTABLE))
}

/**
 * Deep equality of JSON trees as upstream's Semantic.DeepEqual sees them: absent, null and an empty list are the same. An empty
 * object is a pointer that is set; decoding has left out the maps that are empty.
 */
export function semanticallyEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (isNothing(left)) return isNothing(right)
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => semanticallyEqual(item, right[index]))
    )
  }
  if (Array.isArray(right)) return false
  const leftEntries = left as Record<string, unknown> // Not null, not a list: a map.
  const rightEntries = right as Record<string, unknown>
  for (const key in leftEntries) if (!semanticallyEqual(leftEntries[key], rightEntries[key])) return false
  for (const key in rightEntries) if (!(key in leftEntries) && !isNothing(rightEntries[key])) return false
  return true
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)
