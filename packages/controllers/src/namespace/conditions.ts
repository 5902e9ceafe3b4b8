// The conditions of a namespace that is being emptied: which there are, and what they say when all is well and when not.
// Types, reasons and messages are upstream's.

export interface NamespaceCondition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

/** What was found out in one pass over the namespace. */
export interface Findings {
  readonly discoveryError: string | undefined
  /** Of deletions and of the lists after them. */
  readonly contentErrors: readonly string[]
  /** `pods.` and `deployments.apps` → how many are left. Undefined: the pass was not far enough to tell. */
  readonly remaining: ReadonlyMap<string, number> | undefined
  /** Finalizer → how many objects have it. */
  readonly finalizers: ReadonlyMap<string, number> | undefined
}

/** In the order in which a namespace that has none gets them; what each says when it is false. */
const FINE: readonly (readonly [type: string, reason: string, message: string])[] = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  [
    'NamespaceDeletionContentFailure',
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
]

/** The conditions as they are to be from now on; undefined when nothing changes. Those of other types are kept. */
export function updatedConditions(
  current: readonly NamespaceCondition[],
  findings: Findings,
  now: string,
): NamespaceCondition[] | undefined {
  const troubles = troublesOf(findings)
  const conditions = [...current]
  let hasChanged = false
  for (const [type, reason, message] of FINE) {
    const trouble = troubles.get(type)
    const next =
      trouble === undefined ? { status: 'False' as const, reason, message } : { status: 'True' as const, ...trouble }
    const index = conditions.findIndex((condition) => condition.type === type)
    const old = conditions[index]
    if (old === undefined) conditions.push({ type, lastTransitionTime: now, ...next })
    else if (old.status !== next.status) conditions[index] = { ...old, ...next, lastTransitionTime: now }
    else if (old.reason !== next.reason || old.message !== next.message) conditions[index] = { ...old, ...next }
    else continue
    hasChanged = true
  }
  return hasChanged ? conditions : undefined
}

function troublesOf({
  discoveryError,
  contentErrors,
  remaining,
  finalizers,
}: Findings): Map<string, { reason: string; message: string }> {
  const troubles = new Map<string, { reason: string; message: string }>()
  if (discoveryError !== undefined) {
    troubles.set('NamespaceDeletionDiscoveryFailure', { reason: 'DiscoveryFailed', message: discoveryError })
  }
  if (contentErrors.length > 0) {
    troubles.set('NamespaceDeletionContentFailure', {
      reason: 'ContentDeletionFailed',
      message: `Failed to delete all resource types, ${contentErrors.length} remaining: ${contentErrors.toSorted().join(', ')}`,
    })
  }
  if (remaining !== undefined && remaining.size > 0) {
    const list = [...remaining].map(([resource, count]) => `${resource} has ${count} resource instances`).sort()
    troubles.set('NamespaceContentRemaining', {
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${list.join(', ')}`,
    })
  }
  if (finalizers !== undefined && finalizers.size > 0) {
    const list = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort()
    troubles.set('NamespaceFinalizersRemaining', {
      reason: 'SomeFinalizersRemain',
      message: `Some content in the namespace has finalizers remaining: ${list.join(', ')}`,
    })
  }
  return troubles
}
