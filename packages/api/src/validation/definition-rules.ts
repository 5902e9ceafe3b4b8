// x-kubernetes-validations: what stands around their expressions.
import { type FieldError, type FieldPath, fieldInvalid, fieldNotSupported, fieldRequired } from '@keelson/apimachinery'
import { type JsonSchema, type ValidationRule, unreadable } from '../structural-schema/json-schema.ts'
import { resolveFieldPath } from './schema-field-path.ts'

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const LINE_BREAK = /[\n\r]/
const NOT_EMPTY = 'must be non-empty if specified'
const NO_LINE_BREAKS = 'must not contain line breaks'

export function checkRuleTexts(errors: FieldError[], schema: JsonSchema, path: FieldPath): void {
  for (const [index, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const where = path.child('x-kubernetes-validations').index(index)
    checkTexts(errors, rule, where)
    if (rule.reason !== undefined && !REASONS.includes(rule.reason))
      errors.push(fieldNotSupported(where.child('reason'), rule.reason, REASONS))
    checkFieldPath(errors, rule.fieldPath ?? '', schema, where.child('fieldPath'))
  }
}

function checkTexts(errors: FieldError[], rule: ValidationRule, path: FieldPath): void {
  const { message = '', messageExpression = '' } = rule
  const expression = rule.rule?.trim() ?? ''
  const trimmed = message.trim()
  if (expression === '') errors.push(fieldRequired(path.child('rule'), 'rule is not specified'))
  else if (message !== '' && trimmed === '') errors.push(fieldInvalid(path.child('message'), message, NOT_EMPTY))
  else if (LINE_BREAK.test(trimmed)) errors.push(fieldInvalid(path.child('message'), message, NO_LINE_BREAKS))
  else if (LINE_BREAK.test(expression) && trimmed === '')
    errors.push(fieldRequired(path.child('message'), 'message must be specified if rule contains line breaks'))
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(fieldRequired(path.child('messageExpression'), `messageExpression ${NOT_EMPTY}`))
}

function checkFieldPath(errors: FieldError[], fieldPath: string, schema: JsonSchema, path: FieldPath): void {
  if (fieldPath === '') return
  if (fieldPath.trim() === '') errors.push(fieldInvalid(path, fieldPath, NOT_EMPTY))
  if (LINE_BREAK.test(fieldPath)) errors.push(fieldInvalid(path, fieldPath, NO_LINE_BREAKS))
  if (unreadable(schema) === undefined && typeof resolveFieldPath(fieldPath, schema, true) === 'string')
    errors.push(fieldInvalid(path, fieldPath, 'must be a valid path'))
}
