// What a HorizontalPodAutoscaler's spec may say, in the terms of v2.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
  nameIsPathSegment,
  rootPath,
} from '@keelson/apimachinery'
import type { Autoscaler, Metric, MetricSource, ScalingRules, Target } from '../kinds/autoscaling/autoscaler-types.ts'
import { NOT_NEGATIVE, checkName, checkNotNegative } from './field-checks.ts'
import { quantityOf } from './resources.ts'

const specPath = rootPath.child('spec')
const SOURCES = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const
type SourceField = (typeof SOURCES)[keyof typeof SOURCES]
const SOURCE_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue']
const SELECT_POLICIES = ['Disabled', 'Max', 'Min']
const POLICY_TYPES = ['Percent', 'Pods']
const MAX_WINDOW = 3600
const MAX_PERIOD = 1800
const POSITIVE = 'must be greater than zero'

export function validateAutoscaler({ spec = {} }: Autoscaler, old?: Autoscaler): FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {} } = spec
  const metrics = spec.metrics ?? []
  const least = old?.spec?.minReplicas === 0 ? 0 : 1
  if (minReplicas !== undefined && minReplicas < least)
    errors.push(fieldInvalid(specPath.child('minReplicas'), minReplicas, `must be greater than or equal to ${least}`))
  const maxPath = specPath.child('maxReplicas')
  if (maxReplicas === 0) errors.push(fieldRequired(maxPath, 'must be set and greater than 0'))
  else if (maxReplicas < 0) errors.push(fieldInvalid(maxPath, maxReplicas, 'must be greater than or equal to 1'))
  if (maxReplicas < (minReplicas ?? maxReplicas))
    errors.push(fieldInvalid(maxPath, maxReplicas, 'must be greater than or equal to `minReplicas`'))
  checkReference(errors, scaleTargetRef, specPath.child('scaleTargetRef'))
  const before = old?.spec?.scaleTargetRef
  const isSame = before?.apiVersion === scaleTargetRef.apiVersion && before?.kind === scaleTargetRef.kind
  if (old === undefined || !isSame)
    checkTargetVersion(errors, scaleTargetRef, specPath.child('scaleTargetRef', 'apiVersion'))
  for (const [index, metric] of metrics.entries()) checkMetric(errors, metric, specPath.child('metrics').index(index))
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const detail = 'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(fieldForbidden(specPath.child('metrics'), detail))
  }
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    const rules = spec.behavior?.[direction]
    if (rules !== undefined) checkRules(errors, rules, specPath.child('behavior', direction))
  }
  return errors
}

export function validateAutoscalerStatus({ status = {} }: Autoscaler): FieldError[] {
  const errors: FieldError[] = []
  checkNotNegative(errors, status.currentReplicas, rootPath.child('status'), 'currentReplicas')
  checkNotNegative(errors, status.desiredReplicas, rootPath.child('status'), 'desiredReplicas')
  return errors
}

function checkReference(
  errors: FieldError[],
  { kind = '', name = '' }: { kind?: string; name?: string },
  path: FieldPath,
): void {
  for (const [field, value] of [
    ['kind', kind],
    ['name', name],
  ] as const) {
    if (value === '') errors.push(fieldRequired(path.child(field), ''))
    else checkName(errors, path.child(field), value, (text) => nameIsPathSegment(text, false))
  }
}

