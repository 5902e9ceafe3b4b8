// Roles and their bindings.
import {
  type FieldError,
  type FieldPath,
  type KubeObject,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Subdomain,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../../metadata/update-checks.ts'
import type { KindStrategy } from '../../resource.ts'
import { checkName, semanticallyEqual } from '../../validation/field-checks.ts'
import { checkLabelSelector, isUsableSelector } from '../../validation/labels.ts'
import type { LabelSelectorObject } from '../core/pod-types.ts'
import { age } from '../row.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

interface Subject {
  kind?: string
  apiGroup?: string
  name?: string
  namespace?: string
}

interface Binding extends KubeObject {
  subjects?: Subject[]
  roleRef?: { apiGroup?: string; kind?: string; name?: string }
}

interface PolicyRule {
  verbs?: string[] | null
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

interface AggregationRule {
  clusterRoleSelectors?: LabelSelectorObject[]
}

interface Role extends KubeObject {
  rules?: PolicyRule[] | null
  aggregationRule?: AggregationRule
}

// The schema has checked the types of what all these functions get.
const asBinding = (object: KubeObject): Binding => object as Binding

/** Names of roles are segments of paths: `system:node` is one. */
const roleOf = (namespaced: boolean): KindStrategy => ({
  validate: (object) => validateRole(object, namespaced),
  validateUpdate: (next) => [...validateRole(next, namespaced), METADATA_CHECKED.change],
  allowCreateOnUpdate: true,
  validateName: nameIsPathSegment,
})

function validateRole(object: KubeObject, namespaced: boolean): FieldError[] {
  const { rules, aggregationRule } = object as Role // As above.
  const errors: FieldError[] = []
  for (const [index, rule] of (rules ?? []).entries())
    checkRule(errors, rule, namespaced, rootPath.child('rules').index(index))
  if (!namespaced && aggregationRule !== undefined) checkAggregation(errors, aggregationRule)
  return errors
}

export const roleStrategy: KindStrategy = roleOf(true)
export const clusterRoleStrategy: KindStrategy = roleOf(false)

function checkRule(errors: FieldError[], rule: PolicyRule, namespaced: boolean, path: FieldPath): void {
  const { verbs, apiGroups, resources, nonResourceURLs } = rule
  if (!verbs?.length) errors.push(fieldRequired(path.child('verbs'), 'verbs must contain at least one value'))
  if (nonResourceURLs?.length) {
    const refuse = (detail: string): void =>
      void errors.push(fieldInvalid(path.child('nonResourceURLs'), nonResourceURLs, detail))
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs')
    if (apiGroups?.length || resources?.length || rule.resourceNames?.length) {
      refuse('rules cannot apply to both regular resources and non-resource URLs')
    }
    return
  }
  if (!apiGroups?.length)
    errors.push(fieldRequired(path.child('apiGroups'), 'resource rules must supply at least one api group'))
  if (!resources?.length)
    errors.push(fieldRequired(path.child('resources'), 'resource rules must supply at least one resource'))
}

function checkAggregation(errors: FieldError[], { clusterRoleSelectors }: AggregationRule): void {
  const path = rootPath.child('aggregationRule', 'clusterRoleSelectors')
  if (!clusterRoleSelectors?.length)
    errors.push(fieldRequired(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  for (const [index, selector] of (clusterRoleSelectors ?? []).entries()) {
    checkLabelSelector(errors, selector, path.index(index))
    if (!isUsableSelector(selector)) errors.push(fieldInvalid(path.index(index), null, 'invalid label selector.'))
  }
}

const bindingStrategy = (namespaced: boolean): KindStrategy => ({
  default(object) {
    const { roleRef, subjects = [] } = asBinding(object)
    if (roleRef !== undefined) roleRef.apiGroup ||= RBAC_GROUP
    for (const subject of subjects)
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP
  },
  validate: (object) => validateBinding(asBinding(object), namespaced),
  validateUpdate(next, old) {
    const errors = [...validateBinding(asBinding(next), namespaced), METADATA_CHECKED.change]
    const { roleRef = {} } = asBinding(next)
    if (!semanticallyEqual(roleRef, asBinding(old).roleRef)) {
      const shown = { APIGroup: roleRef.apiGroup ?? '', Kind: roleRef.kind ?? '', Name: roleRef.name ?? '' }
      errors.push(fieldInvalid('roleRef', shown, 'cannot change roleRef'))
    }
    return errors
  },
  allowCreateOnUpdate: true,
  validateName: nameIsPathSegment,
  row(object, now) {
    const { metadata, roleRef, subjects = [] } = asBinding(object)
    const names = (kind: string): string =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map(({ name = '', namespace = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
        .join(', ')
    const role = `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`
    return [metadata.name ?? '', role, age(object, now), names('User'), names('Group'), names('ServiceAccount')]
  },
})

export const roleBindingStrategy: KindStrategy = bindingStrategy(true)
export const clusterRoleBindingStrategy: KindStrategy = bindingStrategy(false)

function validateBinding({ roleRef = {}, subjects = [] }: Binding, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  const path = rootPath.child('roleRef')
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (roleRef.apiGroup !== RBAC_GROUP)
    errors.push(fieldNotSupported(path.child('apiGroup'), roleRef.apiGroup, [RBAC_GROUP]))
  if (!kinds.includes(roleRef.kind ?? '')) errors.push(fieldNotSupported(path.child('kind'), roleRef.kind ?? '', kinds))
  if (!roleRef.name) errors.push(fieldRequired(path.child('name'), ''))
  else
    for (const message of nameIsPathSegment(roleRef.name, false))
      errors.push(fieldInvalid(path.child('name'), roleRef.name, message))
  for (const [index, subject] of subjects.entries()) {
    const at = rootPath.child('subjects').index(index)
    const { kind = '', name = '', namespace = '', apiGroup = '' } = subject
    if (name === '') errors.push(fieldRequired(at.child('name'), ''))
    const isAccount = kind === 'ServiceAccount'
    if (!isAccount && kind !== 'User' && kind !== 'Group') {
      errors.push(fieldNotSupported(at.child('kind'), kind, ['ServiceAccount', 'User', 'Group']))
      continue
    }
    if (isAccount && name !== '') checkName(errors, at.child('name'), name, isDNS1123Subdomain)
    const group = isAccount ? '' : RBAC_GROUP
    if (apiGroup !== group) errors.push(fieldNotSupported(at.child('apiGroup'), apiGroup, [group]))
    if (isAccount && !namespaced && namespace === '') errors.push(fieldRequired(at.child('namespace'), ''))
  }
  return errors
}
