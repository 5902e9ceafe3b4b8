// DefaultStorageClass and DefaultIngressClass: what names no class gets the one that is marked as default.
import type { KubeObject } from '@keelson/apimachinery'
import { isPlain } from '../attributes.ts'
import type { AdmissionPlugin, AdmissionReader } from '../types.ts'

interface Classed extends KubeObject {
  spec?: { storageClassName?: string; ingressClassName?: string }
}

const STORAGE_DEFAULT = 'storageclass.kubernetes.io/is-default-class'
const STORAGE_DEFAULT_BETA = 'storageclass.beta.kubernetes.io/is-default-class'
const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class'
const INGRESS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class'
const INGRESS_CLASS_OLD = 'kubernetes.io/ingress.class'

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: ({ operation, resource, subresource }) =>
    operation === 'CREATE' && subresource === '' && isPlain(resource, 'persistentvolumeclaims'),
  admit({ object }, reader) {
    const claim = object as Classed // A write of a claim, which the schema has checked.
    const spec = (claim.spec ??= {})
    if (spec.storageClassName !== undefined || claim.metadata.annotations?.[STORAGE_CLASS_BETA] !== undefined) return
    const name = defaultOf(reader, 'storage.k8s.io', 'storageclasses', [STORAGE_DEFAULT, STORAGE_DEFAULT_BETA])
    if (name !== undefined) spec.storageClassName = name
  },
}

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  handles: ({ operation, resource, subresource }) =>
    operation === 'CREATE' &&
    subresource === '' &&
    resource.group === 'networking.k8s.io' &&
    resource.resource === 'ingresses',
  admit({ object }, reader) {
    const ingress = object as Classed // A write of an ingress, which the schema has checked.
    const spec = (ingress.spec ??= {})
    if (spec.ingressClassName !== undefined || ingress.metadata.annotations?.[INGRESS_CLASS_OLD] !== undefined) return
    const name = defaultOf(reader, 'networking.k8s.io', 'ingressclasses', [INGRESS_DEFAULT])
    if (name !== undefined) spec.ingressClassName = name
  },
}

/** Of several the newest, then the first by name. */
function defaultOf(
  reader: AdmissionReader,
  group: string,
  resource: string,
  annotations: readonly string[],
): string | undefined {
  const marked = reader
    .list(group, resource)
    .filter(({ metadata }) => annotations.some((annotation) => metadata.annotations?.[annotation] === 'true'))
    .map(({ metadata: { name = '', creationTimestamp } }) => ({ name, created: creationTimestamp ?? '' }))
  marked.sort((left, right) => compare(right.created, left.created) || compare(left.name, right.name))
  return marked[0]?.name
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
