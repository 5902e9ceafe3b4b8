// What admission policies and their bindings may say.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1035Label,
  isDNS1123Subdomain,
  isQualifiedName,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import { APPLY_CONFIGURATION, BOOL, JSON_PATCHES, NULL, RESERVED_WORDS, STRING } from '../cel/index.ts'
import type { ParamRef, Policy, PolicyBinding, PolicySpec } from '../kinds/admissionregistration/admission-types.ts'
import { PolicyExpressions } from './admission-expressions.ts'
import {
  checkFailurePolicy,
  checkMatchConditions,
  checkMatchResources,
  checkMutableOperations,
} from './admission-rules.ts'
import { checkName, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { checkLabelSelector } from './labels.ts'

const specPath = rootPath.child('spec')
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const ACTIONS = ['Audit', 'Deny', 'Warn']
const NOT_FOUND_ACTIONS = ['Deny', 'Allow']
const REINVOCATION_POLICIES = ['IfNeeded', 'Never']
const MAX_ANNOTATIONS = 20
const MAX_ANNOTATION_BYTES = 5 * 1024
const SOMETHING = 'validations or auditAnnotations must contain at least one item'
export function validateValidatingPolicy({ metadata, spec = {} }: Policy, old?: Policy): FieldError[] {
  const errors: FieldError[] = []
  checkPolicy(errors, spec, old?.spec)
  const expressions = new PolicyExpressions(spec.paramKind !== undefined, (spec.variables ?? []).length > 0)
  checkVariables(errors, spec, expressions)
  const { validations = [], auditAnnotations = [] } = spec
  if (validations.length === 0 && auditAnnotations.length === 0) {
    errors.push(fieldRequired(specPath.child('validations'), SOMETHING))
    errors.push(fieldRequired(specPath.child('auditAnnotations'), SOMETHING))
    return errors
  }
  for (const [index, validation] of validations.entries())
    checkValidation(errors, validation, specPath.child('validations').index(index), expressions)
  checkAnnotations(errors, auditAnnotations, metadata.name ?? '', expressions)
  return errors
}

export function validateMutatingPolicy({ spec = {} }: Policy, old?: Policy): FieldError[] {
  const errors: FieldError[] = []
  checkPolicy(errors, spec, old?.spec, true)
  const expressions = new PolicyExpressions(spec.paramKind !== undefined, true)
  checkVariables(errors, spec, expressions)
  const { mutations = [], reinvocationPolicy = '' } = spec
  const path = specPath.child('mutations')
  if (mutations.length === 0) errors.push(fieldRequired(path, 'mutations must contain at least one item'))
  for (const [index, mutation] of mutations.entries()) checkMutation(errors, mutation, path.index(index), expressions)
  const reinvocationPath = specPath.child('reinvocationPolicy')
  if (reinvocationPolicy === '') errors.push(fieldRequired(reinvocationPath, ''))
  else if (!REINVOCATION_POLICIES.includes(reinvocationPolicy))
    errors.push(fieldNotSupported(reinvocationPath, reinvocationPolicy, REINVOCATION_POLICIES))
  return errors
}

function checkPolicy(errors: FieldError[], spec: PolicySpec, old: PolicySpec | undefined, mutates = false): void {
  checkFailurePolicy(errors, spec.failurePolicy, specPath)
  if (spec.paramKind !== undefined) checkParamKind(errors, spec.paramKind, specPath.child('paramKind'))
  const path = specPath.child('matchConstraints')
  if (spec.matchConstraints === undefined) errors.push(fieldRequired(path, ''))
  else {
    checkMatchResources(errors, spec.matchConstraints, path)
    if (!spec.matchConstraints.resourceRules?.length) errors.push(fieldRequired(path.child('resourceRules'), ''))
    if (mutates) checkMutableOperations(errors, spec.matchConstraints, path)
  }
  const conditionsAreKept =
    old !== undefined &&
    semanticallyEqual(spec.paramKind, old.paramKind) &&
    semanticallyEqual(spec.matchConditions, old.matchConditions)
  if (conditionsAreKept) return
  const hasParams = spec.paramKind !== undefined
  checkMatchConditions(errors, spec.matchConditions ?? [], specPath.child('matchConditions'), hasParams)
}

function checkParamKind(
  errors: FieldError[],
  { apiVersion = '', kind = '' }: NonNullable<PolicySpec['paramKind']>,
  path: FieldPath,
): void {
  const refuse = (field: string, value: string, detail: string): void =>
    void errors.push(fieldInvalid(path.child(field), value, detail))
  const parts = apiVersion.split('/')
  if (apiVersion === '') errors.push(fieldRequired(path.child('apiVersion'), ''))
  else if (parts.length > 2) refuse('apiVersion', apiVersion, `unexpected GroupVersion string: ${apiVersion}`)
  else {
    const group = parts.length === 2 ? (parts[0] ?? '') : ''
    const version = parts.at(-1) ?? ''
    const groupMessages = group === '' ? [] : isDNS1123Subdomain(group)
    if (groupMessages.length > 0) refuse('apiVersion', group, groupMessages.join(','))
    const versionMessages = isDNS1035Label(version)
    if (version === '') refuse('apiVersion', apiVersion, 'version must be specified')
    else if (versionMessages.length > 0) refuse('apiVersion', version, versionMessages.join(','))
  }
  const kindMessages = isDNS1035Label(kind.toLowerCase())
  if (kind === '') errors.push(fieldRequired(path.child('kind'), ''))
  else if (kindMessages.length > 0)
    refuse('kind', kind, `may have mixed case, but should otherwise match: ${kindMessages.join(',')}`)
}

function checkVariables(errors: FieldError[], { variables = [] }: PolicySpec, expressions: PolicyExpressions): void {
  for (const [index, { name = '', expression = '' }] of variables.entries()) {
    const path = specPath.child('variables').index(index)
    if (name.trim() === '') errors.push(fieldRequired(path.child('name'), 'name is not specified'))
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || RESERVED_WORDS.has(name))
      errors.push(fieldInvalid(path.child('name'), name, 'must be a valid CEL identifier'))
    const at = path.child('expression')
    if (expression.trim() === '') errors.push(fieldRequired(at, 'expression is not specified'))
    else expressions.addVariable(errors, at, name, expression)
  }
}

