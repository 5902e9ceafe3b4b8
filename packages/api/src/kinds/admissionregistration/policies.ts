// Admission policies in CEL, and the bindings that put them into force.
import type { JsonValue, KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import type { LabelSelectorObject } from '../core/pod-types.ts'
import { UNSET, age } from '../row.ts'

interface MatchResources {
  namespaceSelector?: unknown
  objectSelector?: unknown
  resourceRules?: { scope?: string }[]
  excludeResourceRules?: { scope?: string }[]
  matchPolicy?: string
}

interface Policy extends KubeObject {
  spec?: {
    paramKind?: { apiVersion?: string; kind?: string }
    matchConstraints?: MatchResources
    validations?: unknown[]
    mutations?: unknown[]
    failurePolicy?: string
  }
}

interface PolicyBinding extends KubeObject {
  spec?: {
    policyName?: string
    paramRef?: { name?: string; namespace?: string; selector?: LabelSelectorObject }
    matchResources?: MatchResources
  }
}

// The schema has checked the types of what all these functions get.
const asPolicy = (object: KubeObject): Policy => object as Policy
const asBinding = (object: KubeObject): PolicyBinding => object as PolicyBinding

function defaultMatch(match: MatchResources | undefined): void {
  if (match === undefined) return
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  match.matchPolicy ??= 'Equivalent'
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*'
}

function defaultPolicy(object: KubeObject): void {
  const spec = (asPolicy(object).spec ??= {})
  spec.failurePolicy ??= 'Fail'
  defaultMatch(spec.matchConstraints)
}

function policyRow(object: KubeObject, rules: readonly unknown[] | undefined, now: Date): JsonValue[] {
  const { paramKind } = asPolicy(object).spec ?? {}
  const parameters = paramKind === undefined ? UNSET : `${paramKind.apiVersion}/${paramKind.kind}`
  return [object.metadata.name ?? '', rules?.length ?? 0, parameters, age(object, now)]
}

export const validatingAdmissionPolicyStrategy: KindStrategy = {
  default: defaultPolicy,
  prepareForCreate(object) {
    object['status'] = {}
  },
  hasStatus: true,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row: (object, now) => policyRow(object, asPolicy(object).spec?.validations, now),
}

export const mutatingAdmissionPolicyStrategy: KindStrategy = {
  default: defaultPolicy,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row: (object, now) => policyRow(object, asPolicy(object).spec?.mutations, now),
}

/** Of both kinds of policies. */
export const admissionPolicyBindingStrategy: KindStrategy = {
  default: (object) => defaultMatch(asBinding(object).spec?.matchResources),
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row(object, now) {
    const { policyName = '', paramRef } = asBinding(object).spec ?? {}
    return [object.metadata.name ?? '', policyName, parametersCell(paramRef), age(object, now)]
  },
}

function parametersCell(reference: NonNullable<PolicyBinding['spec']>['paramRef']): string {
  if (reference?.name) return `${reference.namespace || '*'}/${reference.name}`
  return reference?.selector === undefined ? UNSET : goSelector(reference.selector)
}

/** Upstream's cell is how Go prints the selector. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelectorObject): string {
  const labels = Object.keys(matchLabels)
    .toSorted()
    .map((key) => `${key}: ${matchLabels[key]},`)
  const expressions = matchExpressions.map(
    ({ key = '', operator = '', values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}
