// Labels, annotations and label selectors wherever they stand in a spec.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldTooLong,
  isLabelValue,
  isQualifiedName,
} from '@keelson/apimachinery'
import type { LabelSelectorObject } from '../kinds/core/pod-types.ts'
import { checkName } from './field-checks.ts'

const MAX_ANNOTATION_BYTES = 256 * 1024
/** Of UTF-8 for one of UTF-16. */
const MAX_BYTES_A_CHARACTER = 3

export function checkLabels(
  errors: FieldError[],
  labels: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): void {
  for (const key in labels) {
    checkName(errors, path, key, isQualifiedName)
    checkName(errors, path, labels[key] ?? '', isLabelValue)
  }
}

/** Keys are compared without case; the total of keys and values is limited. */
export function checkAnnotations(
  errors: FieldError[],
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): void {
  let characters = 0
  for (const key in annotations) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(fieldInvalid(path, key, message))
    characters += key.length + (annotations[key]?.length ?? 0)
  }
  if (characters * MAX_BYTES_A_CHARACTER <= MAX_ANNOTATION_BYTES || annotations === undefined) return
  let bytes = 0
  for (const key in annotations) bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '')
  if (bytes > MAX_ANNOTATION_BYTES) errors.push(fieldTooLong(path, MAX_ANNOTATION_BYTES))
}

export function checkLabelSelector(
  errors: FieldError[],
  selector: LabelSelectorObject | null | undefined,
  path: FieldPath,
): void {
  if (selector === undefined || selector === null) return
  if (selector.matchLabels !== undefined) checkLabels(errors, selector.matchLabels, path.child('matchLabels'))
  for (const [index, { key = '', operator = '', values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(index)
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push(fieldRequired(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        errors.push(
          fieldForbidden(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        )
      }
    } else errors.push(fieldInvalid(at.child('operator'), operator, 'not a valid selector operator'))
    checkName(errors, at.child('key'), key, isQualifiedName)
    for (const [valueIndex, value] of values.entries()) {
      checkName(errors, at.child('values').index(valueIndex), value, isLabelValue)
    }
  }
}

/** Whether the selector can be evaluated at all. */
export function isUsableSelector(selector: LabelSelectorObject): boolean {
  for (const { key = '', operator = '', values = [] } of selector.matchExpressions ?? []) {
    const wantsValues = operator === 'In' || operator === 'NotIn'
    if (!wantsValues && operator !== 'Exists' && operator !== 'DoesNotExist') return false
    if (wantsValues !== values.length > 0) return false
    if (isQualifiedName(key).length > 0 || values.some((value) => isLabelValue(value).length > 0)) return false
  }
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (isQualifiedName(key).length > 0 || isLabelValue(value).length > 0) return false
  }
  return true
}

/** An empty selector matches everything. */
export function selectorMatches(selector: LabelSelectorObject, labels: Readonly<Record<string, string>> = {}): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (labels[key] !== value) return false
  return (selector.matchExpressions ?? []).every(({ key = '', operator, values = [] }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      default:
        return value === undefined
    }
  })
}

export const isEmptySelector = ({ matchLabels = {}, matchExpressions = [] }: LabelSelectorObject): boolean =>
  Object.keys(matchLabels).length + matchExpressions.length === 0
