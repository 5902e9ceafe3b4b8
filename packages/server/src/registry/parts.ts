// What the operations on one resource share: its table entry, its place in the store, and who has a say in a write.
import type { KindStrategy, ResourceDefinition } from '@keelson/api'
import { type GroupKind, type GroupResource, type KubeObject, StatusError } from '@keelson/apimachinery'
import {
  MAX_VALUE_BYTES,
  type ResourceCache,
  type Revision,
  type Storage,
  type StorageKey,
  type StoredObject,
  type WriteOptions,
  toStorageKey,
} from '@keelson/storage'
import type { Admission } from './admission.ts'
import type { RegistryHooks, StoredResult, WriteContext } from './types.ts'
import type { VersionView } from './views/version-view.ts'
import { parseStored } from './cached-resource.ts'
import { parseEntry } from './parsed-entry.ts'
import {
  type StoredJson,
  type StoredPrefix,
  encodeStored,
  encodeUnstored,
  spliceResourceVersion,
} from './stored-json.ts'

export interface RegistryParts {
  readonly definition: ResourceDefinition
  readonly strategy: KindStrategy
  readonly storage: Storage
  readonly cache: ResourceCache
  readonly admission: Admission
  /** Where its keys begin: `/registry/pods/`. */
  readonly keyPrefix: string
  /** How its stored bytes begin. */
  readonly prefix: StoredPrefix
  /** How its objects differ from the stored ones, when it is served in another version than it is stored in. */
  readonly view: VersionView | undefined
  readonly now: () => Date
  hooks: RegistryHooks | undefined
}

/** The state an attempt starts from. `fresh`: read from the store, not from a cache that may lag behind. */
export interface CurrentObject {
  readonly object: KubeObject
  readonly revision: Revision
  readonly fresh: boolean
  /** What it takes in the cache or the store. */
  readonly bytes: number
}

export function storageKeyOf(parts: RegistryParts, namespace: string, name: string): StorageKey {
  return toStorageKey(parts.keyPrefix + (parts.definition.namespaced ? `${namespace}/${name}` : name))
}

export const groupResourceOf = ({ definition: { group, resource } }: RegistryParts): GroupResource => ({
  group,
  resource,
})
/** As upstream names what is refused: by the group of the type it works on, which is that of v1 for both event resources. */
export const groupKindOf = ({ definition: { group, kind, storage } }: RegistryParts): GroupKind => ({
  group: storage?.apiVersion === 'v1' ? '' : group,
  kind,
})

/** From memory, without waiting; undefined when it is not there (or not yet). */
export function cachedCurrent(parts: RegistryParts, namespace: string, name: string): CurrentObject | undefined {
  const entry = parts.cache.peek(namespace, name)
  if (entry === undefined) return undefined
  return {
    object: parseEntry(entry),
    revision: entry.revision,
    fresh: false,
    bytes: entry.parts?.length ?? entry.json.length,
  }
}

/** Linearizable. */
export async function storedCurrent(parts: RegistryParts, key: StorageKey): Promise<CurrentObject | undefined> {
  const stored = await parts.storage.get(key)
  return stored && currentOf(parts, stored)
}

export function currentOf(parts: RegistryParts, stored: StoredObject): CurrentObject {
  const parsed = parseStored(stored.key, stored.value)
  const object = parts.view === undefined ? parsed : parts.view.fromStored(parsed)
  object.metadata.resourceVersion = String(stored.modRevision)
  return { object, revision: stored.modRevision, fresh: true, bytes: stored.value.length }
}

/** The bytes to be stored. StatusError when there are too many. */
export function encode(parts: RegistryParts, object: KubeObject): StoredJson {
  const json = encodeStored(parts.view === undefined ? object : parts.view.toStored(object), parts.prefix)
  if (json.bytes.length > MAX_VALUE_BYTES) throw new StatusError(500, '', 'etcdserver: request is too large')
  return json
}

/** The same for a write that changes who manages what. An object that only its managers make too big is stored without them; an apply cannot do without. */
export function encodeTracked(parts: RegistryParts, object: KubeObject, { fieldManager }: WriteContext): StoredJson {
  try {
    return encode(parts, object)
  } catch (error) {
    if (!(error instanceof StatusError) || fieldManager === undefined) throw error
    delete object.metadata.managedFields
    return encode(parts, object)
  }
}

/** The cache need not parse what it knows: called before `json`, the encoding of `object`, is written to `key`. */
export function announceWrite(parts: RegistryParts, key: StorageKey, json: StoredJson, object: KubeObject): void {
  if (parts.view === undefined) parts.cache.resource.expect?.(key, json.bytes, object, json.fields)
}

/** The answer for an object whose bytes `value` were stored at `revision`. */
export function storedResult(
  parts: RegistryParts,
  object: KubeObject,
  value: Buffer,
  revision: Revision,
): StoredResult {
  object.metadata.resourceVersion = String(revision)
  const json =
    parts.view === undefined
      ? spliceResourceVersion(value, parts.prefix, revision)
      : encodeUnstored(object, parts.view.prefix)
  return { object, json, revision }
}

/** The answer for an object that was not written: a dry run, an update without a change, the last state before a deletion. */
export function unstoredResult(parts: RegistryParts, object: KubeObject, revision: Revision): StoredResult {
  return { object, json: encodeUnstored(object, parts.view?.prefix ?? parts.prefix), revision }
}

const EVENT_LEASE: WriteOptions = { leaseSeconds: 3600 }

/** Events live for an hour after their last write, as upstream's --event-ttl says by default. */
export function writeOptionsOf({ definition }: RegistryParts): WriteOptions | undefined {
  return definition.resource === 'events' ? EVENT_LEASE : undefined
}