function checkValidation(
  errors: FieldError[],
  validation: NonNullable<PolicySpec['validations']>[number],
  path: FieldPath,
  expressions: PolicyExpressions,
): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation
  const at = path.child('expression')
  if (expression.trim() === '') errors.push(fieldRequired(at, 'expression is not specified'))
  else expressions.check(errors, at, expression, [BOOL])
  const notEmpty = 'must be non-empty if specified'
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(fieldInvalid(path.child('messageExpression'), messageExpression, notEmpty))
  else if (messageExpression !== '')
    expressions.check(errors, path.child('messageExpression'), messageExpression, [STRING], { hasAuthorizer: false })
  if (message !== '' && message.trim() === '') errors.push(fieldInvalid(path.child('message'), message, notEmpty))
  else if (/[\n\r]/.test(message.trim()))
    errors.push(fieldInvalid(path.child('message'), message, 'must not contain line breaks'))
  if (reason !== undefined && !REASONS.includes(reason))
    errors.push(fieldNotSupported(path.child('reason'), reason, REASONS))
}

/** The name of the policy is the domain of its annotations. */
function checkAnnotations(
  errors: FieldError[],
  annotations: NonNullable<PolicySpec['auditAnnotations']>,
  name: string,
  expressions: PolicyExpressions,
): void {
  const path = specPath.child('auditAnnotations')
  if (annotations.length > MAX_ANNOTATIONS) {
    const shown = internalForm('[]admissionregistration.AuditAnnotation', annotations)
    errors.push(fieldInvalid(path, shown, `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`))
  }
  const seen = new Set<string>()
  for (const [index, { key = '', valueExpression = '' }] of annotations.entries()) {
    const at = path.index(index)
    if (name === '') errors.push(fieldInvalid(at.child('key'), key, 'requires metadata.name be non-empty'))
    else checkName(errors, at.child('key'), `${name}/${key}`, isQualifiedName)
    const expression = valueExpression.trim()
    if (expression === '') errors.push(fieldRequired(at.child('valueExpression'), 'valueExpression is not specified'))
    else if (Buffer.byteLength(expression) > MAX_ANNOTATION_BYTES) {
      const detail = `must not exceed ${MAX_ANNOTATION_BYTES} bytes in length`
      errors.push(fieldRequired(at.child('valueExpression'), detail))
    } else {
      const scope = { hasAuthorizer: true }
      expressions.check(errors, at.child('valueExpression'), expression, [STRING, NULL], scope, valueExpression)
    }
    if (seen.has(key)) errors.push(fieldDuplicate(at.child('key'), key))
    seen.add(key)
  }
}

