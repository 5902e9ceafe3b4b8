// autoscaling/v1 HorizontalPodAutoscaler over the stored v2: v1 knows the CPU's utilization only, and keeps the rest of v2 in
// upstream's annotations, so that nothing is lost when an object is read and written back in v1.
import { type JsonObject, type JsonValue, type KubeObject, cloneJson } from '@keelson/apimachinery'
import {
  behaviorFromV1,
  behaviorToV1,
  conditionsFromV1,
  metricStatusToV1,
  metricStatusesFromV1,
  metricToV1,
  metricsFromV1,
} from './autoscaler-annotations.ts'
import type { Conversion } from './version-view.ts'

const PREFIX = 'autoscaling.alpha.kubernetes.io/'
const ANNOTATIONS = {
  metrics: `${PREFIX}metrics`,
  behavior: `${PREFIX}behavior`,
  currentMetrics: `${PREFIX}current-metrics`,
  conditions: `${PREFIX}conditions`,
} as const
/** What v1 asked for when it asked for nothing. */
const DEFAULT_UTILIZATION = 80

interface CpuMetric {
  type: string
  resource?: { name: string; target?: { averageUtilization?: number }; current?: { averageUtilization?: number } }
}
type Metric = JsonObject & CpuMetric

interface StoredAutoscaler extends KubeObject {
  spec?: JsonObject & { metrics?: Metric[]; behavior?: JsonValue }
  status?: JsonObject & { currentMetrics?: Metric[] | null; conditions?: JsonObject[] }
}

interface ServedAutoscaler extends KubeObject {
  spec?: JsonObject & { targetCPUUtilizationPercentage?: number }
  status?: JsonObject & { currentCPUUtilizationPercentage?: number }
}

export const HORIZONTAL_POD_AUTOSCALERS_V1: Conversion = {
  fromStored(object) {
    const { metadata, spec = {}, status = {}, ...rest } = object as StoredAutoscaler // What the cache of v2 holds.
    const { metrics = [], behavior, ...servedSpec } = spec
    const { currentMetrics, conditions = [], ...servedStatus } = status
    const target = metrics.find(isCpu)?.resource?.target?.averageUtilization
    const current = (currentMetrics ?? []).findLast(isCpu)?.resource?.current?.averageUtilization
    const annotations = withoutPart(metadata.annotations)
    const others = metrics.filter((metric) => !isCpu(metric))
    if (others.length > 0) annotations[ANNOTATIONS.metrics] = JSON.stringify(others.map(metricToV1))
    if (currentMetrics && currentMetrics.length > 0) {
      annotations[ANNOTATIONS.currentMetrics] = JSON.stringify(currentMetrics.map(metricStatusToV1))
    }
    if (behavior !== undefined) annotations[ANNOTATIONS.behavior] = JSON.stringify(behaviorToV1(behavior))
    if (conditions.length > 0) annotations[ANNOTATIONS.conditions] = JSON.stringify(conditions)
    return {
      ...rest,
      apiVersion: 'autoscaling/v1',
      metadata: withAnnotations(metadata, annotations),
      spec: { ...servedSpec, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
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
    const metrics = partOf(metadata, 'metrics', metricsFromV1) ?? []
    if (target !== undefined || metrics.length === 0) metrics.push(cpuTarget(target ?? DEFAULT_UTILIZATION))
    const behavior = partOf(metadata, 'behavior', behaviorFromV1)
    const currentMetrics =
      partOf(metadata, 'currentMetrics', metricStatusesFromV1) ?? (current === undefined ? [] : [cpuStatus(current)])
    const conditions = partOf(metadata, 'conditions', conditionsFromV1) ?? []
    return {
      ...rest,
      apiVersion: 'autoscaling/v2',
      metadata: withAnnotations(metadata, withoutPart(metadata.annotations)),
      spec: { ...storedSpec, metrics, ...(behavior !== undefined && { behavior }) },
      status: {
        ...storedStatus,
        ...(currentReplicas !== undefined && currentReplicas !== 0 && { currentReplicas }),
        currentMetrics: currentMetrics.length > 0 ? currentMetrics : null,
        ...(conditions.length > 0 && { conditions: cloneJson(conditions) }),
      },
    }
  },
}

const isCpu = (metric: CpuMetric): boolean =>
  metric.type === 'Resource' &&
  metric.resource?.name === 'cpu' &&
  (metric.resource.target ?? metric.resource.current)?.averageUtilization !== undefined

const cpuTarget = (averageUtilization: number): JsonObject => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})

const cpuStatus = (averageUtilization: number): JsonObject => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization } },
})

type Annotations = Record<string, string>

/** What an annotation says; undefined when it is not there or says nothing that fits. */
function partOf<Part>(
  { annotations }: KubeObject['metadata'],
  what: keyof typeof ANNOTATIONS,
  read: (value: JsonValue) => Part | undefined,
): Part | undefined {
  const text = annotations?.[ANNOTATIONS[what]]
  if (text === undefined) return undefined
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue // JSON.parse gives nothing else.
  } catch {
    return undefined // Not JSON: a client's, and upstream drops it too.
  }
  return read(value)
}

/** The annotations that are a client's. */
function withoutPart(annotations: Annotations | undefined): Annotations {
  const others = { ...annotations }
  for (const name of Object.values(ANNOTATIONS)) delete others[name]
  return others
}

function withAnnotations(metadata: KubeObject['metadata'], annotations: Annotations): KubeObject['metadata'] {
  const { annotations: _replaced, ...others } = metadata
  return Object.keys(annotations).length === 0 ? others : { ...others, annotations }
}
