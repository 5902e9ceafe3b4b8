// PodDisruptionBudget: how many pods of a set must stay while others are evicted.
import { type FieldError, type KubeObject, fieldInvalid, fieldNotSupported, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import type { StatusCondition } from '../admissionregistration/admission-types.ts'
import { checkAtMostWhole, checkIntOrPercent } from '../apps/deployment-validation.ts'
import { checkConditions } from '../../validation/conditions.ts'
import { checkNotNegative } from '../../validation/field-checks.ts'
import { checkLabelSelector } from '../../validation/labels.ts'
import type { IntOrString } from '../apps/workload-types.ts'
import type { LabelSelectorObject } from '../core/pod-types.ts'
import { age } from '../row.ts'

interface PodDisruptionBudget extends KubeObject {
  spec?: {
    minAvailable?: IntOrString
    maxUnavailable?: IntOrString
    selector?: LabelSelectorObject
    unhealthyPodEvictionPolicy?: string
  }
  status?: {
    conditions?: StatusCondition[]
    disruptionsAllowed?: number
    currentHealthy?: number
    desiredHealthy?: number
    expectedPods?: number
  }
}

// The schema has checked the types of what all these functions get.
const asBudget = (object: KubeObject): PodDisruptionBudget => object as PodDisruptionBudget
const specPath = rootPath.child('spec')
const POLICIES = ['AlwaysAllow', 'IfHealthyBudget']

export const podDisruptionBudgetStrategy: KindStrategy = {
  prepareForCreate(object) {
    object['status'] = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }
  },
  validate: (object) => validateBudget(asBudget(object)),
  validateStatusUpdate: (next) => validateStatus(asBudget(next)),
  hasStatus: true,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asBudget(object)
    return [
      metadata.name ?? '',
      String(spec.minAvailable ?? 'N/A'),
      String(spec.maxUnavailable ?? 'N/A'),
      status.disruptionsAllowed ?? 0,
      age(object, now),
    ]
  },
}

function validateBudget({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = []
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
    }
    errors.push(fieldInvalid(specPath, shown, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [name, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    if (value === undefined) continue
    checkIntOrPercent(errors, value, specPath.child(name))
    checkAtMostWhole(errors, value, specPath.child(name))
  }
  checkLabelSelector(errors, selector, specPath.child('selector'))
  if (unhealthyPodEvictionPolicy !== undefined && !POLICIES.includes(unhealthyPodEvictionPolicy)) {
    errors.push(fieldNotSupported(specPath.child('unhealthyPodEvictionPolicy'), unhealthyPodEvictionPolicy, POLICIES))
  }
  return errors
}

function validateStatus({ status = {} }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = []
  const path = rootPath.child('status')
  checkConditions(errors, status.conditions ?? [], path.child('conditions'))
  for (const count of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const) {
    checkNotNegative(errors, status[count], path, count)
  }
  return errors
}
