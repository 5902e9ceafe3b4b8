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
import { type CacheEntry, type CachedResource, JsonParts, type Revision, type StorageKey } from '@keelson/storage'
import { convertOlderVersion } from './older-versions.ts'
import { dropOldest, fieldsSpans, SharedTexts, textWithout } from './shared-text.ts'
import {
  type StoredJson,
  type StoredPrefix,
  encodeStored,
  hasStoredPrefix,
  partsWithoutVersion,
  splicePartsVersion,
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
/** Writes whose events have not come yet; those that failed are dropped in time. */
const MAX_EXPECTED = 256

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
  const sharedTexts = new SharedTexts()
  const expected = new Map<StorageKey, StoredJson & { readonly description: Description }>()
  const hasFields = strategy.selectable !== undefined && strategy.selectable.length > 0
  return {
    name: groupResourceName(definition),
    prefix: location.prefix,
    namespaced: definition.namespaced,
    indexedFields: strategy.indexed ?? [],
    decode(key, value, revision) {
      const own = expected.get(key)
      if (own !== undefined && own.bytes.equals(value)) {
        expected.delete(key)
        return entryOf(own.description, own, revision)
      }
      const isOurs = hasStoredPrefix(value, prefix)
      if (isOurs) {
        const spans = fieldsSpans(value)
        const object = parseText(key, textWithout(value, spans))
        if (strategy.defaultStored?.(object) !== true) {
          return entryOf(described(key, object), { bytes: value, fields: spans }, revision)
        }
      }
      // Another wrote it differently, or before there was a field that is filled now: it is encoded anew, as we write it.
      const object = parseStored(key, value)
      if (!isOurs) convert(key, object, prefix)
      strategy.defaultStored?.(object)
      return entryOf(described(key, object), encodeStored(object, prefix), revision)
    },
    expect(key, bytes, object, fields) {
      if (strategy.defaultStored !== undefined) return
      expected.delete(key)
      expected.set(key, { bytes, fields, description: described(key, object) })
      if (expected.size > MAX_EXPECTED) dropOldest(expected)
    },
    atRevision(entry, revision) {
      const json =
        entry.parts === undefined
          ? spliceResourceVersion(withoutResourceVersion(entry.json, prefix), prefix, revision)
          : splicePartsVersion(partsWithoutVersion(entry.parts, prefix), prefix, revision)
      return new StoredEntry(entry, revision, json)
    },
  }

  function entryOf(description: Description, { bytes, fields }: StoredJson, revision: Revision): CacheEntry {
    const parts = sharedTexts.split(bytes, fields)
    const json =
      parts === undefined ? spliceResourceVersion(bytes, prefix, revision) : splicePartsVersion(parts, prefix, revision)
    return new StoredEntry(description, revision, json)
  }

  function described(key: StorageKey, object: KubeObject): Description {
    const { metadata } = object
    const slash = definition.namespaced ? key.indexOf('/', location.prefix.length) : -1
    return {
      key,
      namespace: slash < 0 ? '' : key.slice(location.prefix.length, slash),
      name: key.slice(slash < 0 ? location.prefix.length : slash + 1),
      uid: metadata.uid ?? '',
      itemOffset: prefix.itemOffset,
      labels: metadata.labels,
      fields: hasFields ? strategy.selectableFields?.(object) : undefined,
      ownerUids: metadata.ownerReferences?.map((owner) => owner.uid),
    }
  }
}

type Description = Omit<CacheEntry, 'revision' | 'json' | 'parts' | 'representations'>

class StoredEntry implements CacheEntry {
  readonly key: StorageKey
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly revision: Revision
  readonly itemOffset: number
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly fields: Readonly<Record<string, string>> | undefined
  readonly ownerUids: readonly string[] | undefined
  readonly parts: JsonParts | undefined
  representations: Map<string, Buffer> | undefined = undefined
  readonly #json: Buffer | undefined

  constructor(described: Description, revision: Revision, json: Buffer | JsonParts) {
    this.key = described.key
    this.namespace = described.namespace
    this.name = described.name
    this.uid = described.uid
    this.revision = revision
    this.itemOffset = described.itemOffset
    this.labels = described.labels
    this.fields = described.fields
    this.ownerUids = described.ownerUids
    this.parts = json instanceof JsonParts ? json : undefined
    this.#json = json instanceof JsonParts ? undefined : json
  }

  get json(): Buffer {
    return this.#json ?? this.parts?.join() ?? NO_BYTES
  }
}

const NO_BYTES: Buffer = Buffer.alloc(0)

/** Parses a stored value. Throws an Error that names the key: a fault of the store's content, never of a client. */
export function parseStored(key: StorageKey, value: Buffer | string): KubeObject {
  if (typeof value === 'string') return parseText(key, value)
  return isProtobuf(value) ? checked(key, () => decodeStoredProtobuf(value)) : parseText(key, value.toString())
}

const parseText = (key: StorageKey, text: string): KubeObject => checked(key, () => JSON.parse(text))

function checked(key: StorageKey, parse: () => unknown): KubeObject {
  let object: unknown
  try {
    object = parse()
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
