// What a DELETE means for an object: gone at once, or marked and kept for a grace period or for its finalizers.
// The rules are upstream's (BeforeDelete, and the finalizers of the garbage collector).
import type { KindStrategy, ResourceDefinition } from '@keelson/api'
import type { KubeObject } from '@keelson/apimachinery'
import type { DeleteOptions } from './types.ts'

export type DeletionPlan =
  /** A graceful deletion is under way, and this request does not shorten it: nothing changes. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'remove' }
  /** The object was marked in place and is to be written; `thenRemove`: nothing keeps it after that. */
  | { readonly kind: 'mark'; readonly thenRemove: boolean }

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/** Whose dependents stay when nothing is said: kinds older than garbage collection. */
const ORPHANS_BY_DEFAULT: ReadonlySet<string> = new Set(['batch/jobs', '/replicationcontrollers'])
/** Kinds that the garbage collector leaves alone. */
const NOT_COLLECTED: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events'])

export const orphansByDefault = (definition: ResourceDefinition): boolean => ORPHANS_BY_DEFAULT.has(nameOf(definition))

const nameOf = ({ group, resource }: ResourceDefinition): string => `${group}/${resource}`

/** Changes `object` in place. */
export function planDeletion(
  definition: ResourceDefinition,
  strategy: KindStrategy,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): DeletionPlan {
  const grace = planGrace(strategy, object, options, now)
  if (grace.kind === 'pending') return grace
  const { metadata } = object
  const finalizers = collectorFinalizers(definition, metadata.finalizers ?? [], options)
  if (finalizers.length > 0) metadata.finalizers = finalizers
  else delete metadata.finalizers
  if (grace.kind === 'graceful') return { kind: 'mark', thenRemove: finalizers.length === 0 && grace.seconds === 0 }
  if (finalizers.length === 0) return { kind: 'remove' }
  markAsDeleting(object, now)
  return { kind: 'mark', thenRemove: false }
}

type Grace =
  | { readonly kind: 'pending' }
  | { readonly kind: 'none' }
  | { readonly kind: 'graceful'; readonly seconds: number }

function planGrace(strategy: KindStrategy, object: KubeObject, options: DeleteOptions, now: Date): Grace {
  if (strategy.gracePeriodSeconds === undefined) return { kind: 'none' }
  const asked = options.gracePeriodSeconds
  const requested = asked !== undefined && asked < 0 ? 1 : asked
  if (object.metadata.deletionTimestamp) return shortenGrace(object, requested, now)
  const { metadata } = object
  const seconds = strategy.gracePeriodSeconds(object, requested)
  metadata.deletionTimestamp = timestamp(now.getTime() + seconds * 1000)
  metadata.deletionGracePeriodSeconds = seconds
  if ((metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1
  return { kind: 'graceful', seconds }
}

/** A second request may only shorten the grace period. A period of 0 that is still there is a removal that did not happen. */
function shortenGrace({ metadata }: KubeObject, requested: number | undefined, now: Date): Grace {
  const stored = metadata.deletionGracePeriodSeconds ?? 0
  const existing = stored < 0 ? 1 : stored
  if (existing === 0) return { kind: 'none' }
  if (requested === undefined || requested >= existing) return { kind: 'pending' }
  const moved = Date.parse(metadata.deletionTimestamp ?? '') + (requested - existing) * 1000
  const isOver = moved < now.getTime()
  metadata.deletionTimestamp = timestamp(isOver ? now.getTime() : moved)
  // Still a graceful deletion, whose period is over: whoever stops the object makes the last DELETE, with 0.
  metadata.deletionGracePeriodSeconds = isOver && requested !== 0 ? 1 : requested
  return { kind: 'graceful', seconds: requested }
}

/** The finalizers with the two of the garbage collector as the options, or else the object's own state, ask for. */
function collectorFinalizers(definition: ResourceDefinition, current: string[], options: DeleteOptions): string[] {
  const wanted = collectorFinalizer(definition, current, options)
  const others = current.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND)
  const isUnchanged =
    others.length + (wanted === undefined ? 0 : 1) === current.length &&
    (wanted === undefined || current.includes(wanted))
  if (isUnchanged) return current
  return wanted === undefined ? others : [...others, wanted]
}

function collectorFinalizer(
  definition: ResourceDefinition,
  current: readonly string[],
  options: DeleteOptions,
): string | undefined {
  if (NOT_COLLECTED.has(nameOf(definition))) return undefined
  if (options.orphanDependents !== undefined) return options.orphanDependents ? ORPHAN : undefined
  switch (options.propagationPolicy) {
    case 'Orphan':
      return ORPHAN
    case 'Foreground':
      return FOREGROUND
    case 'Background':
      return undefined
    case undefined:
      return (
        current.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND) ??
        (orphansByDefault(definition) ? ORPHAN : undefined)
      )
  }
}

function markAsDeleting({ metadata }: KubeObject, now: Date): void {
  if (metadata.deletionTimestamp === undefined && (metadata.generation ?? 0) > 0) {
    metadata.generation = (metadata.generation ?? 0) + 1
  }
  const isFuture = metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) > now.getTime()
  if (metadata.deletionTimestamp === undefined || isFuture) metadata.deletionTimestamp = timestamp(now.getTime())
  metadata.deletionGracePeriodSeconds = 0
}

/** metav1.Time: whole seconds. */
export const timestamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
