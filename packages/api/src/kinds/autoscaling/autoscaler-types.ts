// HorizontalPodAutoscaler as the schema lets it be, in both versions.
import type { KubeObject } from '@keelson/apimachinery'

export interface Target {
  type?: string
  value?: string
  averageValue?: string
  averageUtilization?: number
}

export interface MetricSource {
  name?: string
  container?: string
  describedObject?: { kind?: string; name?: string }
  metric?: { name?: string }
  target?: Target
  current?: Target
}

export interface Metric {
  type?: string
  resource?: MetricSource
  containerResource?: MetricSource
  pods?: MetricSource
  object?: MetricSource
  external?: MetricSource
}

export interface ScalingRules {
  stabilizationWindowSeconds?: number
  selectPolicy?: string
  policies?: { type?: string; value?: number; periodSeconds?: number }[] | null
  tolerance?: string
}

export interface Autoscaler extends KubeObject {
  spec?: {
    scaleTargetRef?: { kind?: string; name?: string; apiVersion?: string }
    minReplicas?: number
    maxReplicas?: number
    targetCPUUtilizationPercentage?: number
    metrics?: Metric[]
    behavior?: { scaleUp?: ScalingRules; scaleDown?: ScalingRules }
  }
  status?: {
    currentReplicas?: number
    desiredReplicas?: number
    currentCPUUtilizationPercentage?: number
    currentMetrics?: Metric[] | null
  }
}
