// Which object a node stands for: what an owner reference says, and the namespace that it is said in.
import type { OwnerReference } from '@keelson/apimachinery'

export interface ObjectIdentity {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  /** '' for what is cluster-scoped, or may be. */
  readonly namespace: string
}

/** The object that a reference means when it stands in an object of `namespace`. */
export function identityOf({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): ObjectIdentity {
  return { apiVersion, kind, name, uid, namespace }
}

export const identityKey = ({ apiVersion, kind, name, uid, namespace }: ObjectIdentity): string =>
  `${apiVersion}\n${kind}\n${namespace}\n${name}\n${uid}`

export const sameIdentity = (a: ObjectIdentity, b: ObjectIdentity): boolean => identityKey(a) === identityKey(b)

/** All but the namespace. */
export function matches(reference: OwnerReference, identity: ObjectIdentity): boolean {
  return (
    reference.uid === identity.uid &&
    reference.name === identity.name &&
    reference.kind === identity.kind &&
    reference.apiVersion === identity.apiVersion
  )
}

/** As upstream's events and logs write it. */
export function describe({ apiVersion, kind, namespace, name, uid }: ObjectIdentity): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
}

/** Any fixed order will do. */
export function compareIdentities(a: ObjectIdentity, b: ObjectIdentity): number {
  for (const field of ['kind', 'apiVersion', 'namespace', 'name', 'uid'] as const) {
    if (a[field] !== b[field]) return a[field] < b[field] ? -1 : 1
  }
  return 0
}
