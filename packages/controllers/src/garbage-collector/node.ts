// An object in the graph of owners.
import type { OwnerReference } from '@keelson/apimachinery'
import { type ObjectIdentity, matches } from './identity.ts'

export class Node {
  /** Of a virtual node: what one of its dependents says; another dependent may say otherwise. */
  identity: ObjectIdentity
  owners: readonly OwnerReference[]
  readonly dependents = new Set<Node>()
  /** Known only from references to it; no watch has shown it yet. */
  isVirtual: boolean
  isBeingDeleted = false
  /** It is deleted in the foreground: it waits for its dependents. */
  isDeletingDependents = false

  constructor(identity: ObjectIdentity, owners: readonly OwnerReference[], isVirtual: boolean) {
    this.identity = identity
    this.owners = owners
    this.isVirtual = isVirtual
  }

  /** Those without which it may not go. */
  get blockingDependents(): Node[] {
    const { uid } = this.identity
    return [...this.dependents].filter(({ owners }) =>
      owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
    )
  }
}

/** Dependents whose references mean exactly this object, and those that have its uid and something else wrong. One may be in both. */
export function partitionDependents(
  dependents: Iterable<Node>,
  owner: ObjectIdentity,
): { readonly matching: Node[]; readonly mismatching: Node[] } {
  const matching: Node[] = []
  const mismatching: Node[] = []
  for (const dependent of dependents) {
    if (owner.namespace !== '' && owner.namespace !== dependent.identity.namespace) {
      mismatching.push(dependent)
      continue
    }
    const references = dependent.owners.filter(({ uid }) => uid === owner.uid)
    if (references.some((reference) => matches(reference, owner))) matching.push(dependent)
    if (references.some((reference) => !matches(reference, owner))) mismatching.push(dependent)
  }
  return { matching, mismatching }
}
