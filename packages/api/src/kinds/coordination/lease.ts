// Lease: who holds a lock or is alive, and since when.
import {
  type FieldError,
  type KubeObject,
  append,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  isQualifiedName,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { NOT_NEGATIVE } from '../../validation/field-checks.ts'
import { age } from '../row.ts'

interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string
    leaseDurationSeconds?: number
    leaseTransitions?: number
    strategy?: string
    preferredHolder?: string
  }
}

export const leaseStrategy: KindStrategy = {
  default(object) {
    object['spec'] ??= {}
  },
  // Their feature is off.
  prepareForCreate(object) {
    const { spec = {} } = object as Lease // As below.
    delete spec.strategy
    delete spec.preferredHolder
  },
  prepareForUpdate(next, old) {
    const [{ spec = {} }, { spec: before = {} }] = [next as Lease, old as Lease] // As below.
    if (before.strategy === undefined) delete spec.strategy
    if (before.preferredHolder === undefined) delete spec.preferredHolder
  },
  validate: validateLease,
  validateUpdate: validateLease,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  row: (object, now) => [object.metadata.name ?? '', (object as Lease).spec?.holderIdentity ?? '', age(object, now)], // As below.
}

function validateLease(object: KubeObject): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = (object as Lease).spec ?? {} // The schema has checked the types.
  const errors: FieldError[] = []
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(fieldInvalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'))
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(fieldInvalid('spec.leaseTransitions', leaseTransitions, NOT_NEGATIVE))
  }
  if (strategy !== undefined) append(errors, coordinatedStrategyErrors(strategy, 'spec.strategy'))
  if (preferredHolder && !strategy) {
    errors.push(fieldForbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
  }
  return errors
}

/** Upstream appends `.strategy` to the path once more. */
export function coordinatedStrategyErrors(strategy: string, path: string): FieldError[] {
  if (!strategy.includes('/')) {
    const valid = ['OldestEmulationVersion']
    return valid.includes(strategy) ? [] : [fieldNotSupported(`${path}.strategy`, strategy, valid)]
  }
  return isQualifiedName(strategy).map((message) => fieldInvalid(`${path}.strategy`, strategy, message))
}
