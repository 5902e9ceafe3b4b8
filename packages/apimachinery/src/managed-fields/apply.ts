// Server-side apply (KEP-555): merges what an applier wants into the object, takes away what it wanted before and nobody else
// has, and refuses to change what others manage unless told to.
import { cloneJson, equalJson, isJsonObject } from '../json-tree.ts'
import { StatusError, badRequest, unclassifiedError } from '../status.ts'
import { StructuredMergeError } from '../structured-merge/errors.ts'
import { fieldSetOf } from '../structured-merge/field-set-of.ts'
import { isEmptySet, sorted } from '../structured-merge/field-set.ts'
import { filterFields } from '../structured-merge/filter.ts'
import { mergeObjects } from '../structured-merge/merge.ts'
import { validateValue } from '../structured-merge/validate.ts'
import { formatTime } from '../time.ts'
import { type GroupVersionKind, type JsonObject, type KubeObject, parseApiVersion } from '../types.ts'
import { changeOwners } from './change-owners.ts'
import { type Conflict, conflictError, conflictsOf } from './conflict.ts'
import {
  ManagedFieldsError,
  type Manager,
  type Managers,
  identityOf,
  readManagers,
  withSet,
  writeManagers,
} from './entries.ts'
import { allowedByLastApplied, syncLastApplied } from './last-applied.ts'
import { prune } from './prune.ts'
import { withoutStripped } from './stripped.ts'
import { afterUpdate, reconciled } from './update.ts'
import { Comparisons, type FieldManagement, unmanaged } from './versions.ts'

export interface ApplyRequest {
  readonly manager: string
  readonly force: boolean
  readonly now: Date
  readonly kind: GroupVersionKind
  readonly management: FieldManagement
  /** The merged tree as an object of the kind, with defaults. Throws an Error whose message says what does not fit. */
  finish(merged: JsonObject): KubeObject
}

const BEFORE_FIRST_APPLY = 'before-first-apply'
/** Takes over what the same tool has applied from the client's side. */
const KUBECTL = 'kubectl'

/** The next object; `live` (`management.empty`, for a create) is not changed. StatusError 400, 409, or upstream's 500. */
export function applyObject(live: KubeObject, wanted: JsonObject, request: ApplyRequest): KubeObject {
  const managers = readStored(live)
  checkKind(wanted, request.kind)
  const before = managers.size > 0 ? managers : managersBefore(live, request)
  const result = applyOrTakeOver(live, wanted, before, request)
  const { object } = result
  const entries = writeManagers(result.managers)
  if (entries === undefined) delete object.metadata.managedFields
  else object.metadata.managedFields = entries
  if (request.manager === KUBECTL) syncLastApplied(object, wanted)
  return object
}

function readStored(live: KubeObject): Managers {
  try {
    return readManagers(live.metadata.managedFields, true)
  } catch (error) {
    if (!(error instanceof ManagedFieldsError)) throw error
    throw unclassifiedError(`failed to decode managed fields: ${error.message}`)
  }
}

function managersBefore(live: KubeObject, { management, now, kind }: ApplyRequest): Managers {
  try {
    return afterUpdate(new Map<string, Manager>(), management.empty, live, BEFORE_FIRST_APPLY, management, now)
  } catch (error) {
    if (!(error instanceof StructuredMergeError)) throw error
    // An API object is a JSON tree.
    const what = `failed to convert new object (${describe(live as JsonObject, kind)}) to smd typed`
    throw unclassifiedError(`failed to create manager for existing fields: ${what}: ${error.message}`)
  }
}

interface Applied {
  readonly object: KubeObject
  readonly managers: Managers
}

function applyOrTakeOver(live: KubeObject, wanted: JsonObject, before: Managers, request: ApplyRequest): Applied {
  const result = attempt(live, wanted, before, request, request.force)
  if (!('conflicts' in result)) return result
  if (request.manager !== KUBECTL) throw conflictError(result.conflicts)
  const allowed = allowedByLastApplied(live, request)
  if (allowed === undefined) throw conflictError(result.conflicts)
  const others = result.conflicts.filter(({ path }) => !allowed(path))
  if (others.length > 0) throw conflictError(others)
  const forced = attempt(live, wanted, before, request, true)
  if ('conflicts' in forced) throw conflictError(forced.conflicts)
  return forced
}

