// What an applier wanted before and wants no longer goes, unless somebody else has it, or it is inside of something new.
import { fieldSetOf, withNamedFields } from '../structured-merge/field-set-of.ts'
import { type FieldSet, LEAF, difference, intersection, isEmptySet, union } from '../structured-merge/field-set.ts'
import { removeFields } from '../structured-merge/remove.ts'
import type { JsonObject, KubeObject } from '../types.ts'
import type { Manager, Managers } from './entries.ts'
import { type FieldManagement, type Versioned, inVersion } from './versions.ts'

/** `last`: the applier's entry before this apply. StructuredMergeError. */
export function prune(
  merged: JsonObject,
  managers: Managers,
  self: string,
  last: Manager | undefined,
  management: FieldManagement,
): JsonObject {
  const wanted = managers.get(self)
  if (last === undefined || isEmptySet(last.set)) return merged
  const lastVersion = last.apiVersion
  // Nothing is given up: the usual apply. All that is below would come to the same.
  if (wanted?.apiVersion === lastVersion && isEmptySet(difference(last.set, wanted.set))) return merged
  const here = versioned(merged, lastVersion, management)
  if (here === undefined) return merged
  const { object, type } = here
  const lastNamed = withNamedFields(last.set, type)
  let pruned = removeFields(object, lastNamed, type)
  pruned = addBackOwned(object, pruned, lastVersion, managers, management)
  pruned = addBackDangling(object, pruned, lastNamed, here)
  const result = versioned(pruned, wanted?.apiVersion ?? lastVersion, management)
  return result === undefined ? pruned : result.object
}

/** The parts of an API object, merged or pruned, know their version. */
const versioned = (object: JsonObject, apiVersion: string, management: FieldManagement): Versioned | undefined =>
  inVersion(object as KubeObject, apiVersion, management)

/** What any manager has, this one's new fields included, stays: asked version by version, the last applied one first. */
function addBackOwned(
  merged: JsonObject,
  pruned: JsonObject,
  prunedVersion: string,
  managers: Managers,
  management: FieldManagement,
): JsonObject {
  const owned = new Map<string, FieldSet>([[prunedVersion, LEAF]])
  for (const { apiVersion, set } of managers.values()) owned.set(apiVersion, union(owned.get(apiVersion) ?? LEAF, set))
  let [current, kept] = [merged, pruned]
  for (const [apiVersion, set] of owned) {
    const mergedThere = versioned(current, apiVersion, management)
    const keptThere = versioned(kept, apiVersion, management)
    if (mergedThere === undefined || keptThere === undefined) continue
    const { object, type } = mergedThere
    const all = withNamedFields(fieldSetOf(object, type), type)
    const left = withNamedFields(fieldSetOf(keptThere.object, type), type)
    const gone = difference(all, union(left, withNamedFields(set, type)))
    current = object
    kept = removeFields(object, gone, type)
  }
  const back = versioned(kept, prunedVersion, management)
  return back === undefined ? pruned : back.object
}

/** What went although the applier never had it (it was inside of something that went) comes back. */
function addBackDangling(merged: JsonObject, pruned: JsonObject, last: FieldSet, { type }: Versioned): JsonObject {
  const left = withNamedFields(fieldSetOf(pruned, type), type)
  const all = withNamedFields(fieldSetOf(merged, type), type)
  return removeFields(merged, intersection(difference(all, left), last), type)
}
