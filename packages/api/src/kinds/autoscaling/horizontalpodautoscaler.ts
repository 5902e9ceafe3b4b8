// HorizontalPodAutoscaler, in both versions: v1 knows one metric, v2 many.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { emptiedField } from '../../schema/emptied.ts'
import { validateAutoscaler, validateAutoscalerStatus } from '../../validation/autoscaler.ts'
import { NONE, UNKNOWN, UNSET, age } from '../row.ts'
import type { Autoscaler, Metric, MetricSource, ScalingRules } from './autoscaler-types.ts'

// The schema has checked the types of what all these functions get.
const asAutoscaler = (object: KubeObject): Autoscaler => object as Autoscaler
const isV1 = ({ apiVersion }: KubeObject): boolean => apiVersion === 'autoscaling/v1'
const DEFAULT_UTILIZATION = 80
const SHOWN = 2
const V1_ANNOTATIONS = ['metrics', 'behavior', 'current-metrics', 'conditions'].map(
  (name) => `autoscaling.alpha.kubernetes.io/${name}`,
)

export const horizontalPodAutoscalerStrategy: KindStrategy = {
  default(object) {
    const spec = (asAutoscaler(object).spec ??= {})
    spec.minReplicas ??= 1
    if (isV1(object)) return
    // v1 keeps in these what it has no fields for; in v2 they mean nothing.
    for (const name of V1_ANNOTATIONS) delete object.metadata.annotations?.[name]
    if ((spec.metrics ?? []).length === 0) {
      const target = { type: 'Utilization', averageUtilization: DEFAULT_UTILIZATION }
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
    }
    if (spec.behavior === undefined) return
    const { scaleUp, scaleDown } = spec.behavior
    spec.behavior.scaleUp = {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      ...withPolicies(scaleUp, [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ]),
    }
    spec.behavior.scaleDown = {
      selectPolicy: 'Max',
      ...withPolicies(scaleDown, [{ type: 'Percent', value: 100, periodSeconds: 15 }]),
    }
  },
  prepareForCreate(object) {
    object['status'] = isV1(object)
      ? { currentReplicas: 0, desiredReplicas: 0 }
      : { desiredReplicas: 0, currentMetrics: null }
  },
  validate: (object) => validateAutoscaler(asV2(asAutoscaler(object))),
  validateUpdate: (next, old) => validateAutoscaler(asV2(asAutoscaler(next)), asV2(asAutoscaler(old))),
  validateStatusUpdate: (next) => validateAutoscalerStatus(asAutoscaler(next)),
  hasStatus: true,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asAutoscaler(object)
    return [
      metadata.name ?? '',
      `${spec.scaleTargetRef?.kind ?? ''}/${spec.scaleTargetRef?.name ?? ''}`,
      metricsCell(metricsOf(asAutoscaler(object)), currentOf(asAutoscaler(object))),
      spec.minReplicas === undefined ? UNSET : String(spec.minReplicas),
      spec.maxReplicas ?? 0,
      status.currentReplicas ?? 0,
      age(object, now),
    ]
  },
}

/** An empty list of policies is not given the usual ones: it is refused. */
const withPolicies = (rules: ScalingRules | undefined, usual: ScalingRules['policies']): ScalingRules =>
  emptiedField(rules, 'policies') === null ? { policies: usual, ...rules } : { ...rules, policies: [] }

/** With the one metric of v1 as v2 has it. */
const asV2 = (object: Autoscaler): Autoscaler => ({ ...object, spec: { ...object.spec, metrics: metricsOf(object) } })

function metricsOf({ spec = {} }: Autoscaler): Metric[] {
  const averageUtilization = spec.targetCPUUtilizationPercentage
  if (averageUtilization === undefined) return spec.metrics ?? []
  return [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }]
}

function currentOf({ status = {} }: Autoscaler): Metric[] {
  const averageUtilization = status.currentCPUUtilizationPercentage
  if (averageUtilization === undefined) return status.currentMetrics ?? []
  return [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }]
}

function metricsCell(metrics: readonly Metric[], statuses: readonly Metric[]): string {
  if (metrics.length === 0) return NONE
  const texts = metrics.map((metric, index) => metricText(metric, statuses[index]))
  const shown = texts.slice(0, SHOWN).join(', ')
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown
}

function metricText(metric: Metric, status: Metric | undefined): string {
  switch (metric.type) {
    case 'External':
      return valueText(metric.external, status?.external)
    case 'Object':
      return valueText(metric.object, status?.object)
    case 'Pods':
      return `${status?.pods?.current?.averageValue ?? UNKNOWN}/${metric.pods?.target?.averageValue ?? ''}`
    case 'Resource':
      return resourceText(metric.resource, status?.resource)
    case 'ContainerResource':
      return resourceText(metric.containerResource, status?.containerResource)
    default:
      return '<unknown type>'
  }
}

function valueText(source: MetricSource | undefined, status: MetricSource | undefined): string {
  const { averageValue, value = '' } = source?.target ?? {}
  if (averageValue !== undefined) return `${status?.current?.averageValue ?? UNKNOWN}/${averageValue} (avg)`
  return `${status?.current?.value ?? UNKNOWN}/${value}`
}

function resourceText(source: MetricSource | undefined, status: MetricSource | undefined): string {
  const { averageValue, averageUtilization } = source?.target ?? {}
  const percent = (value: number | undefined, otherwise: string): string =>
    value === undefined ? otherwise : `${value}%`
  if (averageValue !== undefined) return `${source?.name}: ${status?.current?.averageValue ?? UNKNOWN}/${averageValue}`
  const current = percent(status?.current?.averageUtilization, UNKNOWN)
  return `${source?.name}: ${current}/${percent(averageUtilization, '<auto>')}`
}
