// What autoscaling/v1 keeps in annotations, because it has no fields for it: metrics in the shape that v1 once gave them, and
// behaviour in the names of upstream's own types. Fields stand in upstream's order, so that the text is the same.
import { schemaOfKind } from '@keelson/api'
import { type JsonObject, type JsonValue, StatusError } from '@keelson/apimachinery'

type Fields = { readonly [name: string]: JsonValue | undefined }

/** A source of v2 metrics, or its status: `values` is called target there, or current. */
interface Source extends JsonObject {
  name: string
  container: string
  metric: { name?: string; selector?: JsonValue }
  describedObject: JsonObject
}

const KINDS = ['object', 'pods', 'resource', 'containerResource', 'external'] as const
type Kind = (typeof KINDS)[number]

export function metricToV1(metric: JsonObject): JsonObject {
  return sourcesToV1(metric, (kind, source) => {
    const { value, averageValue, averageUtilization } = valuesOf(source, 'target')
    const { metric: identity, container, name } = source
    switch (kind) {
      case 'object':
        return {
          target: referenceOf(source.describedObject),
          metricName: identity.name ?? '',
          targetValue: value ?? '0',
          selector: identity.selector,
          averageValue,
        }
      case 'pods':
        return { metricName: identity.name ?? '', targetAverageValue: averageValue ?? '0', selector: identity.selector }
      case 'external':
        return {
          metricName: identity.name ?? '',
          metricSelector: identity.selector,
          targetValue: value,
          targetAverageValue: averageValue,
        }
      default:
        return {
          name,
          targetAverageUtilization: averageUtilization,
          targetAverageValue: averageValue,
          ...(kind === 'containerResource' && { container }),
        }
    }
  })
}

export function metricStatusToV1(status: JsonObject): JsonObject {
  return sourcesToV1(status, (kind, source) => {
    const { value = '0', averageValue, averageUtilization } = valuesOf(source, 'current')
    const { metric: identity, container, name } = source
    switch (kind) {
      case 'object':
        return {
          target: referenceOf(source.describedObject),
          metricName: identity.name ?? '',
          currentValue: value,
          selector: identity.selector,
          averageValue,
        }
      case 'pods':
        return {
          metricName: identity.name ?? '',
          currentAverageValue: averageValue ?? '0',
          selector: identity.selector,
        }
      case 'external':
        return {
          metricName: identity.name ?? '',
          metricSelector: identity.selector,
          currentValue: value,
          currentAverageValue: averageValue,
        }
      default:
        return {
          name,
          currentAverageUtilization: averageUtilization,
          currentAverageValue: averageValue ?? '0',
          ...(kind === 'containerResource' && { container }),
        }
    }
  })
}

/** Undefined: not metrics. Upstream then takes no notice of the annotation. */
export function metricsFromV1(list: JsonValue): JsonObject[] | undefined {
  const metrics = itemsOf(list)?.map((metric) =>
    sourcesFromV1(metric, (kind, source) => {
      const { targetValue, targetAverageValue, targetAverageUtilization, averageValue } = source
      const target = (type: string, values: Fields): Fields => ({
        ...namesOf(kind, source),
        target: { type, ...present(values) },
      })
      switch (kind) {
        case 'object':
          if (averageValue === undefined) return target('Value', { value: targetValue ?? '0' })
          return target('AverageValue', { ...(targetValue !== '0' && { value: targetValue }), averageValue })
        case 'pods':
          return target('AverageValue', { averageValue: targetAverageValue ?? '0' })
        case 'external':
          return target(targetValue === undefined ? 'AverageValue' : 'Value', {
            value: targetValue,
            averageValue: targetAverageValue,
          })
        default:
          return target(targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization', {
            averageValue: targetAverageValue,
            averageUtilization: targetAverageUtilization,
          })
      }
    }),
  )
  return metrics && listOf(decoded({ spec: { metrics } })?.['spec'], 'metrics')
}

export function metricStatusesFromV1(list: JsonValue): JsonObject[] | undefined {
  const currentMetrics = itemsOf(list)?.map((metric) =>
    sourcesFromV1(metric, (kind, source) => {
      const { currentValue = '0', currentAverageValue, currentAverageUtilization, averageValue } = source
      const names = namesOf(kind, source)
      switch (kind) {
        case 'object':
          return { ...names, current: present({ value: currentValue, averageValue }) }
        case 'pods':
          return { ...names, current: { averageValue: currentAverageValue ?? '0' } }
        case 'external':
          return { ...names, current: present({ value: currentValue, averageValue: currentAverageValue }) }
        default:
          return {
            ...names,
            current: present({
              averageValue: currentAverageValue ?? '0',
              averageUtilization: currentAverageUtilization,
            }),
          }
      }
    }),
  )
  return currentMetrics && listOf(decoded({ status: { currentMetrics } })?.['status'], 'currentMetrics')
}

