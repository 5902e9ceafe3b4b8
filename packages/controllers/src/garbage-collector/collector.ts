// Judges the objects that the graph points out, each against the server as it is now, never by the graph alone.
//
//   has an owner that stays              nothing, or only its references to owners that are gone or going are removed
//   every owner is gone                  deleted (as its own finalizers say, else in the background)
//   an owner waits for it, it has own    deleted in the foreground: its dependents go before it
//   it waits for its dependents          those that block it are judged; when none is left its finalizer is removed
import { type KubeObject, type OwnerReference, StatusError } from '@keelson/apimachinery'
import type { ControllerLogger } from '../controller.ts'
import type { AbsentOwners } from './absent-owners.ts'
import { type CollectorApi, NamespacedOwner } from './api.ts'
import type { Graph } from './graph.ts'
import { describe, identityOf } from './identity.ts'
import type { Node } from './node.ts'

export interface CollectorParts {
  readonly api: CollectorApi
  readonly graph: Graph
  readonly absentOwners: AbsentOwners
  readonly logger: ControllerLogger
  /** Judges another node. */
  readonly enqueue: (node: Node) => void
}

/** Dependents that are freed of their owner at a time. */
const ORPHANED_AT_ONCE = 20

interface Verdict {
  /** Owners that exist and stay. */
  readonly solid: OwnerReference[]
  readonly dangling: OwnerReference[]
  /** Owners that exist and wait for their dependents to go. */
  readonly waiting: OwnerReference[]
}

/** True: settled for now. False: it is virtual still, and is to be looked at again. Throws to be tried again. */
export async function attemptToDelete(parts: CollectorParts, node: Node, signal: AbortSignal): Promise<boolean> {
  const { api, graph } = parts
  // Removed since it was pointed out, or on its way, which ends with its removal.
  if (!graph.has(node) || (node.isBeingDeleted && !node.isDeletingDependents)) return true
  const { identity } = node
  try {
    const latest = await api.get(identity, signal)
    if (latest === undefined || latest.metadata.uid !== identity.uid) {
      graph.removeAbsent(identity)
      return true
    }
    if (node.isDeletingDependents) await waitForDependents(parts, node, signal)
    else if ((latest.metadata.ownerReferences ?? []).length > 0) await judge(parts, node, latest, signal)
    // A virtual node is kept until a watch shows the object or its end: both may have been missed between two watches.
    return !node.isVirtual
  } catch (error) {
    if (!(error instanceof NamespacedOwner)) throw error
    return true // Never becomes true, however often it is tried.
  }
}

async function waitForDependents({ api, enqueue }: CollectorParts, node: Node, signal: AbortSignal): Promise<void> {
  const blocking = node.blockingDependents
  if (blocking.length === 0) await api.removeFinalizer(node.identity, 'foregroundDeletion', signal)
  for (const dependent of blocking) if (!dependent.isDeletingDependents) enqueue(dependent)
}

async function judge(parts: CollectorParts, node: Node, latest: KubeObject, signal: AbortSignal): Promise<void> {
  const { api, graph, logger } = parts
  const { identity } = node
  const { solid, dangling, waiting } = await classify(parts, node, latest.metadata.ownerReferences ?? [], signal)
  if (solid.length > 0) {
    const uids = [...dangling, ...waiting].map(({ uid }) => uid)
    if (uids.length > 0) await api.removeOwners(identity, uids, signal)
    return
  }
  let policy = policyOf(latest)
  if (waiting.length > 0 && node.dependents.size > 0) {
    // Two that wait for each other would wait for ever. The change makes the deletion below a conflict, and this is done again.
    const isCircle = [...node.dependents].some(({ isDeletingDependents }) => isDeletingDependents)
    if (isCircle) await api.unblockOwners(identity, node.owners, signal)
    policy = 'Foreground'
  }
  logger.debug({ object: describe(identity), policy }, 'deleting an object without an owner')
  if (!(await api.delete(identity, latest, policy, signal))) graph.removeAbsent(identity)
}

/** A finalizer of the collector that is there already says how it is to go. */
function policyOf({ metadata: { finalizers = [] } }: KubeObject): 'Orphan' | 'Foreground' | 'Background' {
  if (finalizers.includes('orphan')) return 'Orphan'
  return finalizers.includes('foregroundDeletion') ? 'Foreground' : 'Background'
}

async function classify(
  parts: CollectorParts,
  node: Node,
  references: readonly OwnerReference[],
  signal: AbortSignal,
): Promise<Verdict> {
  const verdict: Verdict = { solid: [], dangling: [], waiting: [] }
  for (const reference of references) {
    const owner = await liveOwner(parts, node, reference, signal)
    if (owner === undefined) verdict.dangling.push(reference)
    else if (isWaiting(owner)) verdict.waiting.push(reference)
    else verdict.solid.push(reference)
  }
  return verdict
}

const isWaiting = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes('foregroundDeletion') === true

/** Undefined: it does not exist. */
async function liveOwner(
  { api, absentOwners }: CollectorParts,
  { identity: { namespace, ...item } }: Node,
  reference: OwnerReference,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  if (absentOwners.has(identityOf(reference, '')) || absentOwners.has(identityOf(reference, namespace)))
    return undefined
  const { namespaced } = api.resourceOf(reference.apiVersion, reference.kind)
  if (namespaced && namespace === '') {
    throw new NamespacedOwner(`${item.kind} ${item.name} is cluster-scoped and refers to a namespaced owner`)
  }
  const owner = identityOf(reference, namespaced ? namespace : '')
  const found = await api.get(owner, signal)
  if (found !== undefined && found.metadata.uid === reference.uid) return found
  absentOwners.add(owner)
  return undefined
}

/** Frees the dependents of their owner, then lets the owner go. */
export async function attemptToOrphan({ api }: CollectorParts, owner: Node, signal: AbortSignal): Promise<void> {
  const dependents = [...owner.dependents].values()
  const failures: unknown[] = []
  const free = async (): Promise<void> => {
    for (const { identity } of dependents) {
      try {
        await api.removeOwners(identity, [owner.identity.uid], signal)
      } catch (error) {
        if (!isNotFound(error)) failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: ORPHANED_AT_ONCE }, free))
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} dependents of ${describe(owner.identity)} were not freed`)
  await api.removeFinalizer(owner.identity, 'orphan', signal)
}

const isNotFound = (error: unknown): boolean => error instanceof StatusError && error.code === 404
