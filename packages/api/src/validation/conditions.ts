// The conditions that new kinds share (metav1.Condition).
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  isQualifiedName,
  patternMessage,
} from '@keelson/apimachinery'
import type { StatusCondition } from '../kinds/admissionregistration/admission-types.ts'
import { checkName } from './field-checks.ts'

const STATUSES = ['False', 'True', 'Unknown']
const MAX_REASON_BYTES = 1024
const MAX_MESSAGE_BYTES = 32 * 1024
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const REASON_PATTERN = new RegExp(`^${REASON}$`)
const REASON_RULE = patternMessage(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
)

export function checkConditions(errors: FieldError[], conditions: readonly StatusCondition[], path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, condition] of conditions.entries()) {
    const type = condition.type ?? ''
    if (seen.has(type)) errors.push(fieldDuplicate(path.index(index).child('type'), type))
    seen.add(type)
    checkCondition(errors, condition, path.index(index))
  }
}

function checkCondition(errors: FieldError[], condition: StatusCondition, path: FieldPath): void {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition
  checkName(errors, path.child('type'), type, isQualifiedName)
  if (!STATUSES.includes(status)) errors.push(fieldNotSupported(path.child('status'), status, STATUSES))
  if (observedGeneration < 0) {
    const detail = 'must be greater than or equal to zero'
    errors.push(fieldInvalid(path.child('observedGeneration'), observedGeneration, detail))
  }
  if (!lastTransitionTime) errors.push(fieldRequired(path.child('lastTransitionTime'), ''))
  if (reason === '') errors.push(fieldRequired(path.child('reason'), ''))
  else if (!REASON_PATTERN.test(reason)) errors.push(fieldInvalid(path.child('reason'), reason, REASON_RULE))
  if (Buffer.byteLength(reason) > MAX_REASON_BYTES) errors.push(fieldTooLong(path.child('reason'), MAX_REASON_BYTES))
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES)
    errors.push(fieldTooLong(path.child('message'), MAX_MESSAGE_BYTES))
}
