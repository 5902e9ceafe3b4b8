// Job as the schema lets it be.
import type { KubeObject } from '@keelson/apimachinery'
import type { Condition } from '../apps/workload-types.ts'
import type { LabelSelectorObject, PodTemplateSpec } from '../core/pod-types.ts'

export interface PodFailureRule {
  action?: string
  onExitCodes?: { containerName?: string; operator?: string; values?: number[] | null }
  onPodConditions?: { type?: string; status?: string }[]
}

export interface SuccessRule {
  succeededIndexes?: string
  succeededCount?: number
}

export interface JobSpec {
  parallelism?: number
  completions?: number
  activeDeadlineSeconds?: number
  podFailurePolicy?: { rules?: PodFailureRule[] | null }
  successPolicy?: { rules?: SuccessRule[] | null }
  backoffLimit?: number
  backoffLimitPerIndex?: number
  maxFailedIndexes?: number
  selector?: LabelSelectorObject
  manualSelector?: boolean
  template?: PodTemplateSpec
  ttlSecondsAfterFinished?: number
  completionMode?: string
  suspend?: boolean
  podReplacementPolicy?: string
  managedBy?: string
}

export interface JobStatus {
  startTime?: string
  completionTime?: string
  active?: number
  succeeded?: number
  failed?: number
  ready?: number
  terminating?: number
  completedIndexes?: string
  failedIndexes?: string
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }
  conditions?: Condition[]
}

export interface Job extends KubeObject {
  spec?: JobSpec
  status?: JobStatus
}
