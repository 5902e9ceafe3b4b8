// Owner references that are there twice are dropped with a warning, before and after mutating admission.
import type { KubeObject, OwnerReference } from '@keelson/apimachinery'
import { equalTrees } from './json-tree.ts'
import type { WriteContext } from './types.ts'

export function dropDuplicateOwners(object: KubeObject, context: WriteContext, when: 'before' | 'after'): void {
  const owners = object.metadata.ownerReferences
  if (owners === undefined || owners.length < 2) return
  const kept: OwnerReference[] = []
  const dropped: string[] = []
  for (const owner of owners) {
    if (kept.some((other) => other.uid === owner.uid && equalTrees(other, owner))) dropped.push(owner.uid)
    else kept.push(owner)
  }
  if (dropped.length === 0) return
  object.metadata.ownerReferences = kept
  const where = when === 'before' ? '' : ' after mutating admission happens'
  context.addWarning(
    `.metadata.ownerReferences contains duplicate entries${where}; API server dedups owner references in 1.20+, and may ` +
      `reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${dropped.join(', ')}`,
  )
}
