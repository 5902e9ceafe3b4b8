// The shapes of the kinds in apps that defaults, validation and rows look at.
import type { KubeObject } from '@keelson/apimachinery'
import type { LabelSelectorObject, PodTemplateSpec } from '../core/pod-types.ts'

export type IntOrString = number | string

export interface Condition {
  type?: string
  status?: string
  reason?: string
  lastUpdateTime?: string | null
  lastTransitionTime?: string | null
}

export interface Deployment extends KubeObject {
  spec?: {
    replicas?: number
    selector?: LabelSelectorObject | null
    template?: PodTemplateSpec
    strategy?: { type?: string; rollingUpdate?: { maxUnavailable?: IntOrString; maxSurge?: IntOrString } }
    minReadySeconds?: number
    revisionHistoryLimit?: number
    paused?: boolean
    progressDeadlineSeconds?: number
  }
  status?: {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    unavailableReplicas?: number
    terminatingReplicas?: number
    collisionCount?: number
    conditions?: Condition[]
  }
}

export interface ReplicaSet extends KubeObject {
  spec?: {
    replicas?: number
    minReadySeconds?: number
    selector?: LabelSelectorObject | null
    template?: PodTemplateSpec
  }
  status?: {
    replicas?: number
    fullyLabeledReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    terminatingReplicas?: number
    observedGeneration?: number
    conditions?: Condition[]
  }
}
