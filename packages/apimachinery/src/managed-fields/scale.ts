// The managers of a workload's replicas as managers of its Scale, and back: a write of the scale is a write of that one field.
import { type FieldSet, LEAF, difference, hasField, isEmptySet } from '../structured-merge/field-set.ts'
import type { JsonObject } from '../types.ts'
import { type Managers, readManagers, withSet, writeManagers } from './entries.ts'

const PATH = ['f:spec', 'f:replicas']
const REPLICAS: FieldSet = { 'f:spec': { 'f:replicas': LEAF } }
const SCALE_VERSION = 'autoscaling/v1'

/** `apiVersion` is the workload's. ManagedFieldsError. */
export function scaleManagedFields(
  entries: readonly JsonObject[] | undefined,
  apiVersion: string,
): JsonObject[] | undefined {
  const managers: Managers = new Map()
  for (const [identity, manager] of readManagers(entries, true)) {
    if (manager.apiVersion !== apiVersion || !hasField(manager.set, PATH)) continue
    managers.set(identity, { ...manager, apiVersion: SCALE_VERSION, set: REPLICAS, entry: undefined })
  }
  return writeManagers(managers)
}

/**
 * The workload's managers after its Scale was written. Who does not manage the Scale's replicas any more loses the
 * workload's; who is new there gets them, without a time, as upstream has it. ManagedFieldsError.
 */
export function managedFieldsFromScale(
  entries: readonly JsonObject[] | undefined,
  scaleEntries: readonly JsonObject[] | undefined,
  apiVersion: string,
): JsonObject[] | undefined {
  const ofScale = readManagers(scaleEntries, true)
  const managers: Managers = new Map()
  for (const [identity, manager] of readManagers(entries, true)) {
    if (manager.apiVersion !== apiVersion) continue
    const keeps = !hasField(manager.set, PATH) || ofScale.delete(identity)
    const set = keeps ? manager.set : difference(manager.set, REPLICAS)
    if (!isEmptySet(set)) managers.set(identity, withSet(manager, set))
  }
  for (const [identity, manager] of ofScale) {
    if (!hasField(manager.set, PATH)) continue
    managers.set(identity, { ...manager, apiVersion, time: undefined, set: REPLICAS, entry: undefined })
  }
  return writeManagers(managers)
}