export function conditionsFromV1(conditions: JsonValue): JsonObject[] | undefined {
  return itemsOf(conditions) && listOf(decoded({ status: { conditions } })?.['status'], 'conditions')
}

/** As Go prints types that do not say how: every field, absent ones as null. */
export function behaviorToV1(behavior: JsonValue): JsonObject {
  const { scaleUp, scaleDown } = fieldsOf(behavior)
  return { ScaleUp: rulesToV1(scaleUp), ScaleDown: rulesToV1(scaleDown) }
}

function rulesToV1(rules: JsonValue | undefined): JsonValue {
  if (rules === undefined || rules === null) return null
  const { stabilizationWindowSeconds = null, selectPolicy = null, policies = null, tolerance = null } = fieldsOf(rules)
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds,
    SelectPolicy: selectPolicy,
    Policies:
      itemsOf(policies)?.map(({ type = '', value = 0, periodSeconds = 0 }) => ({
        Type: type,
        Value: value,
        PeriodSeconds: periodSeconds,
      })) ?? null,
    Tolerance: tolerance,
  }
}

/** Undefined: no behaviour. Go reads names whatever their case. */
export function behaviorFromV1(value: JsonValue): JsonValue | undefined {
  const behavior = withKnownNames(value)
  const { scaleUp, scaleDown } = fieldsOf(behavior)
  if ((scaleUp ?? scaleDown ?? null) === null) return undefined
  return fieldsOf(decoded({ spec: { behavior } })?.['spec'])['behavior']
}

const BEHAVIOR_NAMES = new Map(
  [
    'scaleUp',
    'scaleDown',
    'stabilizationWindowSeconds',
    'selectPolicy',
    'policies',
    'tolerance',
    'type',
    'value',
    'periodSeconds',
  ].map((name) => [name.toLowerCase(), name]),
)

function withKnownNames(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withKnownNames)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => [
    BEHAVIOR_NAMES.get(name.toLowerCase()) ?? name,
    withKnownNames(item ?? null),
  ])
  return Object.fromEntries(entries) as JsonObject // Made of JSON values.
}

function sourcesToV1(metric: JsonObject, convert: (kind: Kind, source: Source) => Fields): JsonObject {
  const converted: JsonObject = { type: metric['type'] ?? '' }
  for (const kind of KINDS) {
    const source = metric[kind]
    if (source === undefined || source === null) continue
    const { name = '', container = '', metric: identity = {}, describedObject = {}, ...rest } = fieldsOf(source)
    converted[kind] = present(
      // The schema of v2 has checked the types.
      convert(kind, { ...rest, name, container, metric: identity, describedObject } as Source),
    )
  }
  return converted
}

function sourcesFromV1(metric: JsonObject, convert: (kind: Kind, source: Fields) => Fields): JsonObject {
  const converted: JsonObject = { type: metric['type'] ?? '' }
  for (const kind of KINDS) {
    const source = metric[kind]
    if (source !== undefined && source !== null) converted[kind] = present(convert(kind, present(fieldsOf(source))))
  }
  return converted
}

/** What the metric is of, in the terms of v2. */
function namesOf(kind: Kind, source: Fields): Fields {
  const { name, container, metricName, selector, metricSelector, target } = source
  if (kind === 'resource') return present({ name })
  if (kind === 'containerResource') return present({ name, container })
  const metric = present({ name: metricName, selector: kind === 'external' ? metricSelector : selector })
  return kind === 'object' ? present({ describedObject: target, metric }) : { metric }
}

function referenceOf({ kind = '', name = '', apiVersion }: JsonObject): JsonObject {
  return present({ kind, name, apiVersion })
}

function valuesOf(source: Source, name: 'target' | 'current'): Fields {
  return fieldsOf(source[name])
}

/** Without what is undefined or null. */
function present(fields: Fields): JsonObject {
  const object: JsonObject = {}
  for (const name in fields) {
    const value = fields[name]
    if (value !== undefined && value !== null) object[name] = value
  }
  return object
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldsOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {})

function itemsOf(value: JsonValue | undefined): JsonObject[] | undefined {
  return Array.isArray(value) && value.every(isObject) ? value : undefined
}

const listOf = (parent: JsonValue | undefined, field: string): JsonObject[] | undefined =>
  itemsOf(fieldsOf(parent)[field])

/** By the schema of v2; undefined when it does not fit. */
function decoded(part: JsonObject): JsonObject | undefined {
  try {
    const schema = schemaOfKind({ group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' })
    return schema?.decode(part).object as JsonObject | undefined // Decoded from JSON.
  } catch (error) {
    if (error instanceof StatusError) return undefined
    throw error
  }
}
