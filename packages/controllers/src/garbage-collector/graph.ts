// The graph of owners, built from watches over everything that can be deleted. It decides nothing: what may have become garbage,
// or waits for its dependents, it hands to the collector, which asks the server before it acts.
//
// An owner that no watch has shown yet gets a virtual node from the first reference to it. The collector looks for it: when it
// does not exist, the virtual node is removed, and with it go its dependents. References may lie (another name, kind or
// namespace than the object of that uid has): each identity that is claimed is looked for in turn.
import type { KubeObject, OwnerReference } from '@keelson/apimachinery'
import type { AbsentOwners } from './absent-owners.ts'
import { type ObjectIdentity, compareIdentities, identityKey, identityOf, matches, sameIdentity } from './identity.ts'
import { Node, partitionDependents } from './node.ts'

export interface GraphListener {
  /** It may be garbage, or what it waited for may be gone. */
  attemptToDelete(node: Node): void
  /** As above, but not at once: another identity of a virtual node is tried. */
  attemptToDeleteLater(node: Node): void
  /** Its dependents are to be freed of it. */
  attemptToOrphan(node: Node): void
  /** `dependent` refers to an owner that lives in another namespace. */
  foundOwnerElsewhere(dependent: Node, ownerUid: string): void
}

/** What the graph is told of an object. */
export type Metadata = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>

export class Graph {
  readonly #nodes = new Map<string, Node>()
  readonly #listener: GraphListener
  readonly #absentOwners: AbsentOwners

  constructor(listener: GraphListener, absentOwners: AbsentOwners) {
    this.#listener = listener
    this.#absentOwners = absentOwners
  }

  get size(): number {
    return this.#nodes.size
  }

  has(node: Node): boolean {
    return this.#nodes.get(node.identity.uid) === node
  }

  /** A watch has shown it; `old` is what it showed before. */
  observe(object: Metadata, old?: Metadata): void {
    const { metadata } = object
    const owners = metadata.ownerReferences ?? []
    let node = this.#observed(object)
    if (node === undefined) {
      node = new Node(identityOfObject(object), owners, false)
      this.#nodes.set(node.identity.uid, node)
      this.#addToOwners(node, owners)
      node.isDeletingDependents = isDeletedWith('foregroundDeletion', object)
    } else this.#changeOwners(node, owners)
    if (metadata.deletionTimestamp !== undefined) node.isBeingDeleted = true
    this.#afterTransition(node, object, old)
  }

  /** A watch has shown that it is gone. */
  remove(object: Metadata): void {
    const node = this.#observed(object)
    if (node !== undefined) this.#removeNode(node, identityOfObject(object))
  }

  /** The server was asked for it: it is not there, or another uid is. */
  removeAbsent(absent: ObjectIdentity): void {
    const node = this.#nodes.get(absent.uid)
    if (node === undefined) return
    if (!node.isVirtual) {
      // The object exists under another identity: only those who meant the absent one lose their owner.
      if (sameIdentity(node.identity, absent)) this.#removeNode(node, absent)
      else this.#condemn(partitionDependents(node.dependents, absent).matching, absent)
      return
    }
    const { matching, mismatching } = partitionDependents(node.dependents, absent)
    if (mismatching.length === 0) {
      this.#removeNode(node, absent)
      return
    }
    this.#condemn(matching, absent)
    if (!sameIdentity(node.identity, absent)) return
    const other = alternativeTo(absent, mismatching)
    if (other === undefined) return
    node.identity = other
    this.#listener.attemptToDeleteLater(node)
  }