/** Kinds of patches, and the fields for them. */
const PATCHES = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const

function checkMutation(
  errors: FieldError[],
  mutation: NonNullable<PolicySpec['mutations']>[number],
  path: FieldPath,
  expressions: PolicyExpressions,
): void {
  const { patchType = '' } = mutation
  if (patchType === '') return void errors.push(fieldRequired(path.child('patchType'), ''))
  if (patchType !== 'ApplyConfiguration' && patchType !== 'JSONPatch')
    return void errors.push(fieldNotSupported(path.child('patchType'), patchType, Object.keys(PATCHES)))
  const field = PATCHES[patchType]
  const other = field === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch'
  const patch = mutation[field]
  if (patch === undefined)
    errors.push(fieldRequired(path.child(field), `must be specified when patchType is ${patchType}`))
  else if (!patch.expression?.trim()) errors.push(fieldRequired(path.child(field, 'expression'), ''))
  else {
    const wanted = field === 'jsonPatch' ? JSON_PATCHES : APPLY_CONFIGURATION
    const scope = { hasAuthorizer: true, hasPatchTypes: true }
    expressions.check(errors, path.child(field, 'expression'), patch.expression.trim(), [wanted], scope)
  }
  if (mutation[other] !== undefined) {
    errors.push(fieldInvalid(path.child(other), `{${other}}`, `must not be specified when patchType is ${patchType}`))
  }
}

export function validatePolicyBinding({ spec = {} }: PolicyBinding, mutates: boolean): FieldError[] {
  const errors: FieldError[] = []
  const { policyName = '', paramRef, matchResources, validationActions = [] } = spec
  if (policyName === '') errors.push(fieldRequired(specPath.child('policyName'), ''))
  else checkName(errors, specPath.child('policyName'), policyName, isDNS1123Subdomain)
  if (paramRef !== undefined) checkParamRef(errors, paramRef, specPath.child('paramRef'))
  const path = specPath.child('matchResources')
  checkMatchResources(errors, matchResources, path)
  if (mutates) checkMutableOperations(errors, matchResources, path)
  else checkActions(errors, validationActions, specPath.child('validationActions'))
  return errors
}

function checkParamRef(errors: FieldError[], reference: ParamRef, path: FieldPath): void {
  const { name = '', selector, parameterNotFoundAction: action = '' } = reference
  const exclusive = 'name and selector are mutually exclusive'
  if (name !== '') {
    for (const message of nameIsPathSegment(name, false)) errors.push(fieldInvalid(path.child('name'), name, message))
    if (selector !== undefined) errors.push(fieldForbidden(path.child('name'), exclusive))
  }
  if (selector !== undefined) {
    checkLabelSelector(errors, selector, path.child('selector'))
    if (name !== '') errors.push(fieldForbidden(path.child('selector'), exclusive))
  } else if (name === '') errors.push(fieldRequired(path, 'one of name or selector must be specified'))
  const at = path.child('parameterNotFoundAction')
  if (action === '') errors.push(fieldRequired(at, ''))
  else if (!NOT_FOUND_ACTIONS.includes(action)) errors.push(fieldNotSupported(at, action, NOT_FOUND_ACTIONS))
}

function checkActions(errors: FieldError[], actions: readonly string[], path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) errors.push(fieldNotSupported(path.index(index), action, ACTIONS))
    if (seen.has(action)) errors.push(fieldDuplicate(path.index(index), action))
    seen.add(action)
  }
  if (seen.has('Deny') && seen.has('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
    errors.push(fieldInvalid(path, actions, detail))
  }
  if (seen.size === 0) errors.push(fieldRequired(path, 'at least one validation action is required'))
}
