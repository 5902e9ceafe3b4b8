// What a FlowSchema may say: whose requests it takes, and to which priority level.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
  isDNS1123Subdomain,
  rootPath,
} from '@keelson/apimachinery'
import type {
  FlowRule,
  FlowSchema,
  FlowSubject,
  NonResourceRule,
  ResourceRule,
} from '../kinds/flowcontrol/flowcontrol-types.ts'
import { checkName } from './field-checks.ts'
import { checkFlowConditions, checkMandatorySpec } from './flow-control.ts'
import { internalForm } from './internal-form.ts'

const specPath = rootPath.child('spec')
const METHODS = ['ByNamespace', 'ByUser']
const MAX_PRECEDENCE = 10_000
const KINDS = ['Group', 'ServiceAccount', 'User']
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const ALL = '*'

export function validateFlowSchema(schema: FlowSchema): FieldError[] {
  const errors: FieldError[] = []
  const { metadata, spec = {}, status } = schema
  const { matchingPrecedence: precedence = 0, distinguisherMethod: method } = spec
  const refuse = (detail: string): void =>
    void errors.push(fieldInvalid(specPath.child('matchingPrecedence'), precedence, detail))
  if (precedence <= 0) refuse('must be a positive value')
  if (precedence > MAX_PRECEDENCE) refuse(`must not be greater than ${MAX_PRECEDENCE}`)
  if (precedence === 1 && metadata.name !== 'exempt')
    refuse("only the schema named 'exempt' may have matchingPrecedence 1")
  if (method !== undefined && !METHODS.includes(method.type ?? '')) {
    const shown = internalForm('flowcontrol.FlowDistinguisherMethod', method)
    errors.push(fieldNotSupported(specPath.child('distinguisherMethod', 'type'), shown, METHODS))
  }
  const level = spec.priorityLevelConfiguration?.name ?? ''
  const levelPath = specPath.child('priorityLevelConfiguration', 'name')
  if (level === '') errors.push(fieldRequired(levelPath, 'must reference a priority level'))
  else checkName(errors, levelPath, level, isDNS1123Subdomain)
  for (const [index, rule] of (spec.rules ?? []).entries())
    checkRule(errors, rule, specPath.child('rules').index(index))
  checkMandatorySpec(errors, 'flowschemas', 'flowcontrol.FlowSchemaSpec', metadata.name, spec)
  checkFlowConditions(errors, status?.conditions)
  return errors
}

