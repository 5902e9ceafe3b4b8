// How the watch cache reads the values of one resource: from stored bytes to a cache entry.
import {
  type KindStrategy,
  type ResourceDefinition,
  type StorageLocation,
  builtinResources,
  findKind,
  strategyOf,
  decodeStoredProtobuf,
} from '@keelson/api'
import { type KubeObject, apiVersionOf, groupResourceName, isProtobuf, parseApiVersion } from '@keelson/apimachinery'
import type { CacheEntry, CachedResource, Revision, StorageKey } from '@keelson/storage'
import { convertOlderVersion } from './older-versions.ts'
import {
  type StoredPrefix,
  encodeStored,
  hasStoredPrefix,
  spliceResourceVersion,
  storedPrefix,
  withoutResourceVersion,
} from './stored-json.ts'

/**
 * What is cached: one entry per stored resource. A resource that is served in several versions is cached in its stored
 * version alone. `storagePrefix` takes the place of `/registry`. `sizes`: events that its history keeps at least, by
 * `resource.group`; 0, which turns upstream's cache off, is no wish here.
 */
export function cachedResources(
  storagePrefix = DEFAULT_STORAGE_PREFIX,
  sizes: Readonly<Record<string, number>> = {},
): CachedResource[] {
  const resources: CachedResource[] = []
  for (const definition of builtinResources()) {
    const location = storageLocation(definition, storagePrefix)
    if (location === undefined || location.apiVersion !== apiVersionOf(definition.group, definition.version)) continue
    const resource = cachedResource(definition, strategyOf(definition), location)
    const size = Object.hasOwn(sizes, resource.name) ? sizes[resource.name] : undefined
    resources.push(size === undefined || size === 0 ? resource : { ...resource, minHistoryEvents: size })
  }
  return resources
}

const DEFAULT_STORAGE_PREFIX = '/registry'

/**
 * Where a resource is in the store, and as what it is written there; `/registry` is replaced. What upstream stores in a
 * version that it does not serve is written in the served one, which upstream reads as well.
 */
export function storageLocation(
  definition: ResourceDefinition,
  storagePrefix = DEFAULT_STORAGE_PREFIX,
): StorageLocation | undefined {
  const { storage, group, version, kind } = definition
  if (storage === undefined) return undefined
  const stored = parseApiVersion(storage.apiVersion)
  const isServed = stored !== undefined && findKind({ ...stored, kind }) !== undefined
  return {
    prefix: storagePrefix + storage.prefix.slice(DEFAULT_STORAGE_PREFIX.length),
    apiVersion: isServed ? storage.apiVersion : apiVersionOf(group, version),
  }
}

export function cachedResource(
  definition: ResourceDefinition,
  strategy: KindStrategy,
  location: StorageLocation,
): CachedResource {
  const prefix = storedPrefix(definition, location.apiVersion)
  const hasFields = strategy.selectable !== undefined && strategy.selectable.length > 0
  return {
    name: groupResourceName(definition),
    prefix: location.prefix,
    namespaced: definition.namespaced,
    indexedFields: strategy.indexed ?? [],
    decode(key, value, revision) {
      const object = parseStored(key, value)
      const isOurs = hasStoredPrefix(value, prefix)
      if (!isOurs) convert(key, object, prefix)
      const isFilled = strategy.defaultStored?.(object) === true
      const stored = isOurs && !isFilled ? value : encodeStored(object, prefix)
      return entryOf(key, object, spliceResourceVersion(stored, prefix, revision), revision)
    },
    atRevision(entry, revision) {
      const json = spliceResourceVersion(withoutResourceVersion(entry.json, prefix), prefix, revision)
      return { ...entry, revision, json, representations: undefined }
    },
  }

  function entryOf(key: StorageKey, object: KubeObject, json: Buffer, revision: Revision): CacheEntry {
    const { metadata } = object
    const slash = definition.namespaced ? key.indexOf('/', location.prefix.length) : -1
    return {
      key,
      namespace: slash < 0 ? '' : key.slice(location.prefix.length, slash),
      name: key.slice(slash < 0 ? location.prefix.length : slash + 1),
      uid: metadata.uid ?? '',
      revision,
      json,
      itemOffset: prefix.itemOffset,
      labels: metadata.labels,
      fields: hasFields ? strategy.selectableFields?.(object) : undefined,
      ownerUids: metadata.ownerReferences?.map((owner) => owner.uid),
      representations: undefined,
    }
  }
}

/** Parses a stored value. Throws an Error that names the key: a fault of the store's content, never of a client. */
export function parseStored(key: StorageKey, value: Buffer): KubeObject {
  let object: unknown
  try {
    object = isProtobuf(value) ? decodeStoredProtobuf(value) : JSON.parse(value.toString())
  } catch (cause) {
    throw new Error(`the value of ${key} is neither JSON nor Kubernetes protobuf`, { cause })
  }
  if (!isObject(object)) throw new Error(`the value of ${key} is not an API object`)
  return object
}

function isObject(value: unknown): value is KubeObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    'metadata' in value &&
    typeof value.metadata === 'object' &&
    value.metadata !== null
  )
}

/** For values that another writer ordered differently, or wrote in another readable version. */
function convert(key: StorageKey, object: KubeObject, { kind, apiVersion }: StoredPrefix): void {
  if (object.kind !== kind) throw new Error(`the value of ${key} is a ${object.kind}, not a ${kind}`)
  const stored = object.apiVersion
  if (!convertOlderVersion(object, apiVersion)) {
    throw new Error(`the value of ${key} is stored as ${stored}, which can not be read as ${apiVersion}`)
  }
}
