// Which metadata rules hold for a resource.
import type { KubeObject, NameRule } from '@keelson/apimachinery'
import type { KindStrategy, ResourceDefinition } from '../resource.ts'
import { nameRuleOf } from './name-rules.ts'

export interface MetadataRules {
  readonly namespaced: boolean
  readonly validateName: NameRule
  /** Finalizers must be standard ones or have a domain. Not asked in every group. */
  readonly qualifiedFinalizers: boolean
}

const UNQUALIFIED_GROUPS = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'policy',
])

/** The rules for one object: its name may have to follow from it. */
export function rulesForObject(rules: MetadataRules, strategy: KindStrategy, object: KubeObject): MetadataRules {
  return strategy.nameRuleFor === undefined ? rules : { ...rules, validateName: strategy.nameRuleFor(object) }
}

export function metadataRulesOf(definition: ResourceDefinition, strategy: KindStrategy): MetadataRules {
  return {
    namespaced: definition.namespaced,
    validateName: strategy.validateName?.bind(strategy) ?? nameRuleOf(definition),
    qualifiedFinalizers: !UNQUALIFIED_GROUPS.has(definition.group),
  }
}