/** Only a ReplicationController is of the group without a name. */
function checkTargetVersion(
  errors: FieldError[],
  { kind, apiVersion = '' }: { kind?: string; apiVersion?: string },
  path: FieldPath,
): void {
  const slashes = apiVersion.split('/').length - 1
  if (slashes > 1) errors.push(fieldInvalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  else if ((slashes === 0 || apiVersion.startsWith('/')) && kind !== 'ReplicationController')
    errors.push(fieldInvalid(path, apiVersion, 'apiVersion must specify API group'))
}

function checkMetric(errors: FieldError[], metric: Metric, path: FieldPath): void {
  const type = metric.type ?? ''
  const refuseType = (): void => void errors.push(fieldNotSupported(path.child('type'), type, SOURCE_TYPES))
  if (type === '') errors.push(fieldRequired(path.child('type'), 'must specify a metric source type'))
  const isKnown = type in SOURCES
  if (!isKnown) refuseType()
  const present = Object.values(SOURCES).filter((field) => metric[field] !== undefined)
  const [first] = present
  if (first !== undefined) checkSource(errors, first, metric[first] ?? {}, path.child(first))
  // Said again, as upstream does.
  if (!isKnown) refuseType()
  const expected = isKnown ? SOURCES[type as keyof typeof SOURCES] : undefined // It is a key of it.
  if (expected !== undefined && metric[expected] === undefined)
    errors.push(fieldRequired(path.child(expected), 'must populate information for the given metric source'))
  if (present.length < 2) return
  for (const field of present)
    if (field !== expected) errors.push(fieldForbidden(path.child(field), 'must populate the given metric source only'))
}

function checkSource(errors: FieldError[], field: SourceField, source: MetricSource, path: FieldPath): void {
  const { target = {} } = source
  const targetPath = path.child('target')
  if (field === 'object') checkReference(errors, source.describedObject ?? {}, path.child('describedObject'))
  if (field === 'resource' || field === 'containerResource') {
    if (!source.name) errors.push(fieldRequired(path.child('name'), 'must specify a resource name'))
  } else {
    const name = source.metric?.name ?? ''
    const namePath = path.child('metric', 'name')
    if (name === '') errors.push(fieldRequired(namePath, 'must specify a metric name'))
    else checkName(errors, namePath, name, (text) => nameIsPathSegment(text, false))
  }
  if (field === 'containerResource') {
    const at = path.child('container')
    if (!source.container) errors.push(fieldRequired(at, 'must specify a container'))
    else checkName(errors, at, source.container, isDNS1123Label)
  }
  checkTarget(errors, target, targetPath)
  const { value, averageValue, averageUtilization } = target
  if (field === 'object' && value === undefined && averageValue === undefined)
    errors.push(fieldRequired(targetPath.child('averageValue'), 'must set either a target value or averageValue'))
  if (field === 'external') {
    const detail = 'a target value for metric'
    if (value === undefined && averageValue === undefined)
      errors.push(fieldRequired(targetPath.child('averageValue'), `must set either ${detail} or a per-pod target`))
    if (value !== undefined && averageValue !== undefined)
      errors.push(fieldForbidden(targetPath.child('value'), `may not set both ${detail} and a per-pod target`))
  }
  if (field === 'pods' && averageValue === undefined)
    errors.push(fieldRequired(targetPath.child('averageValue'), 'must specify a positive target averageValue'))
  if (field !== 'resource' && field !== 'containerResource') return
  const detail = 'a target raw value'
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(
      fieldRequired(targetPath.child('averageUtilization'), `must set either ${detail} or a target utilization`),
    )
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(fieldForbidden(targetPath.child('averageValue'), `may not set both ${detail} and a target utilization`))
}

function checkTarget(errors: FieldError[], target: Target, path: FieldPath): void {
  const { type = '', averageUtilization } = target
  if (type === '') errors.push(fieldRequired(path.child('type'), 'must specify a metric target type'))
  if (!TARGET_TYPES.includes(type))
    errors.push(fieldInvalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'))
  for (const field of ['value', 'averageValue'] as const) {
    const text = target[field]
    if (text !== undefined && quantityOf(text).sign <= 0)
      errors.push(fieldInvalid(path.child(field), text, 'must be positive'))
  }
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(fieldInvalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0'))
}

function checkRules(errors: FieldError[], rules: ScalingRules, path: FieldPath): void {
  const { stabilizationWindowSeconds: window = 0, selectPolicy, tolerance } = rules
  const windowPath = path.child('stabilizationWindowSeconds')
  if (window < 0) errors.push(fieldInvalid(windowPath, window, 'must be greater than or equal to zero'))
  if (window > MAX_WINDOW) errors.push(fieldInvalid(windowPath, window, `must be less than or equal to ${MAX_WINDOW}`))
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy))
    errors.push(fieldNotSupported(path.child('selectPolicy'), selectPolicy, SELECT_POLICIES))
  const policies = rules.policies ?? []
  if (policies.length === 0) errors.push(fieldRequired(path.child('policies'), 'must specify at least one Policy'))
  for (const [index, { type = '', value = 0, periodSeconds: period = 0 }] of policies.entries()) {
    const at = path.child('policies').index(index)
    if (!POLICY_TYPES.includes(type)) errors.push(fieldNotSupported(at.child('type'), type, POLICY_TYPES))
    if (value <= 0) errors.push(fieldInvalid(at.child('value'), value, POSITIVE))
    if (period <= 0) errors.push(fieldInvalid(at.child('periodSeconds'), period, POSITIVE))
    if (period > MAX_PERIOD)
      errors.push(fieldInvalid(at.child('periodSeconds'), period, `must be less than or equal to ${MAX_PERIOD}`))
  }
  if (tolerance !== undefined && quantityOf(tolerance).sign < 0)
    errors.push(fieldInvalid(path.child('tolerance'), tolerance, NOT_NEGATIVE))
}
