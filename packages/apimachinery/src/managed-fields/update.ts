// What a create, an update or a patch makes of managedFields: the manager owns what it changed, whoever had it before.
import { type FieldSet, LEAF, isEmptySet, sorted, union } from '../structured-merge/field-set.ts'
import { filterFields } from '../structured-merge/filter.ts'
import { reconcileWithSchema } from '../structured-merge/reconcile.ts'
import { equalJson } from '../json-tree.ts'
import { StructuredMergeError } from '../structured-merge/errors.ts'
import { formatTime } from '../time.ts'
import type { JsonObject, KubeObject } from '../types.ts'
import { capUpdateManagers } from './cap.ts'
import { changeOwners } from './change-owners.ts'
import { CreatedFields } from './created-fields.ts'
import {
  ManagedFieldsError,
  type Manager,
  type Managers,
  identityOf,
  isReset,
  readManagers,
  withSet,
  writeManagers,
} from './entries.ts'
import { withoutStripped } from './stripped.ts'
import { Comparisons, type FieldManagement } from './versions.ts'

const NOBODY = ''

/**
 * Sets next.metadata.managedFields, in place. `live`: the object as it is stored; for a create, `management.empty`.
 * What a client says there is taken over, but through subresources, and but for what cannot be read. An object whose
 * managers were cleared stays without until the next apply.
 */
export function trackUpdate(
  live: KubeObject,
  next: KubeObject,
  manager: string,
  management: FieldManagement,
  now: Date,
): void {
  const managers = managersOf(live, next, management.subresource !== '')
  delete next.metadata.managedFields
  if (managers.size === 0 && live.metadata.uid) return
  try {
    const entries = writeManagers(afterUpdate(managers, live, next, manager, management, now))
    if (entries !== undefined) next.metadata.managedFields = entries
  } catch (error) {
    // As upstream does: an object whose items cannot be told apart goes without managers, and is written all the same.
    if (!(error instanceof StructuredMergeError)) throw error
  }
}

function managersOf(live: KubeObject, next: KubeObject, isSubresource: boolean): Managers {
  const said = next.metadata.managedFields
  if (!isSubresource && said !== undefined) {
    if (isReset(said)) return new Map()
    // Most clients send back what they have read.
    if (!equalJson(said, live.metadata.managedFields)) {
      const managers = readOr(said, false)
      if (managers !== undefined && managers.size > 0) return managers
    }
  }
  return readOr(live.metadata.managedFields, true) ?? new Map<string, Manager>()
}

function readOr(entries: KubeObject['metadata']['managedFields'], isOurs: boolean): Managers | undefined {
  try {
    return readManagers(entries, isOurs)
  } catch (error) {
    if (error instanceof ManagedFieldsError) return undefined
    throw error
  }
}

/** StructuredMergeError. */
export function afterUpdate(
  managers: Managers,
  live: KubeObject,
  next: KubeObject,
  name: string,
  management: FieldManagement,
  now: Date,
): Managers {
  const { apiVersion, subresource } = management
  const comparisons = new Comparisons(live, next, management)
  const changed = changeOwners(reconciled(managers, management), comparisons, NOBODY, true)
  const result = 'managers' in changed ? changed.managers : managers
  const set =
    live === management.empty ? setFields(next, comparisons, management) : changedFields(comparisons, management)
  if (!isEmptySet(set)) {
    const self = { manager: name === '' ? 'unknown' : name, operation: 'Update', apiVersion, subresource } as const
    const identity = identityOf(self)
    const before = result.get(identity)?.set ?? LEAF
    result.set(identity, { ...self, time: formatTime(now), set: union(before, set), entry: undefined })
  }
  capUpdateManagers(result)
  return result
}

function changedFields(comparisons: Comparisons, { apiVersion, filter }: FieldManagement): FieldSet {
  const { modified, added } = comparisons.in(apiVersion) ?? { modified: LEAF, added: LEAF }
  return sorted(withoutStripped(filterFields(union(modified, added), filter)))
}

/** The same for a new object. */
function setFields(next: KubeObject, comparisons: Comparisons, management: FieldManagement): FieldSet {
  const { type, empty, apiVersion } = management
  const make = (): FieldSet => changedFields(comparisons, management)
  if (next.apiVersion !== apiVersion || next.metadata.managedFields !== undefined) return make()
  let created = createdFields.get(management)
  if (created === undefined) {
    created = new CreatedFields()
    createdFields.set(management, created)
  }
  return created.of(next as JsonObject, empty as JsonObject, type, make) // API objects are JSON trees.
}

const createdFields = new WeakMap<FieldManagement, CreatedFields>()

/** Without the managers of versions that are gone, and with sets that fit the schema. */
export function reconciled(managers: Managers, management: FieldManagement): Managers {
  const result: Managers = new Map()
  for (const [identity, manager] of managers) {
    const isHere = manager.apiVersion === management.apiVersion
    const type = isHere ? management.type : management.typeIn(manager.apiVersion)
    if (type !== undefined) result.set(identity, withSet(manager, reconcileWithSchema(manager.set, type)))
  }
  return result
}
