// Which metadata rules hold for a resource.
import { type NameRule, nameIsDNSSubdomain } from '@keelson/apimachinery'
import type { KindStrategy, ResourceDefinition } from '../resource.ts'

export interface MetadataRules {
  readonly namespaced: boolean
  readonly validateName: NameRule
  /** Finalizers must be standard ones or have a domain. Not asked of the kinds that upstream serves with its extension servers. */
  readonly qualifiedFinalizers: boolean
}

const EXTENSION_GROUPS = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

export function metadataRulesOf(definition: ResourceDefinition, strategy: KindStrategy): MetadataRules {
  return {
    namespaced: definition.namespaced,
    validateName: strategy.validateName?.bind(strategy) ?? nameIsDNSSubdomain,
    qualifiedFinalizers: !EXTENSION_GROUPS.has(definition.group),
  }
}
