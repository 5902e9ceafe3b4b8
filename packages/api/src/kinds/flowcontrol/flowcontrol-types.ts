// FlowSchema as the schema lets it be.
import type { KubeObject } from '@keelson/apimachinery'
import type { Condition } from '../apps/workload-types.ts'

export interface FlowSubject {
  kind?: string
  user?: { name?: string }
  group?: { name?: string }
  serviceAccount?: { name?: string; namespace?: string }
}

export interface ResourceRule {
  verbs?: string[] | null
  apiGroups?: string[] | null
  resources?: string[] | null
  clusterScope?: boolean
  namespaces?: string[] | null
}

export interface NonResourceRule {
  verbs?: string[] | null
  nonResourceURLs?: string[] | null
}

export interface FlowRule {
  subjects?: FlowSubject[] | null
  resourceRules?: ResourceRule[]
  nonResourceRules?: NonResourceRule[]
}

export interface FlowSchema extends KubeObject {
  spec?: {
    priorityLevelConfiguration?: { name?: string }
    matchingPrecedence?: number
    distinguisherMethod?: { type?: string }
    rules?: FlowRule[]
  }
  status?: { conditions?: Condition[] }
}