  /** Its node, no longer virtual. */
  #observed(object: Metadata): Node | undefined {
    const node = this.#nodes.get(object.metadata.uid ?? '')
    if (node === undefined || !node.isVirtual) return node
    const identity = identityOfObject(object)
    if (!sameIdentity(identity, node.identity)) {
      for (const dependent of partitionDependents(node.dependents, identity).mismatching) {
        if (identity.namespace !== '' && dependent.identity.namespace !== identity.namespace) {
          this.#listener.foundOwnerElsewhere(dependent, identity.uid)
        }
        this.#listener.attemptToDelete(dependent)
      }
      node.identity = identity
    }
    node.isVirtual = false
    return node
  }

  #changeOwners(node: Node, owners: readonly OwnerReference[]): void {
    const before = new Map(node.owners.map((owner) => [owner.uid, owner]))
    const after = new Map(owners.map((owner) => [owner.uid, owner]))
    const added = [...after.values()].filter(({ uid }) => !before.has(uid))
    const removed = [...before.values()].filter(({ uid }) => !after.has(uid))
    node.owners = owners
    for (const old of before.values()) {
      const blocks = after.get(old.uid)?.blockOwnerDeletion === true
      const owner = this.#nodes.get(old.uid)
      if (old.blockOwnerDeletion === true && !blocks && owner !== undefined) this.#listener.attemptToDelete(owner)
    }
    this.#addToOwners(node, added)
    this.#removeFromOwners(node, removed)
  }

  #addToOwners(node: Node, owners: readonly OwnerReference[]): void {
    let isDoubtful = false
    for (const reference of owners) {
      const owner = this.#nodes.get(reference.uid)
      if (owner === undefined) {
        const virtual = new Node(identityOf(reference, node.identity.namespace), [], true)
        virtual.dependents.add(node)
        this.#nodes.set(reference.uid, virtual)
        this.#listener.attemptToDelete(virtual)
        continue
      }
      owner.dependents.add(node)
      if (isDoubtful) continue
      const { namespace } = owner.identity
      const isElsewhere = namespace !== node.identity.namespace
      if (namespace !== '' && isElsewhere) {
        if (!owner.isVirtual) this.#listener.foundOwnerElsewhere(node, reference.uid)
        isDoubtful = true
      } else isDoubtful = !matches(reference, owner.identity) || (isElsewhere && owner.isVirtual)
    }
    if (isDoubtful) this.#listener.attemptToDelete(node)
  }

  #removeFromOwners(node: Node, owners: readonly OwnerReference[]): void {
    for (const { uid } of owners) this.#nodes.get(uid)?.dependents.delete(node)
  }

  #afterTransition(node: Node, object: Metadata, old: Metadata | undefined): void {
    const begins = (finalizer: string): boolean =>
      isDeletedWith(finalizer, object) && !(old !== undefined && isDeletedWith(finalizer, old))
    if (begins('orphan')) this.#listener.attemptToOrphan(node)
    else if (begins('foregroundDeletion')) {
      node.isDeletingDependents = true
      for (const dependent of node.dependents) this.#listener.attemptToDelete(dependent)
      this.#listener.attemptToDelete(node)
    }
  }

  #removeNode(node: Node, identity: ObjectIdentity): void {
    this.#nodes.delete(node.identity.uid)
    this.#removeFromOwners(node, node.owners)
    this.#condemn(node.dependents, identity)
    for (const { uid } of node.owners) {
      const owner = this.#nodes.get(uid)
      if (owner?.isDeletingDependents === true) this.#listener.attemptToDelete(owner)
    }
  }

  /** They have lost this owner. */
  #condemn(dependents: Iterable<Node>, absent: ObjectIdentity): void {
    let isFirst = true
    for (const dependent of dependents) {
      if (isFirst) this.#absentOwners.add(absent)
      isFirst = false
      this.#listener.attemptToDelete(dependent)
    }
  }
}

function identityOfObject({ apiVersion, kind, metadata }: Metadata): ObjectIdentity {
  const { name = '', uid = '', namespace = '' } = metadata
  return { apiVersion, kind, name, uid, namespace }
}

function isDeletedWith(finalizer: string, { metadata }: Metadata): boolean {
  return metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true
}

/** Another identity that dependents claim: the one that follows in order, so that all of them get their turn. */
function alternativeTo(absent: ObjectIdentity, dependents: readonly Node[]): ObjectIdentity | undefined {
  const others = new Map<string, ObjectIdentity>()
  for (const { owners, identity } of dependents) {
    for (const reference of owners.filter(({ uid }) => uid === absent.uid)) {
      const isWhereItWasLookedFor = absent.namespace === '' || absent.namespace === identity.namespace
      if (matches(reference, absent) && isWhereItWasLookedFor) continue
      // Of a kind that was looked for in the whole cluster.
      const isClusterScoped =
        absent.namespace === '' && reference.apiVersion === absent.apiVersion && reference.kind === absent.kind
      const other = identityOf(reference, isClusterScoped ? '' : identity.namespace)
      others.set(identityKey(other), other)
    }
  }
  others.delete(identityKey(absent))
  const sorted = [...others.values()].toSorted(compareIdentities)
  return sorted.find((other) => compareIdentities(absent, other) < 0) ?? sorted[0]
}