function attempt(
  live: KubeObject,
  wanted: JsonObject,
  before: Managers,
  request: ApplyRequest,
  force: boolean,
): Applied | { readonly conflicts: Conflict[] } {
  const { management, manager: name, now } = request
  const { type, apiVersion, subresource, filter } = management
  refuseManagedFields(wanted)
  refuseOtherTypes(wanted, request)
  const current = unmanaged(live)
  const merged = structured('failed to merge config', () => mergeObjects(current, wanted, type))
  const self = { manager: name, operation: 'Apply', apiVersion, subresource } as const
  const identity = identityOf(self)
  const managers = reconciled(before, management)
  const last = managers.get(identity)
  const set = sorted(filterFields(fieldSetOf(wanted, type), filter))
  managers.set(identity, { ...self, time: last?.time, set, entry: undefined })
  const pruned = structured('failed to prune fields', () => prune(merged, managers, identity, last, management))
  const next = pruned as KubeObject // A merged object has the parts of the live one.
  const changed = structured('failed to compare objects', () =>
    changeOwners(managers, new Comparisons(live, next, management), identity, force),
  )
  if ('conflicts' in changed) return { conflicts: conflictsOf(changed.conflicts, managers) }
  const isSame = equalJson(current, pruned)
  const object = isSame ? (cloneJson(current) as KubeObject) : finish(pruned, wanted, request) // Equal to an API object.
  settle(changed.managers, identity, isSame ? last?.time : formatTime(now))
  return { object, managers: changed.managers }
}

/** What the applier's own entry says in the end. Upstream leaves out the time of a new one that changed nothing. */
function settle(managers: Managers, identity: string, time: string | undefined): void {
  const entry = managers.get(identity)
  if (entry === undefined) return
  const stripped = withSet({ ...entry, time }, withoutStripped(entry.set))
  if (isEmptySet(stripped.set)) managers.delete(identity)
  else managers.set(identity, stripped)
}

function finish(pruned: JsonObject, wanted: JsonObject, request: ApplyRequest): KubeObject {
  try {
    return request.finish(pruned)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw unclassifiedError(
      `failed to convert new object (${describe(wanted, request.kind)}) to proper version: ${error.message}`,
    )
  }
}

function structured<Result>(what: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof StructuredMergeError) throw unclassifiedError(`${what}: ${error.message}`)
    throw error
  }
}

function checkKind(wanted: JsonObject, expected: GroupVersionKind): void {
  const { group, version, kind } = kindOf(wanted)
  if (group === expected.group && version === expected.version && kind === expected.kind) return
  throw badRequest(`invalid object type: ${kindText({ group, version, kind })}`)
}

function kindOf({ apiVersion, kind }: JsonObject): GroupVersionKind {
  const parsed = typeof apiVersion === 'string' ? parseApiVersion(apiVersion) : undefined
  if (parsed === undefined && typeof apiVersion === 'string') return { group: '', version: '', kind: '' }
  return { group: '', version: '', ...parsed, kind: typeof kind === 'string' ? kind : '' }
}

const kindText = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}, Kind=${kind}`

function refuseManagedFields(wanted: JsonObject): void {
  const { metadata } = wanted
  if (isJsonObject(metadata) && Array.isArray(metadata['managedFields'])) {
    throw badRequest('metadata.managedFields must be nil')
  }
}

function refuseOtherTypes(wanted: JsonObject, { kind, management }: ApplyRequest): void {
  const problems = validateValue(wanted, management.type)
  if (problems.length === 0) return
  const { message } = new StructuredMergeError(problems)
  throw unclassifiedError(`failed to create typed patch object (${describe(wanted, kind)}): ${message}`)
}

/** `namespace/name; group/version, Kind=Kind`, as the applied object says them. */
function describe({ metadata }: JsonObject, kind: GroupVersionKind): string {
  const { namespace, name } = isJsonObject(metadata) ? metadata : {}
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  return `${text(namespace)}/${text(name)}; ${kindText(kind)}`
}
