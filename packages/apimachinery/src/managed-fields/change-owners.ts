// Whose fields a change takes away: what others set and the change sets otherwise is a conflict, what it removes is nobody's.
import { type FieldSet, difference, intersection, isEmptySet, union } from '../structured-merge/field-set.ts'
import { type Managers, withSet } from './entries.ts'
import type { Comparisons } from './versions.ts'

/** By identity of the manager: its fields that are changed. */
export type Conflicts = Map<string, FieldSet>

/**
 * The managers after the change, without those of versions that are gone and those that manage nothing any more. With
 * conflicts and without `force`, the conflicts; `managers` is left as it is.
 */
export function changeOwners(
  managers: Managers,
  comparisons: Comparisons,
  self: string,
  force: boolean,
): { readonly managers: Managers } | { readonly conflicts: Conflicts } {
  const conflicts: Conflicts = new Map()
  const result: Managers = new Map()
  for (const [identity, manager] of managers) {
    if (identity === self) {
      if (!isEmptySet(manager.set)) result.set(identity, manager)
      continue
    }
    const comparison = comparisons.in(manager.apiVersion)
    if (comparison === undefined) continue
    const changed = union(comparison.modified, comparison.added)
    const conflict = isEmptySet(changed) ? changed : intersection(manager.set, changed)
    if (!isEmptySet(conflict)) conflicts.set(identity, conflict)
    const kept = difference(difference(manager.set, conflict), comparison.removed)
    if (!isEmptySet(kept)) result.set(identity, withSet(manager, kept))
  }
  return force || conflicts.size === 0 ? { managers: result } : { conflicts }
}
