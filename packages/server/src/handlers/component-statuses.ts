// ComponentStatus: never stored, deprecated, and still asked for by `kubectl get cs`. The store is the only component that
// this server knows to be well: it asks it.
import { type KubeObject, notFound } from '@keelson/apimachinery'
import type { ResourceDefinition } from '@keelson/api'
import { type CacheEntry, type Revision, type StorageKey, StorageUnavailable, type WatchCache } from '@keelson/storage'
import type { Handler, RequestContext } from '../context.ts'
import { representationOf } from '../representation/representation.ts'
import { respondListing } from '../representation/respond-list.ts'
import { respondIn } from '../representation/respond-object.ts'
import type { RepresentedResource } from '../representation/table.ts'
import { parseListOptions } from './list-options.ts'

const STORE = 'etcd-0'

export function listComponentStatusesHandler(cache: WatchCache): Handler {
  return async (context) => {
    const definition = definitionOf(context)
    const representation = representationOf(context, definition, 'list')
    const resource = represented(definition)
    const { labelSelector, fieldSelector } = parseListOptions(context.query, resource, false)
    const status = await storeStatus(cache)
    // It has a name and nothing else that a selector could ask for.
    const isSelected = labelSelector.matches({}) && fieldSelector.matches((field) => fieldOf(status, field))
    await respondListing(context, resource, representation, isSelected ? [entryOf(status)] : [], '{}')
  }
}

export function getComponentStatusHandler(cache: WatchCache): Handler {
  return async (context) => {
    const definition = definitionOf(context)
    const representation = representationOf(context, definition, 'object')
    if (context.info.name !== STORE) throw notFound(definition, context.info.name)
    const object = await storeStatus(cache)
    const json = Buffer.from(JSON.stringify(object))
    respondIn(context, represented(definition), representation, { object, json }, 200)
  }
}

const fieldOf = ({ metadata }: KubeObject, field: string): string =>
  field === 'metadata.name' ? (metadata.name ?? '') : ''

const represented = (definition: ResourceDefinition): RepresentedResource => ({
  definition,
  strategy: { row: (object) => [STORE, ...conditionOf(object)] },
})

/** As if it were cached: lists are made of entries. */
function entryOf({ kind, apiVersion, ...item }: KubeObject): CacheEntry {
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`
  return {
    key: `/componentstatuses/${STORE}` as StorageKey, // Of no store: nobody looks it up.
    namespace: '',
    name: STORE,
    uid: '',
    revision: 0 as Revision, // Likewise.
    json: Buffer.from(head + JSON.stringify(item).slice(1)),
    itemOffset: Buffer.byteLength(head),
    labels: undefined,
    fields: undefined,
    ownerUids: undefined,
    representations: undefined,
  }
}

function definitionOf({ resource }: RequestContext): ResourceDefinition {
  if (resource === undefined) throw new Error('component statuses are a resource')
  return resource
}

interface ComponentCondition {
  type: 'Healthy'
  status: 'True' | 'False'
  message?: string
  error?: string
}

async function storeStatus(cache: WatchCache): Promise<KubeObject> {
  return {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: STORE },
    conditions: [await storeCondition(cache)],
  }
}

async function storeCondition(cache: WatchCache): Promise<ComponentCondition> {
  try {
    await cache.consistentRevision()
    return { type: 'Healthy', status: 'True', message: 'ok' }
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error
    return { type: 'Healthy', status: 'False', error: error.message }
  }
}

/** Status, message and error, as the columns show them. */
function conditionOf(object: KubeObject): string[] {
  const [condition] = object['conditions'] as ComponentCondition[] // Made by storeStatus.
  const { status, message = '', error = '' } = condition ?? { status: 'False' }
  return [status === 'True' ? 'Healthy' : 'Unhealthy', message, error]
}
