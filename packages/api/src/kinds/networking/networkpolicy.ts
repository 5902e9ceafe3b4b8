// NetworkPolicy: who may talk to whom.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { selectorCell } from '../apps/selector-cell.ts'
import type { LabelSelectorObject } from '../core/pod-types.ts'
import { NONE, age } from '../row.ts'

interface Rule {
  ports?: { protocol?: string }[]
}

interface NetworkPolicy extends KubeObject {
  spec?: { podSelector?: LabelSelectorObject; ingress?: Rule[]; egress?: Rule[]; policyTypes?: string[] }
}

export const networkPolicyStrategy: KindStrategy = {
  default(object) {
    const spec = ((object as NetworkPolicy).spec ??= {}) // The schema has checked the types.
    for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports) port.protocol ??= 'TCP'
    }
    if ((spec.policyTypes ?? []).length > 0) return
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  },
  hasGeneration: true,
  row(object, now) {
    const { metadata, spec = {} } = object as NetworkPolicy // As above.
    return [metadata.name ?? '', selectorCell(spec.podSelector) || NONE, age(object, now)]
  },
}
