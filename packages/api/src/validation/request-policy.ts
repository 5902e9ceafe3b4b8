// How much of a device's capacity may be asked for: one of some values, or a range in steps.
import { type FieldError, type FieldPath, fieldForbidden, fieldInvalid, fieldRequired } from '@keelson/apimachinery'
import type { RequestPolicy } from '../kinds/resource/resource-types.ts'
import { checkBoundedSet } from './bounded-lists.ts'
import { quantityOf } from './resources.ts'

const MAX_VALUES = 10

export function checkRequestPolicy(
  errors: FieldError[],
  capacity: string,
  policy: RequestPolicy,
  path: FieldPath,
): void {
  const { validValues = [], validRange, default: preset } = policy
  if (validValues.length > 0 && validRange !== undefined) {
    const detail = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
    return void errors.push(fieldForbidden(path, detail))
  }
  if (validValues.length === 0 && validRange === undefined) return
  const field = validRange === undefined ? 'validValues' : 'validRange'
  if (preset === undefined)
    return void errors.push(fieldRequired(path.child('default'), `required when ${field} is defined`))
  if (validRange === undefined) checkValues(errors, preset, capacity, validValues, path.child(field))
  else checkRange(errors, preset, capacity, validRange, path.child(field))
}

const isLess = (left: string, right: string): boolean => quantityOf(left).compare(quantityOf(right)) < 0

function checkValues(
  errors: FieldError[],
  preset: string,
  capacity: string,
  values: readonly string[],
  path: FieldPath,
): void {
  for (const [index, value] of values.entries()) {
    const next = values[index + 1]
    if (next !== undefined && isLess(next, value))
      errors.push(fieldInvalid(path.index(index + 1), next, 'values must be sorted in ascending order'))
  }
  const rule = (found: FieldError[], value: string, at: FieldPath): void => {
    if (isLess(capacity, value))
      found.push(fieldInvalid(at, value, `option is larger than capacity value: ${capacity}`))
  }
  checkBoundedSet(errors, values, MAX_VALUES, path, rule, (value) => String(quantityOf(value).value()))
  const isKnown =
    values.length <= MAX_VALUES && values.some((value) => quantityOf(value).compare(quantityOf(preset)) === 0)
  if (!isKnown) errors.push(fieldInvalid(path, preset, 'default value is not valid according to the requestPolicy'))
}

function checkRange(
  errors: FieldError[],
  preset: string,
  capacity: string,
  { min, max, step }: NonNullable<RequestPolicy['validRange']>,
  path: FieldPath,
): void {
  if (min === undefined)
    return void errors.push(fieldRequired(path.child('min'), 'required when validRange is defined'))
  const refuse = (field: string, value: string, detail: string): void =>
    void errors.push(fieldInvalid(path.child(field), value, detail))
  if (isLess(capacity, min)) refuse('min', min, `min is larger than capacity value: ${capacity}`)
  if (isLess(preset, min)) refuse('min', preset, `default is less than min: ${min}`)
  if (max !== undefined) {
    if (isLess(max, min)) refuse('max', min, `min is larger than max: ${max}`)
    if (isLess(capacity, max)) refuse('max', max, `max is larger than capacity value: ${capacity}`)
    if (isLess(max, preset)) refuse('max', preset, `default is more than max: ${max}`)
  }
  if (step === undefined) return
  const once = quantityOf(min).add(quantityOf(step)).toString()
  if (isLess(capacity, once)) refuse('step', step, `one step ${once} is larger than capacity value: ${capacity}`)
  for (const value of max === undefined ? [preset] : [preset, max]) {
    const size = quantityOf(step).value()
    const distance = quantityOf(value).value() - quantityOf(min).value()
    // A step of nothing leads nowhere; upstream dies of it.
    if (size === 0n || distance % size !== 0n)
      refuse('step', value, `value is not a multiple of a given step (${step}) from (${min})`)
  }
}
