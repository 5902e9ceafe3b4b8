// Update: read, let the caller make the next object, check it, write it guarded by the revision read; again after a lost race.
//
// The first attempt starts from the cache, which may lag behind: an attempt that fails there is repeated on what the store
// says before its error is believed. So the usual update costs one transaction and no read.
import {
  type KubeObject,
  OPTIMISTIC_LOCK,
  StatusError,
  conflict,
  fieldInvalid,
  invalid,
  notFound,
} from '@keelson/apimachinery'
import { admissionAttributes } from './admission.ts'
import { admissionNamespace, createByUpdate } from './create.ts'
import { removeFinalized } from './delete.ts'
import { emptyObjectOf, keepTimes, trackFields } from './field-management.ts'
import { equalTrees } from './json-tree.ts'
import { hasNamespaceFinalizers } from './namespace-deletion.ts'
import { dropDuplicateOwners } from './owner-references.ts'
import {
  type CurrentObject,
  type RegistryParts,
  announceWrite,
  cachedCurrent,
  currentOf,
  encodeTracked,
  groupResourceOf,
  storageKeyOf,
  storedCurrent,
  storedResult,
  unstoredResult,
  writeOptionsOf,
} from './parts.ts'
import { type YieldTurn, yieldsFor } from './turns.ts'
import { parseResourceVersion } from './resource-version.ts'
import type { Reservation, StoredResult, UpdatePart, UpdateTransform, WriteContext } from './types.ts'
import { checkUpdate, strategyContextOf } from './validation.ts'

export type UpdateResult = StoredResult & { readonly created: boolean }

interface UpdateRequest {
  readonly namespace: string
  readonly name: string
  readonly transform: UpdateTransform
  readonly part: UpdatePart
  readonly context: WriteContext
  readonly uid: string | undefined
  /** An object that is not there is created, whatever the kind says of updates. */
  readonly createsMissing: boolean
}

export async function updateObject(parts: RegistryParts, request: UpdateRequest): Promise<UpdateResult> {
  const key = storageKeyOf(parts, request.namespace, request.name)
  let next = cachedCurrent(parts, request.namespace, request.name) ?? (await storedCurrent(parts, key))
  for (;;) {
    request.context.signal?.throwIfAborted()
    const current = next
    if (current === undefined) {
      const created = await createMissing(parts, request)
      if (created !== undefined) return created
      next = await storedCurrent(parts, key)
      continue
    }
    try {
      const outcome = await attempt(parts, request, current)
      if (outcome.done) return { ...outcome.result, created: false }
      next = outcome.current
    } catch (error) {
      if (current.fresh || !(error instanceof StatusError)) throw error
      const stored = await storedCurrent(parts, key)
      if (stored !== undefined && stored.revision === current.revision) throw error
      next = stored
    }
  }
}

type Attempt =
  | { readonly done: true; readonly result: StoredResult }
  | { readonly done: false; readonly current: CurrentObject | undefined }

async function attempt(parts: RegistryParts, request: UpdateRequest, current: CurrentObject): Promise<Attempt> {
  const { namespace, name, context, part } = request
  const old = current.object
  checkUid(parts, request, old)
  const yieldTurn = context.yieldTurn ?? yieldsFor(current.bytes)
  await yieldTurn?.()
  const next = await request.transform(old)
  await yieldTurn?.()
  parts.strategy.default?.(next)
  await yieldTurn?.()
  trackFields(parts, old, next, context)
  await yieldTurn?.()
  const attributes = admissionAttributes(
    'UPDATE',
    parts.definition,
    { namespace: admissionNamespace(parts, namespace, name), name },
    { object: next, oldObject: old },
    context,
  )
  await parts.admission.mutate(attributes)
  dropDuplicateOwners(next, context, 'after')
  checkResourceVersion(parts, request, next, current)

  const reservation = await parts.hooks?.begin?.(next, old, context)
  let isKept = false
  try {
    checkUpdate(parts, next, old, part, namespace, strategyContextOf(context, parts.now()), context)
    await yieldTurn?.()
    await parts.admission.validate(attributes)
    if (isFinalized(next, old)) {
      const retry = await removeFinalized(parts, request, current)
      if (retry !== undefined) return { done: false, current: retry }
      next.metadata.resourceVersion = String(current.revision)
      return { done: true, result: unstoredResult(parts, next, current.revision) }
    }
    const outcome = await write(parts, request, next, current, yieldTurn)
    isKept = outcome.done && !context.dryRun
    return outcome
  } catch (error) {
    // Anything but a refusal may have been written all the same: what was reserved for it must stay.
    isKept = !(error instanceof StatusError) && !context.dryRun
    throw error
  } finally {
    await settle(reservation, isKept)
  }
}

