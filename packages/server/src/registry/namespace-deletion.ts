// A namespace is deleted in two steps: the first DELETE makes it Terminating, and whoever empties it takes `kubernetes` off
// spec.finalizers through the finalize subresource. Only then may it go.
import type { KubeObject } from '@keelson/apimachinery'
import { type DeletionPlan, timestamp } from './deletion-plan.ts'
import type { DeleteOptions } from './types.ts'

interface Namespace extends KubeObject {
  spec?: { finalizers?: string[] }
  status?: { phase?: string }
}

/** Changes `object` in place. Undefined: nothing of its own holds the namespace any more, the general rules decide. */
export function planNamespaceDeletion(object: KubeObject, options: DeleteOptions, now: Date): DeletionPlan | undefined {
  const namespace = object as Namespace // The schema has checked the types before it was stored.
  if (namespace.metadata.deletionTimestamp === undefined) {
    terminate(namespace, options, now)
    return { kind: 'mark', thenRemove: false }
  }
  return hasNamespaceFinalizers(object) ? { kind: 'pending' } : undefined
}

export function hasNamespaceFinalizers(object: KubeObject): boolean {
  const { finalizers } = (object as Namespace).spec ?? {} // As above.
  return finalizers !== undefined && finalizers.length > 0
}

function terminate(namespace: Namespace, options: DeleteOptions, now: Date): void {
  const { metadata } = namespace
  metadata.deletionTimestamp = timestamp(now.getTime())
  namespace.status = { ...namespace.status, phase: 'Terminating' }
  const finalizers = new Set(metadata.finalizers)
  for (const [finalizer, isWanted] of [
    ['orphan', wants(options, 'Orphan', true)],
    ['foregroundDeletion', wants(options, 'Foreground', false)],
  ] as const) {
    if (isWanted === true) finalizers.add(finalizer)
    else if (isWanted === false) finalizers.delete(finalizer)
  }
  if (finalizers.size > 0) metadata.finalizers = [...finalizers]
  else delete metadata.finalizers
}

/** Undefined: the options do not say, the object keeps what it has. */
function wants(
  options: DeleteOptions,
  policy: DeleteOptions['propagationPolicy'],
  orphan: boolean,
): boolean | undefined {
  if (options.orphanDependents !== undefined) return options.orphanDependents === orphan
  return options.propagationPolicy === undefined ? undefined : options.propagationPolicy === policy
}
