// Delete: plan what the request means for the object as it stands, then mark it, remove it, or both; again after a lost race.
import { type KubeObject, StatusError, conflict, notFound, cloneJson } from '@keelson/apimachinery'
import type { Revision } from '@keelson/storage'
import { admissionAttributes } from './admission.ts'
import { admissionNamespace } from './create.ts'
import { orphansByDefault, planDeletion } from './deletion-plan.ts'
import { equalTrees } from './json-tree.ts'
import { planNamespaceDeletion } from './namespace-deletion.ts'
import {
  type CurrentObject,
  type RegistryParts,
  announceWrite,
  cachedCurrent,
  currentOf,
  encode,
  groupKindOf,
  groupResourceOf,
  storageKeyOf,
  storedCurrent,
  storedResult,
  unstoredResult,
  writeOptionsOf,
} from './parts.ts'
import type { DeleteOptions, StoredResult, WriteContext } from './types.ts'

export interface DeleteResult {
  readonly deleted: boolean
  readonly result: StoredResult
}

interface DeleteRequest {
  readonly namespace: string
  readonly name: string
  readonly options: DeleteOptions
  readonly context: WriteContext
}

export async function deleteObject(parts: RegistryParts, request: DeleteRequest): Promise<DeleteResult> {
  warnOfOrphans(parts, request)
  const key = storageKeyOf(parts, request.namespace, request.name)
  let next = cachedCurrent(parts, request.namespace, request.name) ?? (await storedCurrent(parts, key))
  for (;;) {
    request.context.signal?.throwIfAborted()
    const current = next
    if (current === undefined) throw notFound(groupResourceOf(parts), request.name)
    try {
      const outcome = await attempt(parts, request, current)
      if (outcome.done) return outcome.result
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
  | { readonly done: true; readonly result: DeleteResult }
  | { readonly done: false; readonly current: CurrentObject | undefined }

async function attempt(parts: RegistryParts, request: DeleteRequest, current: CurrentObject): Promise<Attempt> {
  checkPreconditions(parts, request, current.object)
  const object = cloneJson(current.object)
  const plan = planOf(parts, object, request.options)
  if (plan.kind === 'pending') return done(false, unstoredResult(parts, current.object, current.revision))
  await admit(parts, request, current.object)
  if (plan.kind === 'remove') return remove(parts, request, object, current.revision, false)

  const marked = await mark(parts, request, object, current)
  if (marked.current !== undefined || marked.result === undefined) return { done: false, current: marked.current }
  if (!plan.thenRemove) return done(false, marked.result)
  if (request.options.dryRun) return done(true, marked.result)
  return remove(parts, request, object, marked.result.revision, true)
}

const done = (deleted: boolean, result: StoredResult): Attempt => ({ done: true, result: { deleted, result } })

function planOf(parts: RegistryParts, object: KubeObject, options: DeleteOptions): ReturnType<typeof planDeletion> {
  const { definition, strategy } = parts
  if (definition.group === '' && definition.resource === 'namespaces') {
    const plan = planNamespaceDeletion(object, options, parts.now())
    if (plan !== undefined) return plan
  }
  return planDeletion(definition, strategy, object, options, parts.now())
}

async function admit(
  parts: RegistryParts,
  { namespace, name, context }: DeleteRequest,
  oldObject: KubeObject,
): Promise<void> {
  const where = { namespace: admissionNamespace(parts, namespace, name), name }
  const attributes = admissionAttributes('DELETE', parts.definition, where, { oldObject }, context)
  await parts.admission.mutate(attributes)
  await parts.admission.validate(attributes)
}

/** Writes the marked object. `current` is what to try again with, after a lost race. */
async function mark(
  parts: RegistryParts,
  { namespace, name, options }: DeleteRequest,
  object: KubeObject,
  current: CurrentObject,
): Promise<{ readonly result?: StoredResult; readonly current?: CurrentObject }> {
  const key = storageKeyOf(parts, namespace, name)
  const isUnchanged = equalTrees(object, current.object)
  if (isUnchanged && !current.fresh) {
    const stored = await storedCurrent(parts, key)
    if (stored === undefined) return {}
    if (stored.revision !== current.revision) return { current: stored }
  }
  if (options.dryRun || isUnchanged) return { result: unstoredResult(parts, object, current.revision) }
  const json = encode(parts, object)
  announceWrite(parts, key, json, object)
  const outcome = await parts.storage.update(key, current.revision, json.bytes, writeOptionsOf(parts))
  if (outcome.outcome === 'updated') return { result: storedResult(parts, object, json.bytes, outcome.revision) }
  return outcome.outcome === 'conflict' ? { current: currentOf(parts, outcome.current) } : {}
}

/** `wasMarked`: by this request, so that its absence now means that someone else has finished the deletion. */
async function remove(
  parts: RegistryParts,
  { namespace, name, options }: DeleteRequest,
  object: KubeObject,
  revision: Revision,
  wasMarked: boolean,
): Promise<Attempt> {
  if (options.dryRun) return done(true, unstoredResult(parts, object, revision))
  const outcome = await parts.storage.delete(storageKeyOf(parts, namespace, name), revision)
  if (outcome.outcome === 'conflict') return { done: false, current: currentOf(parts, outcome.current) }
  if (outcome.outcome === 'missing' && !wasMarked) return { done: false, current: undefined }
  const last = outcome.outcome === 'deleted' ? outcome.revision : revision
  object.metadata.resourceVersion = String(last)
  await parts.hooks?.afterDelete?.(object)
  return done(true, unstoredResult(parts, object, last))
}

/**
 * The second half of an update that took the last finalizer off: the object goes. Returns what to try again with after a
 * lost race; undefined when it is gone.
 */
export async function removeFinalized(
  parts: RegistryParts,
  request: { readonly namespace: string; readonly name: string; readonly context: WriteContext },
  current: CurrentObject,
): Promise<CurrentObject | undefined> {
  if (request.context.dryRun) return undefined
  const outcome = await parts.storage.delete(storageKeyOf(parts, request.namespace, request.name), current.revision)
  if (outcome.outcome === 'conflict') return currentOf(parts, outcome.current)
  await parts.hooks?.afterDelete?.(current.object)
  return undefined
}

function checkPreconditions(parts: RegistryParts, { name, options }: DeleteRequest, { metadata }: KubeObject): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const { group, kind } = groupKindOf(parts)
  const isNamespace = kind === 'Namespace' && group === ''
  const refused = isNamespace ? groupResourceOf(parts) : { group, resource: kind }
  if (uid !== undefined && uid !== metadata.uid) {
    const why = isNamespace
      ? `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
      : `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(refused, name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = isNamespace
      ? `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`
      : `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(refused, name, why)
  }
}

function warnOfOrphans({ definition }: RegistryParts, { options, context }: DeleteRequest): void {
  if (definition.resource !== 'jobs' || !orphansByDefault(definition)) return
  if (options.propagationPolicy !== undefined || options.orphanDependents !== undefined) return
  context.addWarning(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set ' +
      'propagationPolicy=Orphan to suppress this warning',
  )
}