async function settle(reservation: Reservation | undefined, isKept: boolean): Promise<void> {
  if (isKept) await reservation?.commit()
  else await reservation?.rollback()
}

async function write(
  parts: RegistryParts,
  { namespace, name, context }: UpdateRequest,
  next: KubeObject,
  current: CurrentObject,
  yieldTurn: YieldTurn | undefined,
): Promise<Attempt> {
  const key = storageKeyOf(parts, namespace, name)
  // Never stored; a dry run tells it as it was sent.
  if (!context.dryRun) delete next.metadata.selfLink
  keepTimes(next, current.object)
  const isUnchanged = equalTrees(next, current.object)
  if (context.dryRun || (isUnchanged && current.fresh)) {
    return { done: true, result: unstoredResult(parts, next, current.revision) }
  }
  if (isUnchanged) {
    const stored = await storedCurrent(parts, key)
    if (stored === undefined || stored.revision !== current.revision) return { done: false, current: stored }
    return { done: true, result: unstoredResult(parts, next, current.revision) }
  }
  await yieldTurn?.()
  const json = encodeTracked(parts, next, context)
  await yieldTurn?.()
  announceWrite(parts, key, json, next)
  const outcome = await parts.storage.update(key, current.revision, json.bytes, writeOptionsOf(parts))
  switch (outcome.outcome) {
    case 'updated':
      return { done: true, result: storedResult(parts, next, json.bytes, outcome.revision) }
    case 'conflict':
      return { done: false, current: currentOf(parts, outcome.current) }
    case 'missing':
      return { done: false, current: undefined }
  }
}

/** Undefined: it was created meanwhile, the update goes on with it. */
async function createMissing(parts: RegistryParts, request: UpdateRequest): Promise<UpdateResult | undefined> {
  const { namespace, name, context } = request
  // An apply creates through the resource itself; a kind that is created by updates, through its status too.
  const creates =
    (request.createsMissing && request.part === 'main') ||
    (parts.strategy.allowCreateOnUpdate === true && request.part !== 'raw')
  if (!creates) throw notFound(groupResourceOf(parts), name)
  const next = await request.transform(emptyObjectOf(parts))
  parts.strategy.default?.(next)
  await context.yieldTurn?.()
  trackFields(parts, undefined, next, context)
  await context.yieldTurn?.()
  try {
    return { ...(await createByUpdate(parts, namespace, next, context)), created: true }
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'AlreadyExists' && !context.dryRun) return undefined
    throw error
  }
}

/** The last finalizer went, and nothing else holds the object. */
function isFinalized(next: KubeObject, old: KubeObject): boolean {
  if (next.metadata.finalizers !== undefined && next.metadata.finalizers.length > 0) return false
  if (old.metadata.deletionTimestamp === undefined || (old.metadata.deletionGracePeriodSeconds ?? 0) !== 0) return false
  return next.kind !== 'Namespace' || next.apiVersion !== 'v1' || !hasNamespaceFinalizers(next)
}

function checkUid(parts: RegistryParts, { namespace, name, uid }: UpdateRequest, { metadata }: KubeObject): void {
  if (uid === undefined || uid === metadata.uid) return
  const key = storageKeyOf(parts, namespace, name)
  throw conflict(
    groupResourceOf(parts),
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ` +
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
  )
}

/** What the next object says of the version it replaces; afterwards it names the one it does replace. */
function checkResourceVersion(
  parts: RegistryParts,
  { name }: UpdateRequest,
  next: KubeObject,
  current: CurrentObject,
): void {
  const named = parseResourceVersion(next.metadata.resourceVersion)
  const { group, resource } = groupResourceOf(parts)
  if (named === 0 && parts.strategy.allowUnconditionalUpdate === false) {
    const error = fieldInvalid('metadata.resourceVersion', 0, 'must be specified for an update')
    throw invalid({ group, kind: resource }, name, [error])
  }
  if (named !== 0 && named !== current.revision) throw conflict({ group, resource }, name, OPTIMISTIC_LOCK)
  next.metadata.resourceVersion = String(current.revision)
}
