// NetworkPolicy: who may talk to whom.
import type { KindStrategy } from '../../resource.ts'
import { hasEmptied } from '../../schema/emptied.ts'
import { validateNetworkPolicy } from '../../validation/network-policy.ts'
import { selectorCell } from '../apps/selector-cell.ts'
import { NONE, age } from '../row.ts'
import type { NetworkPolicy } from './networkpolicy-types.ts'

export const networkPolicyStrategy: KindStrategy = {
  default(object) {
    const spec = ((object as NetworkPolicy).spec ??= {}) // The schema has checked the types.
    for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports) port.protocol ??= 'TCP'
    }
    if ((spec.policyTypes ?? []).length > 0) return
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  },
  validate: (object) => validateNetworkPolicy(object as NetworkPolicy), // As above.
  validateUpdate: (next, old) => validateNetworkPolicy(next as NetworkPolicy, old as NetworkPolicy), // As above.
  hasGeneration: true,
  prepareForUpdate(next, old) {
    // Here alone an empty list is another spec than none, until it has been stored.
    if (hasEmptied(next['spec'])) next.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  row(object, now) {
    const { metadata, spec = {} } = object as NetworkPolicy // As above.
    return [metadata.name ?? '', selectorCell(spec.podSelector) || NONE, age(object, now)]
  },
}
