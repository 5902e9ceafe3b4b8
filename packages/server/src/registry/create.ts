// Create: from a decoded object to a stored one. The order of the steps is upstream's, as errors are told by it.
import { ensureNamespace, generateName, prepareMetadataForCreate } from '@keelson/api'
import { type KubeObject, StatusError, alreadyExists, conflict, cloneJson } from '@keelson/apimachinery'
import { toRevision } from '@keelson/storage'
import { admissionAttributes } from './admission.ts'
import { trackFields } from './field-management.ts'
import { dropDuplicateOwners } from './owner-references.ts'
import {
  type RegistryParts,
  announceWrite,
  currentOf,
  encodeTracked,
  groupResourceOf,
  storageKeyOf,
  storedCurrent,
  storedResult,
  unstoredResult,
  writeOptionsOf,
} from './parts.ts'
import { parseResourceVersion } from './resource-version.ts'
import type { StoredResult, WriteContext } from './types.ts'
import { checkCreate, strategyContextOf } from './validation.ts'

/** Names are tried this often before a generateName conflict is told: 0.1 % of conflicts then take a million names. */
const MAX_NAME_ATTEMPTS = 8

export async function createObject(
  parts: RegistryParts,
  namespace: string,
  object: KubeObject,
  context: WriteContext,
): Promise<StoredResult> {
  wipeSystemFields(object)
  parts.strategy.default?.(object)
  ensureNamespace(object.metadata, parts.definition.namespaced ? namespace : '')
  dropDuplicateOwners(object, context, 'before')
  await context.yieldTurn?.()
  trackFields(parts, undefined, object, context)
  await context.yieldTurn?.()
  const { metadata } = object
  const where = { namespace: admissionNamespace(parts, namespace, metadata.name ?? ''), name: metadata.name ?? '' }
  await parts.admission.mutate(admissionAttributes('CREATE', parts.definition, where, { object }, context))
  dropDuplicateOwners(object, context, 'after')

  if (metadata.name || !metadata.generateName) return createNamed(parts, namespace, object, context)
  for (let attempt = 1; ; attempt++) {
    const candidate = attempt < MAX_NAME_ATTEMPTS ? cloneJson(object) : object
    candidate.metadata.name = generateName(metadata.generateName)
    try {
      return await createNamed(parts, namespace, candidate, context)
    } catch (error) {
      const isTaken = error instanceof StatusError && error.reason === 'AlreadyExists'
      if (!isTaken || attempt === MAX_NAME_ATTEMPTS) throw error
    }
  }
}

/** Creating through PUT or an apply: the user was allowed to update, and mutating admission has not seen the object yet. */
export async function createByUpdate(
  parts: RegistryParts,
  namespace: string,
  object: KubeObject,
  context: WriteContext,
): Promise<StoredResult> {
  const { metadata } = object
  if (metadata.uid) {
    const why =
      `StorageError: invalid object, Code: 4, Key: ${keyText(parts, namespace, metadata.name ?? '', context.dryRun)}, ` +
      `ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: `
    throw conflict(groupResourceOf(parts), metadata.name ?? '', why)
  }
  const where = { namespace, name: metadata.name ?? '' }
  await parts.admission.mutate(admissionAttributes('CREATE', parts.definition, where, { object }, context))
  dropDuplicateOwners(object, context, 'after')
  // Of no consequence but that it can be read.
  parseResourceVersion(metadata.resourceVersion)
  return createNamed(parts, namespace, object, context, true)
}

async function createNamed(
  parts: RegistryParts,
  namespace: string,
  object: KubeObject,
  context: WriteContext,
  isUpdate = false,
): Promise<StoredResult> {
  const { metadata } = object
  const now = parts.now()
  prepareMetadataForCreate(metadata, parts.definition.namespaced ? namespace : '', now)
  const reservation = await parts.hooks?.begin?.(object, undefined, context)
  let isKept = false
  try {
    checkCreate(parts, object, strategyContextOf(context, now), context)
    await context.yieldTurn?.()
    if (isUpdate) context.authorizeCreate?.()
    const name = metadata.name ?? ''
    const where = { namespace: admissionNamespace(parts, namespace, name), name }
    await parts.admission.validate(admissionAttributes('CREATE', parts.definition, where, { object }, context))
    // Upstream's store does not mind what is no number.
    if (!isUpdate && /^0*[1-9][0-9]*$/.test(metadata.resourceVersion ?? '')) {
      throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created')
    }
    const result = await store(parts, namespace, name, object, context)
    isKept = !context.dryRun
    return result
  } catch (error) {
    // Anything but a refusal may have been written all the same: what was reserved for it must stay.
    isKept = !(error instanceof StatusError) && !context.dryRun
    throw error
  } finally {
    if (isKept) await reservation?.commit()
    else await reservation?.rollback()
  }
}

async function store(
  parts: RegistryParts,
  namespace: string,
  name: string,
  object: KubeObject,
  context: WriteContext,
): Promise<StoredResult> {
  const key = storageKeyOf(parts, namespace, name)
  delete object.metadata.resourceVersion
  if (!context.dryRun) delete object.metadata.selfLink
  await context.yieldTurn?.()
  const json = encodeTracked(parts, object, context)
  await context.yieldTurn?.()
  if (context.dryRun) {
    const existing = await storedCurrent(parts, key)
    if (existing !== undefined) throw existsError(parts, object, existing.object)
    return unstoredResult(parts, object, toRevision(0))
  }
  announceWrite(parts, key, json, object)
  const outcome = await parts.storage.create(key, json.bytes, writeOptionsOf(parts))
  if (outcome.outcome === 'created') return storedResult(parts, object, json.bytes, outcome.revision)
  throw existsError(parts, object, currentOf(parts, outcome.current).object)
}

function existsError(parts: RegistryParts, object: KubeObject, existing: KubeObject): StatusError {
  const { name = '', generateName } = object.metadata
  const resource = groupResourceOf(parts)
  const error = alreadyExists(resource, name)
  const beingDeleted = existing.metadata.deletionTimestamp ? 'object is being deleted: ' : ''
  const generated = generateName ? ', the server was not able to generate a unique name for the object' : ''
  if (beingDeleted === '' && generated === '') return error
  const details = { ...error.status.details, ...(generateName && { retryAfterSeconds: 1 }) }
  return new StatusError(409, 'AlreadyExists', `${beingDeleted}${error.message}${generated}`, details)
}

/** As upstream's messages have it: without the store's prefix in a dry run. */
function keyText(parts: RegistryParts, namespace: string, name: string, dryRun: boolean): string {
  const key = storageKeyOf(parts, namespace, name)
  if (!dryRun) return key
  const own = parts.definition.storage?.prefix.replace('/registry', '') ?? ''
  return own + key.slice(parts.keyPrefix.length)
}

/** What only the server sets. A client that sends an object it has read may have them in it. */
function wipeSystemFields({ metadata }: KubeObject): void {
  delete metadata.uid
  delete metadata.creationTimestamp
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
}

/** Admission of a namespace sees the namespace as being in itself. */
export function admissionNamespace({ definition }: RegistryParts, namespace: string, name: string): string {
  return definition.resource === 'namespaces' && definition.group === '' ? name : namespace
}
