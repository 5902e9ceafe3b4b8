// A resource served in another version than it is stored in. The registry works in the served version; the store and the
// cache keep the stored one.
import { type KindStrategy, type ResourceDefinition, type StorageLocation, strategyOf } from '@keelson/api'
import { type KubeObject, apiVersionOf, groupResourceName } from '@keelson/apimachinery'
import type { ResourceCache } from '@keelson/storage'
import { type StoredPrefix, storedPrefix } from '../stored-json.ts'
import { ConvertedCache } from './converted-cache.ts'
import { convertedStrategy } from './converted-strategy.ts'
import { EVENTS } from './events.ts'
import { HORIZONTAL_POD_AUTOSCALERS_V1 } from './horizontal-pod-autoscalers.ts'

/** Both directions may reuse parts of what they are given, and never change it. */
export interface Conversion {
  fromStored(object: KubeObject): KubeObject
  toStored(object: KubeObject): KubeObject
}

export interface VersionView extends Conversion {
  /** The apiVersion it is stored in. */
  readonly storedVersion: string
  /** How the served JSON begins. */
  readonly prefix: StoredPrefix
  /** The name of the cache of the stored version. */
  readonly cacheName: string
  readonly strategy: KindStrategy
  /** The same cache, with every object in the served version. */
  cacheOf(stored: ResourceCache): ResourceCache
}

interface Served {
  readonly conversion: Conversion
  /** The cache of the stored version: another group's for events. */
  readonly cacheName?: string
  /** The rules of the kind are written for the stored version, and run on it. */
  readonly rulesOfStored: boolean
}

const SERVED: ReadonlyMap<string, Served> = new Map([
  ['events.k8s.io/v1/events', { conversion: EVENTS, cacheName: 'events', rulesOfStored: false }],
  ['autoscaling/v1/horizontalpodautoscalers', { conversion: HORIZONTAL_POD_AUTOSCALERS_V1, rulesOfStored: true }],
])

/** How objects of this registry become those of another version of the same resource. Undefined: there is none. */
export function conversionTo(
  { resource }: ResourceDefinition,
  view: VersionView | undefined,
  apiVersion: string,
): ((object: KubeObject) => KubeObject) | undefined {
  if (view !== undefined) return view.storedVersion === apiVersion ? (object) => view.toStored(object) : undefined
  const other = SERVED.get(`${apiVersion}/${resource}`)
  return other && ((object) => other.conversion.fromStored(object))
}

/** The way back. */
export function conversionFrom(
  { resource }: ResourceDefinition,
  view: VersionView | undefined,
  apiVersion: string,
): ((object: KubeObject) => KubeObject) | undefined {
  if (view !== undefined) return view.storedVersion === apiVersion ? (object) => view.fromStored(object) : undefined
  const other = SERVED.get(`${apiVersion}/${resource}`)
  return other && ((object) => other.conversion.toStored(object))
}

/** Undefined for a resource that is stored as it is served. */
export function viewOf(definition: ResourceDefinition, location: StorageLocation): VersionView | undefined {
  const apiVersion = apiVersionOf(definition.group, definition.version)
  if (apiVersion === location.apiVersion) return undefined
  const served = SERVED.get(`${apiVersion}/${definition.resource}`)
  if (served === undefined)
    throw new Error(`${definition.resource} in ${apiVersion} is stored as ${location.apiVersion}: no conversion`)
  const { conversion, rulesOfStored } = served
  const prefix = storedPrefix(definition, apiVersion)
  const strategy = strategyOf(definition)
  return {
    ...conversion,
    storedVersion: location.apiVersion,
    prefix,
    cacheName: served.cacheName ?? groupResourceName(definition),
    strategy: rulesOfStored ? convertedStrategy(strategy, conversion) : strategy,
    cacheOf: (stored) => new ConvertedCache(stored, conversion, prefix),
  }
}
