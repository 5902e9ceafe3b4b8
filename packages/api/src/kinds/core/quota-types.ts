// LimitRange and ResourceQuota as the schema lets them be.
import type { KubeObject } from '@keelson/apimachinery'
import type { ResourceList } from './pod-types.ts'

export interface LimitRangeItem {
  type?: string
  max?: ResourceList
  min?: ResourceList
  default?: ResourceList
  defaultRequest?: ResourceList
  maxLimitRequestRatio?: ResourceList
}

export interface LimitRange extends KubeObject {
  spec?: { limits?: LimitRangeItem[] | null }
}

export interface ResourceQuota extends KubeObject {
  spec?: {
    hard?: ResourceList
    scopes?: string[]
    scopeSelector?: { matchExpressions?: { scopeName?: string; operator?: string; values?: string[] }[] }
  }
  status?: { hard?: ResourceList; used?: ResourceList }
}
