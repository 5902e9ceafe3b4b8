// Admission policies in CEL, and the bindings that put them into force.
import type { JsonValue, KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import type { LabelSelectorObject } from '../core/pod-types.ts'
import {
  validateMutatingPolicy,
  validatePolicyBinding,
  validateValidatingPolicy,
} from '../../validation/admission-policies.ts'
import { validatePolicyStatus } from '../../validation/admission-policy-status.ts'
import { UNSET, age } from '../row.ts'
import { keepMetadata } from '../status-metadata.ts'
import type { MatchResources, ParamRef, Policy, PolicyBinding } from './admission-types.ts'
import { reservedNameWarnings } from './reserved-names.ts'

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
  prepareForStatusUpdate: keepMetadata,
  validate: (object) => validateValidatingPolicy(asPolicy(object)),
  validateUpdate: (next, old) => validateValidatingPolicy(asPolicy(next), asPolicy(old)),
  validateStatusUpdate: (next) => validatePolicyStatus(asPolicy(next)),
  warnings: reservedNameWarnings,
  hasStatus: true,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row: (object, now) => policyRow(object, asPolicy(object).spec?.validations, now),
}

export const mutatingAdmissionPolicyStrategy: KindStrategy = {
  default: defaultPolicy,
  validate: (object) => validateMutatingPolicy(asPolicy(object)),
  validateUpdate: (next, old) => validateMutatingPolicy(asPolicy(next), asPolicy(old)),
  warnings: reservedNameWarnings,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row: (object, now) => policyRow(object, asPolicy(object).spec?.mutations, now),
}

const bindingStrategy = (mutates: boolean): KindStrategy => ({
  default: (object) => defaultMatch(asBinding(object).spec?.matchResources),
  validate: (object) => validatePolicyBinding(asBinding(object), mutates),
  warnings: reservedNameWarnings,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row(object, now) {
    const { policyName = '', paramRef } = asBinding(object).spec ?? {}
    return [object.metadata.name ?? '', policyName, parametersCell(paramRef), age(object, now)]
  },
})

export const validatingAdmissionPolicyBindingStrategy: KindStrategy = bindingStrategy(false)
export const mutatingAdmissionPolicyBindingStrategy: KindStrategy = bindingStrategy(true)

function parametersCell(reference: ParamRef | undefined): string {
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
