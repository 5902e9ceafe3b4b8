// NetworkPolicy as the schema lets it be.
import type { KubeObject } from '@keelson/apimachinery'
import type { LabelSelectorObject } from '../core/pod-types.ts'

export interface PolicyPort {
  protocol?: string
  port?: number | string
  endPort?: number
}

export interface PolicyPeer {
  podSelector?: LabelSelectorObject
  namespaceSelector?: LabelSelectorObject
  ipBlock?: { cidr?: string; except?: string[] }
}

interface PolicyRule {
  ports?: PolicyPort[]
  from?: PolicyPeer[]
  to?: PolicyPeer[]
}

export interface NetworkPolicy extends KubeObject {
  spec?: { podSelector?: LabelSelectorObject; ingress?: PolicyRule[]; egress?: PolicyRule[]; policyTypes?: string[] }
}