function checkRule(
  errors: FieldError[],
  { subjects, resourceRules = [], nonResourceRules = [] }: FlowRule,
  path: FieldPath,
): void {
  const at = path.child('subjects')
  if (!subjects?.length) errors.push(fieldRequired(at, 'subjects must contain at least one value'))
  for (const [index, subject] of (subjects ?? []).entries()) checkSubject(errors, subject, at.index(index))
  if (resourceRules.length === 0 && nonResourceRules.length === 0)
    errors.push(fieldRequired(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  for (const [index, rule] of resourceRules.entries())
    checkResourceRule(errors, rule, path.child('resourceRules').index(index))
  for (const [index, rule] of nonResourceRules.entries())
    checkNonResourceRule(errors, rule, path.child('nonResourceRules').index(index))
}

/** Fields of a subject, and the kinds they are for. */
const SUBJECTS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const

function checkSubject(errors: FieldError[], subject: FlowSubject, path: FieldPath): void {
  const { kind = '', user, group, serviceAccount } = subject
  switch (kind) {
    case 'ServiceAccount':
      checkServiceAccount(errors, serviceAccount, path.child('serviceAccount'))
      break
    case 'User':
      checkNamed(errors, user, path.child('user'), "user is required when subject kind is 'User'")
      break
    case 'Group':
      checkNamed(errors, group, path.child('group'), "group is required when subject kind is 'Group'")
      break
    default:
      return void errors.push(fieldNotSupported(path.child('kind'), kind, KINDS))
  }
  for (const [owner, field] of Object.entries(SUBJECTS)) {
    if (owner === kind || subject[field] === undefined) continue
    errors.push(fieldForbidden(path.child(field), `${field} is forbidden when subject kind is not '${owner}'`))
  }
}

function checkNamed(errors: FieldError[], subject: { name?: string } | undefined, path: FieldPath, why: string): void {
  if (subject === undefined) errors.push(fieldRequired(path, why))
  else if (!subject.name) errors.push(fieldRequired(path.child('name'), ''))
}

function checkServiceAccount(errors: FieldError[], account: FlowSubject['serviceAccount'], path: FieldPath): void {
  checkNamed(errors, account, path, "serviceAccount is required when subject kind is 'ServiceAccount'")
  if (account === undefined) return
  const { name = '', namespace = '' } = account
  if (name !== '' && name !== ALL) checkName(errors, path.child('name'), name, isDNS1123Subdomain)
  if (namespace === '')
    errors.push(fieldRequired(path.child('namespace'), 'must specify namespace for service account'))
  else checkName(errors, path.child('namespace'), namespace, isDNS1123Label)
}

function checkVerbs(errors: FieldError[], verbs: readonly string[], path: FieldPath): void {
  if (verbs.length === 0) errors.push(fieldRequired(path, 'verbs must contain at least one value'))
  else if (verbs.includes(ALL)) checkAlone(errors, verbs, path, 'verbs')
  else if (verbs.some((verb) => !VERBS.includes(verb))) errors.push(fieldNotSupported(path, verbs, VERBS))
}

function checkAlone(errors: FieldError[], values: readonly string[], path: FieldPath, what: string): void {
  if (values.length > 1 && values.includes(ALL))
    errors.push(fieldInvalid(path, values, `if '*' is present, must not specify other ${what}`))
}

function checkResourceRule(errors: FieldError[], rule: ResourceRule, path: FieldPath): void {
  const { verbs, apiGroups, resources, namespaces, clusterScope = false } = rule
  checkVerbs(errors, verbs ?? [], path.child('verbs'))
  const groupsPath = path.child('apiGroups')
  if (!apiGroups?.length) errors.push(fieldRequired(groupsPath, 'resource rules must supply at least one api group'))
  else checkAlone(errors, apiGroups, groupsPath, 'api groups')
  const resourcesPath = path.child('resources')
  if (!resources?.length) errors.push(fieldRequired(resourcesPath, 'resource rules must supply at least one resource'))
  else checkAlone(errors, resources, resourcesPath, 'resources')
  checkNamespaces(errors, namespaces ?? [], clusterScope, path.child('namespaces'))
}

function checkNamespaces(
  errors: FieldError[],
  namespaces: readonly string[],
  clusterScope: boolean,
  path: FieldPath,
): void {
  if (namespaces.length === 0 && !clusterScope) {
    const detail = 'resource rules that are not cluster scoped must supply at least one namespace'
    errors.push(fieldRequired(path, detail))
  } else if (namespaces.includes(ALL)) checkAlone(errors, namespaces, path, 'namespaces')
  else {
    for (const [index, namespace] of namespaces.entries()) {
      for (const message of isDNS1123Label(namespace)) {
        const detail = `each member of this list must be '*' or a DNS-1123 label; ${message}`
        errors.push(fieldInvalid(path.index(index), namespace, detail))
      }
    }
  }
}

function checkNonResourceRule(
  errors: FieldError[],
  { verbs, nonResourceURLs }: NonResourceRule,
  path: FieldPath,
): void {
  checkVerbs(errors, verbs ?? [], path.child('verbs'))
  const at = path.child('nonResourceURLs')
  const urls = nonResourceURLs ?? []
  if (urls.length === 0) errors.push(fieldRequired(at, 'nonResourceURLs must contain at least one value'))
  else if (urls.includes(ALL)) checkAlone(errors, urls, at, 'non-resource URLs')
  else {
    for (const [index, url] of urls.entries()) {
      const problem = urlProblem(url)
      if (problem !== undefined) errors.push(fieldInvalid(at.index(index), url, problem))
    }
  }
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty'
  if (url === '/') return undefined
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  const wildcards = url.split(ALL).length - 1
  return wildcards > 1 || (wildcards === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}
