// Small objects and the resource that reads them, for tests of the cache.
import { type Revision, type StorageKey } from '../../storage.ts'
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

const HEAD = '{"kind":"Pod","apiVersion":"v1",'

function withVersion(json: string, revision: Revision): Buffer {
  return Buffer.from(json.replace('"metadata":{', `"metadata":{"resourceVersion":"${revision}",`))
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
      const { metadata, spec } = object
      const owners = metadata.ownerReferences?.map((owner: { uid: string }) => owner.uid)
      return {
        key,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        uid: metadata.uid,
        revision,
        json: withVersion(value.toString(), revision),
        itemOffset: HEAD.length,
        labels: metadata.labels,
        fields: { 'spec.nodeName': spec.nodeName ?? '' },
        ownerUids: owners,
        representations: undefined,
      }
    },
    atRevision(entry: CacheEntry, revision: Revision): CacheEntry {
      const json = withVersion(entry.json.toString().replace(/"resourceVersion":"\d+",/, ''), revision)
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
