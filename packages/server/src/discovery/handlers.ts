// Discovery requests: which paths they are, and their answers. What is served is known when the server starts, so each answer
// is made once.
import {
  type GroupVersionDefinition,
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  builtinGroupVersions,
} from '@keelson/api'
import { StatusError, genericNotFound } from '@keelson/apimachinery'
import type { Handler, RequestContext } from '../context.ts'
import { documentEncoding } from '../representation/representation.ts'
import { respondDocument } from '../representation/respond-object.ts'
import { aggregatedMediaType } from './accept.ts'
import { type EncodedDocument, encodeDocument, respondWithEtag } from './encoded-document.ts'
import { rootPaths } from './root-paths.ts'

/**
 * `/`, `/api`, `/apis`, `/api/v1`, `/apis/{group}`, `/apis/{group}/{version}`, each with or without a slash at its end.
 * undefined: not a discovery path, or a group that nobody serves (a plain 404 page).
 */
export function resolveDiscovery(path: string): Handler | undefined {
  if (path === '/') return answerRoot
  const [empty, prefix, ...rest] = withoutTrailingSlash(path).split('/')
  if (empty !== '') return undefined
  if (prefix === 'api') return resolveCore(rest)
  if (prefix === 'apis') return resolveGroups(rest)
  return undefined
}

const withoutTrailingSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)

function resolveCore([version, ...more]: string[]): Handler | undefined {
  if (version === undefined) return onlyGet((context) => answer(context, coreDocument(context), '/api'))
  return more.length === 0 ? resolveVersion('', version) : undefined
}

function resolveGroups([group, version, ...more]: string[]): Handler | undefined {
  // Upstream's aggregator answers here whatever the method.
  if (group === undefined) return async (context) => answer(context, groupListDocument(), '/apis')
  const isServed = builtinGroupVersions().some((item) => item.group === group)
  if (!isServed || group === '' || more.length > 0) return undefined
  if (version === undefined) return onlyGet((context) => answer(context, groupDocument(group)))
  return resolveVersion(group, version)
}

function resolveVersion(group: string, version: string): Handler | undefined {
  const found = builtinGroupVersions().find((item) => item.group === group && item.version === version)
  if (found !== undefined) return onlyGet((context) => answer(context, versionDocument(found)))
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

const answerRoot: Handler = onlyGet((context) => {
  context.respond(200, 'application/json', JSON.stringify({ paths: rootPaths() }))
})

/** `aggregated`: the root whose aggregated form the client may ask for. */
function answer(context: RequestContext, document: EncodedDocument, aggregated?: '/api' | '/apis'): void {
  const { accept } = context.headers
  const mediaType = aggregated && aggregatedMediaType(accept)
  if (aggregated !== undefined && mediaType !== undefined)
    respondWithEtag(context, aggregatedDocument(aggregated), mediaType, AGGREGATED_PARAMETERS)
  else respondDocument(context, documentEncoding(context), document.json, 200)
}

const documents = new Map<string, EncodedDocument>()

function once(key: string, make: () => object): EncodedDocument {
  let document = documents.get(key)
  if (document === undefined) {
    document = encodeDocument(make())
    documents.set(key, document)
  }
  return document
}

const AGGREGATED_PARAMETERS = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

const aggregatedDocument = (root: '/api' | '/apis'): EncodedDocument =>
  once(`aggregated ${root}`, () => aggregatedDiscovery(builtinGroupVersions(), root))

const groupListDocument = (): EncodedDocument => once('/apis', () => apiGroupList(builtinGroupVersions()))

const groupDocument = (group: string): EncodedDocument =>
  once(`/apis/${group}`, () => apiGroup(builtinGroupVersions(), group) ?? {})

const versionDocument = (groupVersion: GroupVersionDefinition): EncodedDocument =>
  once(`${groupVersion.group}/${groupVersion.version}`, () => apiResourceList(groupVersion))

/** Names the server as the client called it, so it is made for each request: few clients still ask. */
function coreDocument(context: RequestContext): EncodedDocument {
  const authority = context.headers.host ?? context.headers[':authority']
  return encodeDocument(apiVersions(builtinGroupVersions(), typeof authority === 'string' ? authority : ''))
}
