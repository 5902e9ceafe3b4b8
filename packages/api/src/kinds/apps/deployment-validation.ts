// What a Deployment must be.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  isPercent,
  rootPath,
} from '@keelson/apimachinery'
import { NOT_NEGATIVE, checkImmutable, checkNotNegative } from '../../validation/field-checks.ts'
import { checkCounts, checkSelectorAndTemplate } from './replicaset-validation.ts'
import type { Deployment, IntOrString } from './workload-types.ts'

const specPath = rootPath.child('spec')

export function validateDeployment({ spec = {} }: Deployment): FieldError[] {
  const errors: FieldError[] = []
  checkNotNegative(errors, spec.replicas, specPath, 'replicas')
  checkSelectorAndTemplate(errors, spec.selector, spec.template, 'ReplicaSet')
  checkStrategy(errors, spec.strategy ?? {}, specPath.child('strategy'))
  checkNotNegative(errors, spec.minReadySeconds, specPath, 'minReadySeconds')
  checkNotNegative(errors, spec.revisionHistoryLimit, specPath, 'revisionHistoryLimit')
  checkNotNegative(errors, spec.progressDeadlineSeconds, specPath, 'progressDeadlineSeconds')
  const { progressDeadlineSeconds, minReadySeconds = 0 } = spec
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const path = specPath.child('progressDeadlineSeconds')
    errors.push(fieldInvalid(path, progressDeadlineSeconds, 'must be greater than minReadySeconds'))
  }
  return errors
}

export function validateDeploymentUpdate(next: Deployment, old: Deployment): FieldError[] {
  const errors = validateDeployment(next)
  checkImmutable(errors, next.spec?.selector, old.spec?.selector, specPath.child('selector'))
  return errors
}

type Strategy = NonNullable<NonNullable<Deployment['spec']>['strategy']>

function checkStrategy(errors: FieldError[], { type = '', rollingUpdate }: Strategy, path: FieldPath): void {
  const at = path.child('rollingUpdate')
  if (type === 'Recreate') {
    if (rollingUpdate !== undefined) {
      errors.push(fieldForbidden(at, "may not be specified when strategy `type` is 'Recreate'"))
    }
    return
  }
  if (type !== 'RollingUpdate') {
    // Upstream shows the whole strategy, in the names of its own types.
    const value = { Type: type, RollingUpdate: rollingUpdateAsInternal(rollingUpdate) }
    errors.push(fieldNotSupported(path, value, ['Recreate', 'RollingUpdate']))
    return
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {}
  checkIntOrPercent(errors, maxUnavailable, at.child('maxUnavailable'))
  checkIntOrPercent(errors, maxSurge, at.child('maxSurge'))
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    errors.push(fieldInvalid(at.child('maxUnavailable'), maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  checkAtMostWhole(errors, maxUnavailable, at.child('maxUnavailable'))
}

const rollingUpdateAsInternal = (rollingUpdate: Strategy['rollingUpdate']): unknown =>
  rollingUpdate === undefined
    ? null
    : { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 }

export function checkIntOrPercent(errors: FieldError[], value: IntOrString, path: FieldPath): void {
  if (typeof value === 'number') {
    if (value < 0) errors.push(fieldInvalid(path, value, NOT_NEGATIVE))
  } else for (const message of isPercent(value)) errors.push(fieldInvalid(path, value, message))
}

export function checkAtMostWhole(errors: FieldError[], value: IntOrString, path: FieldPath): void {
  if (typeof value !== 'string' || isPercent(value).length > 0) return
  if (Number(value.slice(0, -1)) > 100) errors.push(fieldInvalid(path, value, 'must not be greater than 100%'))
}

/** The number itself, or that of the percentage; 0 for a text that is neither. */
export function intOrPercentValue(value: IntOrString): number {
  if (typeof value === 'number') return value
  return isPercent(value).length > 0 ? 0 : Number(value.slice(0, -1))
}

export function validateDeploymentStatus(next: Deployment, old: Deployment): FieldError[] {
  const errors: FieldError[] = []
  const status = next.status ?? {}
  const counts = [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ] as const
  checkCounts(errors, status, counts, ['updatedReplicas', 'readyReplicas', 'availableReplicas'])
  const before = old.status?.collisionCount
  if (before !== undefined && (status.collisionCount === undefined || status.collisionCount < before)) {
    errors.push(fieldInvalid('status.collisionCount', status.collisionCount ?? 0, 'cannot be decremented'))
  }
  return errors
}
