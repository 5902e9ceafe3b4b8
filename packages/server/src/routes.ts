// From a request to its handler, or to the refusal that upstream's router gives.
//
//   not /api/… or /apis/…   health, version, metrics, discovery, OpenAPI; else a plain 404 page
//   …/{resource}            GET list | watch, POST create, DELETE deletecollection
//   …/{resource}/{name}     GET, PUT, PATCH, DELETE
//   …/{name}/{subresource}  what the table says of the subresource
// A path that no verb of the resource has is 404; one that other verbs have is 405.
import type { ResourceDefinition, ServedResources, Verb } from '@keelson/api'
import { genericNotFound, StatusError } from '@keelson/apimachinery'
import type { Handler, RequestContext, RequestInfo } from './context.ts'
import { warnOfDeprecation } from './handlers/deprecations.ts'
import type { WriteHandlers } from './handlers/write-handlers.ts'
import type { Registries, ResourceRegistry } from './registry/types.ts'
import { respondPageNotFound } from './representation/status.ts'

type ReadHandler = (context: RequestContext, registry: ResourceRegistry) => Promise<void>

export interface Routes {
  readonly served: ServedResources
  readonly registries: Registries
  readonly get: ReadHandler
  readonly list: ReadHandler
  readonly watch: ReadHandler
  readonly write: WriteHandlers
  /** Of resources that are answered and never stored, by `group/resource` and verb. */
  readonly unstored: Readonly<Record<string, Partial<Record<Verb, Handler>>>>
  /** Asked in order for a path that is no resource's. */
  readonly nonResource: readonly ((path: string) => Handler | undefined)[]
}

export function dispatcher(routes: Routes): Handler {
  return (context) => {
    const { info } = context
    if (!info.isResourceRequest) return dispatchPath(routes, context)
    const definition = routes.served.findResource(info.group, info.version, info.resource)
    if (definition === undefined) return unknownResource(routes, context)
    context.resource = definition
    warnOfDeprecation(context, definition)
    const hasNamespace = info.namespace !== '' && info.resource !== 'namespaces'
    if (hasNamespace && !definition.namespaced) throw genericNotFound()
    if (!definition.namespaced && info.namespace !== '') context.info = { ...info, namespace: '' }
    if (info.subresource !== '') return dispatchSubresource(routes, context, definition)
    return dispatchResource(routes, context, definition)
  }
}

function dispatchPath(routes: Routes, context: RequestContext): Promise<void> {
  for (const resolve of routes.nonResource) {
    const handler = resolve(context.info.path)
    if (handler !== undefined) return handler(context)
  }
  respondPageNotFound(context)
  return Promise.resolve()
}

/** Upstream has no routes at all for a group that it does not serve, and answers the others from within the group. */
function unknownResource({ served }: Routes, context: RequestContext): Promise<void> {
  const { group } = context.info
  if (served.groupVersions.some((known) => known.group === group)) throw genericNotFound()
  respondPageNotFound(context)
  return Promise.resolve()
}

const COLLECTION_VERBS: readonly Verb[] = ['list', 'watch', 'create', 'deletecollection']
const OBJECT_VERBS: readonly Verb[] = ['get', 'update', 'patch', 'delete']
/** What may be asked of all namespaces together. */
const ALL_NAMESPACES_VERBS: readonly Verb[] = ['list', 'watch']

function dispatchResource(routes: Routes, context: RequestContext, definition: ResourceDefinition): Promise<void> {
  const { info } = context
  const isWatchPath = info.verb === 'watch' && !isCollection(info)
  const allNamespaces = definition.namespaced && info.namespace === ''
  const possible =
    isCollection(info) || isWatchPath ? (allNamespaces ? ALL_NAMESPACES_VERBS : COLLECTION_VERBS) : OBJECT_VERBS
  if (!isCollection(info) && !isWatchPath && allNamespaces) throw genericNotFound()
  if (!possible.some((verb) => definition.verbs.includes(verb))) throw genericNotFound()
  const verb = possible.find((candidate) => candidate === info.verb)
  if (verb === undefined || !definition.verbs.includes(verb) || !hasMethodOf(verb, context.method))
    throw methodNotAllowed()
  const registry = routes.registries.get(info.group, info.version, info.resource)
  if (registry === undefined) return unstored(routes, definition, verb)(context)
  switch (verb) {
    case 'get':
      return routes.get(context, registry)
    case 'list':
      return routes.list(context, registry)
    case 'watch':
      return routes.watch(context, registry)
    default:
      return routes.write[verb](context)
  }
}

function dispatchSubresource(routes: Routes, context: RequestContext, definition: ResourceDefinition): Promise<void> {
  const { info } = context
  const subresource = definition.subresources.find(({ name }) => name === info.subresource)
  const tooLong = info.parts.length > 3 && info.subresource !== 'proxy'
  if (subresource === undefined || tooLong || (definition.namespaced && info.namespace === '')) throw genericNotFound()
  context.subresource = subresource
  const verb = [...OBJECT_VERBS, 'create' as const].find((candidate) => candidate === info.verb)
  const handler =
    verb !== undefined && hasMethodOf(verb, context.method)
      ? routes.write.subresource(definition, subresource.name, verb)
      : undefined
  if (handler === undefined) throw methodNotAllowed()
  return handler(context)
}

/** A name in `info` may come from a field selector; only the path says what is addressed. */
const isCollection = ({ parts }: RequestInfo): boolean => (parts[1] ?? '') === ''

/** HEAD reads as `get` to authorization, and is not served. */
const hasMethodOf = (verb: Verb, method: string): boolean =>
  method === 'GET'
    ? verb === 'get' || verb === 'list' || verb === 'watch'
    : verb !== 'get' && verb !== 'list' && verb !== 'watch'

function unstored({ unstored: handlers }: Routes, { group, resource }: ResourceDefinition, verb: Verb): Handler {
  const handler = handlers[`${group}/${resource}`]?.[verb]
  if (handler !== undefined) return handler
  return () => {
    throw new StatusError(501, 'NotImplemented', `the server does not implement ${resource}`, {
      ...(group !== '' && { group }),
      kind: resource,
    })
  }
}

const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
