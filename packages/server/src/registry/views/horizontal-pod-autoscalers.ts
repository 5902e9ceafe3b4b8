// autoscaling/v1 HorizontalPodAutoscaler over the stored v2: v1 knows the CPU's utilization only, and keeps the rest of v2 in
// annotations of upstream's names (in v2's shape), so that nothing is lost when an object is read and written back in v1.
import type { JsonObject, JsonValue, KubeObject } from '@keelson/apimachinery'
import type { Conversion } from './version-view.ts'

const ANNOTATIONS = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
} as const

interface Metric {
  type: string
  resource?: { name: string; target?: { averageUtilization?: number }; current?: { averageUtilization?: number } }
}

interface StoredAutoscaler extends KubeObject {
  spec?: JsonObject & { metrics?: (Metric & JsonObject)[]; behavior?: JsonValue }
  status?: JsonObject & { currentMetrics?: (Metric & JsonObject)[] | null; conditions?: JsonValue }
}

interface ServedAutoscaler extends KubeObject {
  spec?: JsonObject & { targetCPUUtilizationPercentage?: number }
  status?: JsonObject & { currentCPUUtilizationPercentage?: number }
}

export const HORIZONTAL_POD_AUTOSCALERS_V1: Conversion = {
  fromStored(object) {
    const { metadata, spec = {}, status = {}, ...rest } = object as StoredAutoscaler // What the cache of v2 holds.
    const { metrics = [], behavior, ...servedSpec } = spec
    const { currentMetrics, conditions, ...servedStatus } = status
    const cpu = metrics.find(isCpu)
    const utilization = cpu?.resource?.target?.averageUtilization
    const current = currentMetrics?.find(isCpu)?.resource?.current?.averageUtilization
    const annotations = { ...metadata.annotations }
    keepAs(
      annotations,
      'metrics',
      metrics.filter((metric) => metric !== cpu),
    )
    keepAs(annotations, 'behavior', behavior)
    keepAs(
      annotations,
      'currentMetrics',
      currentMetrics?.filter((metric) => !isCpu(metric)),
    )
    keepAs(annotations, 'conditions', conditions)
    return {
      ...rest,
      apiVersion: 'autoscaling/v1',
      metadata: withAnnotations(metadata, annotations),
      spec: { ...servedSpec, ...(utilization !== undefined && { targetCPUUtilizationPercentage: utilization }) },
      status: {
        ...servedStatus,
        currentReplicas: servedStatus['currentReplicas'] ?? 0,
        desiredReplicas: servedStatus['desiredReplicas'] ?? 0,
        ...(current !== undefined && { currentCPUUtilizationPercentage: current }),
      },
    }
  },
  toStored(object) {
    const { metadata, spec = {}, status = {}, ...rest } = object as ServedAutoscaler // Decoded by the schema of v1.
    const { targetCPUUtilizationPercentage: target, ...storedSpec } = spec
    const { currentCPUUtilizationPercentage: current, currentReplicas, ...storedStatus } = status
    const annotations = { ...metadata.annotations }
    const metrics = listIn(annotations, 'metrics')
    const behavior = takeFrom(annotations, 'behavior')
    const currentMetrics = listIn(annotations, 'currentMetrics')
    const conditions = takeFrom(annotations, 'conditions')
    if (target !== undefined) metrics.unshift(cpuMetric('target', target))
    if (current !== undefined) currentMetrics.unshift(cpuMetric('current', current))
    return {
      ...rest,
      apiVersion: 'autoscaling/v2',
      metadata: withAnnotations(metadata, annotations),
      spec: { ...storedSpec, ...(metrics.length > 0 && { metrics }), ...(behavior !== undefined && { behavior }) },
      status: {
        ...storedStatus,
        ...(currentReplicas !== undefined && currentReplicas !== 0 && { currentReplicas }),
        currentMetrics: currentMetrics.length > 0 ? currentMetrics : null,
        ...(conditions !== undefined && { conditions }),
      },
    }
  },
}

const isCpu = (metric: Metric): boolean =>
  metric.type === 'Resource' &&
  metric.resource?.name === 'cpu' &&
  (metric.resource.target ?? metric.resource.current)?.averageUtilization !== undefined

function cpuMetric(field: 'target' | 'current', averageUtilization: number): JsonObject {
  const value: JsonObject = field === 'target' ? { type: 'Utilization', averageUtilization } : { averageUtilization }
  return { type: 'Resource', resource: { name: 'cpu', [field]: value } }
}

type Annotations = Record<string, string>

function keepAs(annotations: Annotations, what: keyof typeof ANNOTATIONS, value: JsonValue | undefined): void {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return
  annotations[ANNOTATIONS[what]] = JSON.stringify(value)
}

/** What is not JSON stays an annotation: a client wrote it. */
function takeFrom(annotations: Annotations, what: keyof typeof ANNOTATIONS): JsonValue | undefined {
  const text = annotations[ANNOTATIONS[what]]
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as JsonValue // JSON.parse gives nothing else.
    delete annotations[ANNOTATIONS[what]]
    return value
  } catch {
    return undefined
  }
}

function listIn(annotations: Annotations, what: keyof typeof ANNOTATIONS): JsonValue[] {
  const value = takeFrom(annotations, what)
  return Array.isArray(value) ? value : []
}

function withAnnotations(metadata: KubeObject['metadata'], annotations: Annotations): KubeObject['metadata'] {
  const { annotations: _replaced, ...others } = metadata
  return Object.keys(annotations).length === 0 ? others : { ...others, annotations }
}
