// Discovery requests: which paths they are, and their answers. What is served is known when the server starts, so each answer
// is made once.
import {
  type GroupVersionDefinition,
  type ServedResources,
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
} from '@keelson/api'
import { StatusError, genericNotFound, notAcceptable } from '@keelson/apimachinery'
import type { Handler, RequestContext } from '../context.ts'
import { documentEncoding, wantsPretty } from '../representation/representation.ts'
import { respondDocument } from '../representation/respond-object.ts'
import { MEDIA_TYPES, aggregatedMediaType } from './accept.ts'
import { type EncodedDocument, encodeDocument, respondWithEtag } from './encoded-document.ts'
import { rootPaths } from './root-paths.ts'

/**
 * `/`, `/api`, `/apis`, `/api/v1`, `/apis/{group}`, `/apis/{group}/{version}`, each with or without a slash at its end.
 * The resolver gives undefined for what is not a discovery path, or a group that nobody serves (a plain 404 page).
 */
export function discoveryHandlers(served: ServedResources): (path: string) => Handler | undefined {
  const documents = new DiscoveryDocuments(served)
  return (path) => {
    if (path === '/') return onlyGet((context) => answerRoot(context, served))
    const [empty, prefix, ...rest] = withoutTrailingSlash(path).split('/')
    if (empty !== '') return undefined
    if (prefix === 'api') return resolveCore(documents, rest)
    if (prefix === 'apis') return resolveGroups(documents, rest)
    return undefined
  }
}

const withoutTrailingSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)

function resolveCore(documents: DiscoveryDocuments, [version, ...more]: string[]): Handler | undefined {
  if (version === undefined)
    return onlyGet((context) => answer(context, documents.core(context), () => documents.aggregated('/api')))
  return more.length === 0 ? resolveVersion(documents, '', version) : undefined
}

function resolveGroups(documents: DiscoveryDocuments, [group, version, ...more]: string[]): Handler | undefined {
  // Upstream's aggregator answers here whatever the method.
  if (group === undefined)
    return withoutRouter((context) => answer(context, documents.groups(), () => documents.aggregated('/apis')))
  const isServed = documents.served.groupVersions.some((item) => item.group === group)
  if (!isServed || group === '' || more.length > 0) return undefined
  if (version === undefined) return withoutRouter(onlyGet((context) => answer(context, documents.group(group))))
  return resolveVersion(documents, group, version)
}

function resolveVersion(documents: DiscoveryDocuments, group: string, version: string): Handler | undefined {
  const { groupVersions } = documents.served
  const found = groupVersions.find((item) => item.group === group && item.version === version)
  if (found !== undefined) return onlyGet((context) => answer(context, documents.version(found)))
  if (group === '') return undefined
  return async () => {
    throw genericNotFound()
  }
}

function onlyGet(respond: (context: RequestContext) => void): Handler {
  return async (context) => {
    if (context.method === 'GET') return respond(context)
    throw new StatusError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    )
  }
}

/** Upstream's aggregator answers before its router can: what cannot be accepted is refused in other words. */
function withoutRouter(respond: (context: RequestContext) => unknown): Handler {
  return async (context) => {
    try {
      await respond(context)
    } catch (error) {
      if (error instanceof StatusError && error.code === 406) throw notAcceptable(MEDIA_TYPES)
      throw error
    }
  }
}

function answerRoot(context: RequestContext, served: ServedResources): void {
  context.respond(200, 'application/json', JSON.stringify({ paths: rootPaths(served) }))
}

/** `aggregated`: of a root whose aggregated form the client may ask for. */
function answer(context: RequestContext, document: EncodedDocument, aggregated?: () => EncodedDocument): void {
  const { accept } = context.headers
  const mediaType = aggregated && aggregatedMediaType(accept)
  if (aggregated !== undefined && mediaType !== undefined)
    respondWithEtag(context, aggregated(), { mediaType, pretty: wantsPretty(context) }, AGGREGATED_PARAMETERS)
  else respondDocument(context, documentEncoding(context), document.json, 200)
}

const AGGREGATED_PARAMETERS = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

class DiscoveryDocuments {
  readonly served: ServedResources
  readonly #made = new Map<string, EncodedDocument>()

  constructor(served: ServedResources) {
    this.served = served
  }

  aggregated(root: '/api' | '/apis'): EncodedDocument {
    return this.#once(`aggregated ${root}`, () => aggregatedDiscovery(this.served.groupVersions, root))
  }

  groups(): EncodedDocument {
    return this.#once('/apis', () => apiGroupList(this.served.groupVersions))
  }

  group(group: string): EncodedDocument {
    return this.#once(`/apis/${group}`, () => apiGroup(this.served.groupVersions, group) ?? {})
  }

  version(groupVersion: GroupVersionDefinition): EncodedDocument {
    return this.#once(`${groupVersion.group}/${groupVersion.version}`, () => apiResourceList(groupVersion))
  }

  /** Names the server as the client called it, so it is made for each request: few clients still ask. */
  core(context: RequestContext): EncodedDocument {
    const authority = context.headers.host ?? context.headers[':authority']
    const document = apiVersions(this.served.groupVersions, typeof authority === 'string' ? authority : '')
    return encodeDocument(document)
  }

  #once(key: string, make: () => object): EncodedDocument {
    let document = this.#made.get(key)
    if (document === undefined) {
      document = encodeDocument(make())
      this.#made.set(key, document)
    }
    return document
  }
}
