// Small objects and the resource that reads them, for tests of the cache.
import { type Revision, type StorageKey } from '../../storage.ts'
import { respliceResourceVersion, spliceResourceVersion } from '../splice.ts'
import type { CacheEntry, CachedResource } from '../types.ts'

export interface TestObject {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Record<string, string>
  readonly nodeName?: string
  readonly owner?: string
  readonly data?: string
}

/** As an object is stored: without resourceVersion. */
export function encode({ name, namespace, labels, nodeName, owner, data }: TestObject): string {
  return JSON.stringify({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid: `uid-${name}`,
      ...(labels !== undefined && { labels }),
      ...(owner !== undefined && { ownerReferences: [{ uid: owner }] }),
    },
    spec: { ...(nodeName !== undefined && { nodeName }), ...(data !== undefined && { data }) },
  })
}

/** Objects like Pods: `spec.nodeName` is selectable and indexed. */
export function testResource(name: string, prefix: string, namespaced = true): CachedResource {
  return {
    name,
    prefix,
    namespaced,
    indexedFields: ['spec.nodeName'],
    decode(key: StorageKey, value: Buffer, revision: Revision): CacheEntry {
      const object = JSON.parse(value.toString())
      const spliced = spliceResourceVersion(value, revision)
      if (spliced === undefined) throw new Error('not an object of this kind')
      const { metadata, spec } = object
      const owners = metadata.ownerReferences?.map((owner: { uid: string }) => owner.uid)
      return {
        key,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        uid: metadata.uid,
        revision,
        json: spliced.json,
        itemOffset: spliced.itemOffset,
        labels: metadata.labels,
        fields: { 'spec.nodeName': spec.nodeName ?? '' },
        ownerUids: owners,
        representations: undefined,
      }
    },
    atRevision(entry: CacheEntry, revision: Revision): CacheEntry {
      const json = respliceResourceVersion(entry.json, entry.itemOffset, revision)
      return { ...entry, revision, json, representations: undefined }
    },
  }
}

export const pods = testResource('pods', '/registry/pods/')
export const nodes = testResource('nodes', '/registry/minions/', false)

export function podKey(namespace: string, name: string): string {
  return `/registry/pods/${namespace}/${name}`
}

export function pod(object: TestObject & { namespace: string }): Record<string, string> {
  return { [podKey(object.namespace, object.name)]: encode(object) }
}
