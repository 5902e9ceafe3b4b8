// PriorityClass: a name for a number that never changes.
import {
  type FieldError,
  type KubeObject,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { FIELD_IS_IMMUTABLE } from '../../validation/field-checks.ts'
import { age } from '../row.ts'

interface PriorityClass extends KubeObject {
  value?: number
  globalDefault?: boolean
  preemptionPolicy?: string
}

// The schema has checked the types of what all these functions get.
const asClass = (object: KubeObject): PriorityClass => object as PriorityClass
/** Names and numbers above are the system's. */
const HIGHEST_USER_VALUE = 1_000_000_000
const SYSTEM: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}
const POLICIES = ['PreemptLowerPriority', 'Never']

export const priorityClassStrategy: KindStrategy = {
  default(object) {
    asClass(object).preemptionPolicy ??= 'PreemptLowerPriority'
  },
  prepareForCreate(object) {
    object.metadata.generation = 1
  },
  validate: (object) => validateClass(asClass(object)),
  validateUpdate(next, old) {
    const errors: FieldError[] = []
    if ((asClass(next).value ?? 0) !== (asClass(old).value ?? 0)) {
      errors.push(fieldForbidden('value', 'may not be changed in an update.'))
    }
    const policy = asClass(next).preemptionPolicy
    if (policy !== asClass(old).preemptionPolicy)
      errors.push(fieldInvalid('preemptionPolicy', policy, FIELD_IS_IMMUTABLE))
    return errors
  },
  row(object, now) {
    const { metadata, value = 0, globalDefault = false, preemptionPolicy = '' } = asClass(object)
    return [metadata.name ?? '', value, globalDefault, age(object, now), preemptionPolicy]
  },
}

function validateClass({ metadata, value = 0, globalDefault = false, preemptionPolicy }: PriorityClass): FieldError[] {
  const errors: FieldError[] = []
  const name = metadata.name ?? ''
  if (name.startsWith('system-')) {
    const problem = systemProblem(name, value, globalDefault)
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error: "
    if (problem !== undefined) errors.push(fieldForbidden('metadata.name', reserved + problem))
  } else if (value > HIGHEST_USER_VALUE) {
    const detail = `maximum allowed value of a user defined priority is ${HIGHEST_USER_VALUE}`
    errors.push(fieldForbidden('value', detail))
  }
  if (preemptionPolicy === '') errors.push(fieldRequired('preemptionPolicy', ''))
  else if (preemptionPolicy !== undefined && !POLICIES.includes(preemptionPolicy)) {
    errors.push(fieldNotSupported('preemptionPolicy', preemptionPolicy, POLICIES))
  }
  return errors
}

function systemProblem(name: string, value: number, globalDefault: boolean): string | undefined {
  const required = SYSTEM[name]
  if (required === undefined) return `${name} is not a known system priority class`
  if (value !== required) return `value of ${name} PriorityClass must be ${required}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
