// What is said of a policy's expressions by who has looked at them.
import { type FieldError, fieldInvalid, fieldRequired, rootPath } from '@keelson/apimachinery'
import type { Policy } from '../kinds/admissionregistration/admission-types.ts'
import { checkConditions } from './conditions.ts'
import { jsonPathProblem } from './json-path-syntax.ts'

const statusPath = rootPath.child('status')

export function validatePolicyStatus({ status = {} }: Policy): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, { fieldRef = '', warning = '' }] of (status.typeChecking?.expressionWarnings ?? []).entries()) {
    const path = statusPath.child('typeChecking', 'expressionWarnings').index(index)
    if (warning === '') errors.push(fieldRequired(path.child('warning'), ''))
    const reference = fieldRef.trim()
    if (reference === '') errors.push(fieldRequired(path.child('fieldRef'), ''))
    else {
      const problem = jsonPathProblem(reference)
      if (problem !== undefined)
        errors.push(fieldInvalid(path.child('fieldRef'), reference, `invalid JSONPath: ${problem}`))
    }
  }
  checkConditions(errors, status.conditions ?? [], statusPath.child('conditions'))
  return errors
}
