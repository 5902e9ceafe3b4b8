// A resource served in another version than it is stored in. The registry works in the served version; the store and the
// cache keep the stored one.
import type { ResourceDefinition, StorageLocation } from '@keelson/api'
import { type KubeObject, apiVersionOf } from '@keelson/apimachinery'
import type { ResourceCache } from '@keelson/storage'
import type { StoredPrefix } from './stored-json.ts'

export interface VersionView {
  /** How the served JSON begins. */
  readonly prefix: StoredPrefix
  /** The name of the cache of the stored version. */
  readonly cacheName: string
  /** The same cache, with every object in the served version. */
  cacheOf(stored: ResourceCache): ResourceCache
  /** Both may reuse parts of what they are given, and never change it. */
  fromStored(object: KubeObject): KubeObject
  toStored(object: KubeObject): KubeObject
}

export function viewOf(definition: ResourceDefinition, location: StorageLocation): VersionView | undefined {
  if (apiVersionOf(definition.group, definition.version) === location.apiVersion) return undefined
  return undefined
}
