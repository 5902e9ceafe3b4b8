// Which requests admission is about: rules of operations, groups, versions and resources, selectors, and conditions. The
// language of conditions is not looked at here.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooMany,
  isQualifiedName,
  nameIsPathSegment,
} from '@keelson/apimachinery'
import { BOOL } from '../cel/index.ts'
import type { MatchCondition, MatchResources, NamedRule, Rule } from '../kinds/admissionregistration/admission-types.ts'
import { checkAdmissionExpression } from './admission-expressions.ts'
import { checkName } from './field-checks.ts'
import { checkLabelSelector } from './labels.ts'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
/** What is deleted cannot be changed. */
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
const MATCH_POLICIES = ['Equivalent', 'Exact']
const FAILURE_POLICIES = ['Fail', 'Ignore']
const MAX_CONDITIONS = 64

export function checkFailurePolicy(errors: FieldError[], policy: string | undefined, path: FieldPath): void {
  if (policy !== undefined && !FAILURE_POLICIES.includes(policy))
    errors.push(fieldNotSupported(path.child('failurePolicy'), policy, FAILURE_POLICIES))
}

export function checkMatchPolicy(errors: FieldError[], policy: string | undefined, path: FieldPath): void {
  if (policy !== undefined && !MATCH_POLICIES.includes(policy))
    errors.push(fieldNotSupported(path.child('matchPolicy'), policy, MATCH_POLICIES))
}

export function checkRule(errors: FieldError[], rule: Rule, path: FieldPath): void {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
  const at = path.child('operations')
  if (operations.length === 0) errors.push(fieldRequired(at, ''))
  checkAlone(errors, operations, at, 'operations')
  for (const [index, operation] of operations.entries())
    if (!OPERATIONS.includes(operation)) errors.push(fieldNotSupported(at.index(index), operation, OPERATIONS))
  if (apiGroups.length === 0) errors.push(fieldRequired(path.child('apiGroups'), ''))
  checkAlone(errors, apiGroups, path.child('apiGroups'), 'API groups')
  if (apiVersions.length === 0) errors.push(fieldRequired(path.child('apiVersions'), ''))
  checkAlone(errors, apiVersions, path.child('apiVersions'), 'API versions')
  for (const [index, version] of apiVersions.entries())
    if (version === '') errors.push(fieldRequired(path.child('apiVersions').index(index), ''))
  checkResources(errors, resources, path.child('resources'))
  if (scope !== undefined && !SCOPES.includes(scope)) errors.push(fieldNotSupported(path.child('scope'), scope, SCOPES))
}

function checkAlone(errors: FieldError[], values: readonly string[], path: FieldPath, what: string): void {
  if (values.length > 1 && values.includes('*'))
    errors.push(fieldInvalid(path, values, `if '*' is present, must not specify other ${what}`))
}

/** `pods`, `pods/log`, `pods/*`, a star for the resource, or for both, in any mixture that says nothing twice. */
function checkResources(errors: FieldError[], resources: readonly string[], path: FieldPath): void {
  if (resources.length === 0) errors.push(fieldRequired(path, ''))
  const withAllSubresources = new Set<string>()
  const ofAllResources = new Set<string>()
  // Upstream asks for the last one without a subresource.
  let hasPlain = false
  for (const [index, text] of resources.entries()) {
    if (text === '') {
      errors.push(fieldRequired(path.index(index), ''))
      continue
    }
    const slash = text.indexOf('/')
    if (slash < 0) {
      hasPlain = text !== '*'
      continue
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)]
    const refuse = (present: string): void =>
      void errors.push(fieldInvalid(path.index(index), text, `if '${present}' is present, must not specify ${text}`))
    if (withAllSubresources.has(resource)) refuse(`${resource}/*`)
    if (ofAllResources.has(subresource)) refuse(`*/${subresource}`)
    if (subresource === '*') withAllSubresources.add(resource)
    if (resource === '*') ofAllResources.add(subresource)
  }
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(fieldInvalid(path, resources, "if '*/*' is present, must not specify other resources"))
  if (resources.includes('*') && hasPlain) {
    const detail = "if '*' is present, must not specify other resources without subresources"
    errors.push(fieldInvalid(path, resources, detail))
  }
}

export function checkMatchResources(errors: FieldError[], match: MatchResources | undefined, path: FieldPath): void {
  if (match === undefined) return
  checkMatchPolicy(errors, match.matchPolicy, path)
  checkLabelSelector(errors, match.namespaceSelector, path.child('namespaceSelector'))
  checkLabelSelector(errors, match.objectSelector, path.child('objectSelector'))
  for (const field of ['resourceRules', 'excludeResourceRules'] as const)
    for (const [index, rule] of (match[field] ?? []).entries())
      checkNamedRule(errors, rule, path.child(field).index(index))
}

function checkNamedRule(errors: FieldError[], rule: NamedRule, path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, name] of (rule.resourceNames ?? []).entries()) {
    const at = path.child('resourceNames').index(index)
    for (const message of nameIsPathSegment(name, false)) errors.push(fieldInvalid(at, name, message))
    if (seen.has(name)) errors.push(fieldDuplicate(at, name))
    seen.add(name)
  }
  checkRule(errors, rule, path)
}

/** `path`: of the match. */
export function checkMutableOperations(errors: FieldError[], match: MatchResources | undefined, path: FieldPath): void {
  for (const { operations = [] } of match?.resourceRules ?? []) {
    for (const operation of operations) {
      if (MUTATING_OPERATIONS.includes(operation)) continue
      errors.push(fieldNotSupported(path.child('resourceRules', 'operations'), operation, MUTATING_OPERATIONS))
    }
  }
}

export function checkMatchConditions(
  errors: FieldError[],
  conditions: readonly MatchCondition[],
  path: FieldPath,
  hasParams = false,
): void {
  if (conditions.length > MAX_CONDITIONS) errors.push(fieldTooMany(path, conditions.length, MAX_CONDITIONS))
  const seen = new Set<string>()
  for (const [index, { name = '', expression = '' }] of conditions.entries()) {
    const at = path.index(index)
    const trimmed = expression.trim()
    if (trimmed === '') errors.push(fieldRequired(at.child('expression'), ''))
    else {
      const scope = { hasParams, hasAuthorizer: true }
      checkAdmissionExpression(errors, at.child('expression'), trimmed, [BOOL], scope)
    }
    if (name === '') errors.push(fieldRequired(at.child('name'), ''))
    else checkName(errors, at.child('name'), name, isQualifiedName)
    if (name !== '' && seen.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
    seen.add(name)
  }
}
