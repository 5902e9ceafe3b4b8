// Reads what a request is for from its method and URL. The shapes are listed at RequestInfo (context.ts); besides them
//   /api/{version}/watch/…   /apis/{group}/{version}/watch/…
// is upstream's old way to say `?watch=true`.
import { badRequest, parseFieldSelector } from '@keelson/apimachinery'
import type { Middleware, RequestInfo } from '../context.ts'

export const requestInfo: Middleware = (context, next) => {
  context.info = parseRequestInfo(context.method, decodePath(context.path), () => context.query)
  return next()
}

/** Slashes that were sent as `%2f` are slashes, as upstream: no name holds one. */
function decodePath(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch (error) {
    throw Object.assign(badRequest(`the path ${JSON.stringify(path)} is not percent-encoded UTF-8`), { cause: error })
  }
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize'])

/** `query` is a function: most requests that need no query should not pay for parsing it. */
export function parseRequestInfo(method: string, path: string, query: () => URLSearchParams): RequestInfo {
  // One slash at each end is not part of what is asked for: `/api/v1/pods/` is `/api/v1/pods`.
  const segments = path
    .slice(path.startsWith('/') ? 1 : 0, path.length > 1 && path.endsWith('/') ? -1 : undefined)
    .split('/')
  const prefix = segments[0]
  const groupless = prefix === 'api'
  const first = groupless ? 1 : 2
  if ((!groupless && prefix !== 'apis') || segments.length < first + 2) return nonResource(method, path)

  const group = groupless ? '' : (segments[1] ?? '')
  const version = segments[first] ?? ''
  let parts = segments.slice(first + 1)
  let verb = VERBS[method] ?? ''
  if (parts[0] === 'watch' && parts.length > 1) {
    verb = 'watch'
    parts = parts.slice(1)
  }
  let namespace = ''
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? ''
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] ?? '')) parts = parts.slice(2)
  }
  const resource = parts[0] ?? ''
  let name = parts[1] ?? ''
  const subresource = parts[2] ?? ''
  if (name === '') {
    if (verb === 'get') verb = isTrue(query().get('watch')) ? 'watch' : 'list'
    else if (verb === 'delete') verb = 'deletecollection'
    if (verb === 'list' || verb === 'watch' || verb === 'deletecollection')
      name = selectedName(query().get('fieldSelector'))
  }
  return {
    isResourceRequest: true,
    path,
    verb,
    apiPrefix: groupless ? 'api' : 'apis',
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    parts,
  }
}

function nonResource(method: string, path: string): RequestInfo {
  return {
    isResourceRequest: false,
    path,
    verb: method.toLowerCase(),
    apiPrefix: '',
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    parts: [],
  }
}

/** How upstream reads a boolean in a query: there, and neither `false` nor `0`. */
export function isTrue(value: string | null): boolean {
  if (value === null) return false
  const text = value.toLowerCase()
  return text !== 'false' && text !== '0'
}

/** A list of one name is authorized as that name. A selector that cannot be read is refused by the handler. */
function selectedName(fieldSelector: string | null): string {
  if (fieldSelector === null || !fieldSelector.includes('metadata.name')) return ''
  try {
    return parseFieldSelector(fieldSelector).requiresExactMatch('metadata.name') ?? ''
  } catch {
    return ''
  }
}
