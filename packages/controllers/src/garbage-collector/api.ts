// What the garbage collector does to objects, by their identity: get, delete, patch; each guarded by the uid, so that an object
// of the same name that was made since is never touched.
import { type KubeObject, type OwnerReference, StatusError } from '@keelson/apimachinery'
import {
  type Discovery,
  type DiscoveredResource,
  type KubeClient,
  ResourceClient,
  resourceOfKind,
} from '@keelson/client'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type ObjectIdentity, describe } from './identity.ts'

/** No resource is known for the kind: a custom one that is not discovered yet, or a reference that is wrong. */
export class UnknownKind extends Error {
  override readonly name = 'UnknownKind'
}

/** A cluster-scoped object says that it is owned by a namespaced one; that can never be true. */
export class NamespacedOwner extends Error {
  override readonly name = 'NamespacedOwner'
}

type Policy = 'Foreground' | 'Background' | 'Orphan'

/** client-go's retry.DefaultBackoff: 4 attempts, 10 ms, five times as long each time. */
const CONFLICT_WAITS_MS = [10, 50, 250]

export class CollectorApi {
  readonly #client: KubeClient
  readonly #discovery: () => Discovery | undefined

  /** `discovery`: what is known of the server now. */
  constructor(client: KubeClient, discovery: () => Discovery | undefined) {
    this.#client = client
    this.#discovery = discovery
  }

  /** Throws UnknownKind. */
  resourceOf(apiVersion: string, kind: string): DiscoveredResource {
    const discovery = this.#discovery()
    const found = discovery && resourceOfKind(discovery, apiVersion, kind)
    if (found === undefined) throw new UnknownKind(`no resource is known for ${apiVersion} ${kind}`)
    return found
  }

  /** Undefined: there is none. Its uid may be another. Throws UnknownKind and NamespacedOwner. */
  async get(identity: ObjectIdentity, signal: AbortSignal): Promise<KubeObject | undefined> {
    const { namespaced } = this.resourceOf(identity.apiVersion, identity.kind)
    if (namespaced && identity.namespace === '') {
      throw new NamespacedOwner(`${describe(identity)} is looked for without a namespace`)
    }
    try {
      return await this.#objects(identity).get(identity.name, signal)
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  /** False: it is gone already. An object that changed meanwhile is deleted if its owners are what was judged. */
  async delete(
    identity: ObjectIdentity,
    judged: KubeObject,
    propagationPolicy: Policy,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { resourceVersion, ownerReferences } = judged.metadata
    const remove = (preconditions: { uid: string; resourceVersion?: string }): Promise<boolean> =>
      this.#objects(identity)
        .delete(identity.name, { preconditions, propagationPolicy }, signal)
        .then(() => true, notFoundAsFalse)
    try {
      return await remove({ uid: identity.uid, ...(resourceVersion !== undefined && { resourceVersion }) })
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 409) throw error
      const live = await this.get(identity, signal)
      if (live === undefined) return false
      const isSame = live.metadata.uid === identity.uid && live.metadata.resourceVersion !== resourceVersion
      if (!isSame || !isDeepStrictEqual(live.metadata.ownerReferences, ownerReferences)) throw error
      return remove({ uid: identity.uid })
    }
  }

  /** Takes owners off the object; those that it does not have are no error. */
  async removeOwners(identity: ObjectIdentity, uids: readonly string[], signal: AbortSignal): Promise<void> {
    const owners = uids.map((uid) => ({ $patch: 'delete', uid }))
    await this.#patchOwners(identity, owners, (current) => current.filter(({ uid }) => !uids.includes(uid)), signal)
  }

  /** Its owners need not wait for it any more. */
  async unblockOwners(identity: ObjectIdentity, owners: readonly OwnerReference[], signal: AbortSignal): Promise<void> {
    const blocking = owners.filter((owner) => owner.blockOwnerDeletion === true)
    const unblocked = blocking.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
    const all = (current: readonly OwnerReference[]): OwnerReference[] =>
      current.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
    await this.#patchOwners(identity, unblocked, all, signal)
  }

  /** Does nothing when it does not have the finalizer, or is gone. */
  async removeFinalizer(identity: ObjectIdentity, finalizer: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const object = await this.get(identity, signal)
      if (object === undefined || object.metadata.uid !== identity.uid) return
      const { finalizers = [], resourceVersion } = object.metadata
      if (!finalizers.includes(finalizer)) return
      const metadata = { resourceVersion, finalizers: finalizers.filter((each) => each !== finalizer) }
      try {
        await this.#objects(identity).patch(identity.name, { metadata }, 'application/merge-patch+json', {}, signal)
        return
      } catch (error) {
        if (isAbsent(error)) return
        const waitMs = CONFLICT_WAITS_MS[attempt]
        if (!(error instanceof StatusError) || error.code !== 409 || waitMs === undefined) throw error
        await delay(waitMs, undefined, { signal })
      }
    }
  }

  /** A strategic patch where the kind knows them; custom ones do not, and get the whole list (guarded by its revision). */
  async #patchOwners(
    identity: ObjectIdentity,
    directives: readonly object[],
    change: (current: readonly OwnerReference[]) => readonly OwnerReference[],
    signal: AbortSignal,
  ): Promise<void> {
    const objects = this.#objects(identity)
    const strategic = { metadata: { ownerReferences: directives, uid: identity.uid } }
    try {
      await objects.patch(identity.name, strategic, 'application/strategic-merge-patch+json', {}, signal)
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 415) throw error
      const live = await objects.get(identity.name, signal)
      const { ownerReferences = [], resourceVersion } = live.metadata
      const metadata = { resourceVersion, uid: identity.uid, ownerReferences: change(ownerReferences) }
      await objects.patch(identity.name, { metadata }, 'application/merge-patch+json', {}, signal)
    }
  }

  #objects({ apiVersion, kind, namespace }: ObjectIdentity): ResourceClient {
    const resource = this.resourceOf(apiVersion, kind)
    return new ResourceClient(this.#client, resource, {
      metadata: true,
      ...(resource.namespaced && { namespace }),
    })
  }
}

function notFoundAsFalse(error: unknown): boolean {
  if (isAbsent(error)) return false
  throw error
}

/**
 * The server says that an object of this name is not there. A 404 without a name is about the path: the resource is no longer
 * served, and was when it was last discovered. That says nothing of the object: its dependents must not go for it.
 */
const isAbsent = (error: unknown): boolean =>
  error instanceof StatusError && error.code === 404 && Boolean(error.status.details?.name)
