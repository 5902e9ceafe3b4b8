// ComponentStatus: never stored, deprecated, and still asked for by `kubectl get cs`. The store is the only component that
// this server knows to be well: it asks it.
import { type KubeObject, notFound } from '@keelson/apimachinery'
import type { ResourceDefinition } from '@keelson/api'
import { StorageUnavailable, type WatchCache } from '@keelson/storage'
import type { Handler, RequestContext } from '../context.ts'
import { representationOf } from '../representation/representation.ts'
import { respondIn, respondJson } from '../representation/respond-object.ts'

const STORE = 'etcd-0'

export function listComponentStatusesHandler(cache: WatchCache): Handler {
  return async (context) => {
    const representation = representationOf(context, definitionOf(context), 'list')
    const { kind: _kind, apiVersion: _apiVersion, ...item } = await storeStatus(cache)
    const list = { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: [item] }
    respondJson(context, representation, Buffer.from(JSON.stringify(list)), 200)
  }
}

export function getComponentStatusHandler(cache: WatchCache): Handler {
  return async (context) => {
    const definition = definitionOf(context)
    const representation = representationOf(context, definition, 'object')
    if (context.info.name !== STORE) throw notFound(definition, context.info.name)
    const object = await storeStatus(cache)
    const row = (): string[] => [STORE, ...conditionOf(object)]
    respondIn(
      context,
      { definition, strategy: { row } },
      representation,
      { object, json: Buffer.from(JSON.stringify(object)) },
      200,
    )
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
