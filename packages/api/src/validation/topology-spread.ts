// How evenly the pods of a workload are to be spread.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from '@keelson/apimachinery'
import type { TopologySpreadConstraint } from '../kinds/core/pod-types.ts'
import { checkMatchLabelKeys } from './affinity.ts'
import { checkLabelSelector } from './labels.ts'

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']
const INCLUSION_POLICIES = ['Honor', 'Ignore']
const NOT_POSITIVE = 'must be greater than zero'

export function checkTopologySpread(
  errors: FieldError[],
  constraints: readonly TopologySpreadConstraint[],
  path: FieldPath,
): void {
  for (const [index, constraint] of constraints.entries()) {
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '', minDomains, labelSelector } = constraint
    const at = path.index(index)
    if (maxSkew <= 0) errors.push(fieldInvalid(at.child('maxSkew'), maxSkew, NOT_POSITIVE))
    if (topologyKey === '') errors.push(fieldRequired(at.child('topologyKey'), 'can not be empty'))
    if (!ACTIONS.includes(whenUnsatisfiable))
      errors.push(fieldNotSupported(at.child('whenUnsatisfiable'), whenUnsatisfiable, ACTIONS))
    const isRepeated = constraints
      .slice(index + 1)
      .some(
        (other) => (other.topologyKey ?? '') === topologyKey && (other.whenUnsatisfiable ?? '') === whenUnsatisfiable,
      )
    if (isRepeated) {
      errors.push(
        fieldDuplicate(at.child('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${whenUnsatisfiable}}`),
      )
    }
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(fieldInvalid(at.child('minDomains'), minDomains, NOT_POSITIVE))
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
        errors.push(fieldInvalid(at.child('minDomains'), minDomains, detail))
      }
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[name]
      if (policy !== undefined && !INCLUSION_POLICIES.includes(policy)) {
        errors.push(fieldNotSupported(at.child(name), policy, INCLUSION_POLICIES))
      }
    }
    checkMatchLabelKeys(errors, constraint.matchLabelKeys ?? [], [], labelSelector, at)
    checkLabelSelector(errors, labelSelector, at.child('labelSelector'))
  }
}
