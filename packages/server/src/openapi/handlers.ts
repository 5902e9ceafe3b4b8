// OpenAPI requests: the index of v3 documents and the documents. Clients keep a document for as long as the index names it with
// the same hash. The one document of v2 is known by its ETag.
import { createHash } from 'node:crypto'
import { openApiDocument, openApiHashes, openApiVersion2 } from '@keelson/api'
import type { Handler, RequestContext } from '../context.ts'
import { matches } from '../discovery/encoded-document.ts'

const PREFIX = '/openapi/v3/'

/** `/openapi/v3`, the documents below it, and `/openapi/v2`. undefined: not a path of OpenAPI. */
export function resolveOpenApi(path: string): Handler | undefined {
  if (path === '/openapi/v3') return answerIndex
  if (path === '/openapi/v2') return answerVersion2
  if (path.startsWith(PREFIX)) return (context) => answerDocument(context, path.slice(PREFIX.length))
  return undefined
}

/** As clients ask for it; it is answered with a dot in the place of the @. */
const VERSION_2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

const answerVersion2: Handler = async (context) => {
  const { accept } = context.headers
  const isProtobuf =
    accept?.split(',').some((clause) => clause.split(';', 1)[0]?.trim() === VERSION_2_PROTOBUF) === true
  if (!isProtobuf && !acceptsJson(accept)) return context.respond(406, '', '')
  const document = await encodedDocument(isProtobuf ? VERSION_2_PROTOBUF : '/openapi/v2', () =>
    openApiVersion2(isProtobuf ? 'protobuf' : 'json'),
  )
  const etag = `"${createHash('sha512').update(document).digest('hex').toUpperCase()}"`
  context.setHeader('etag', etag)
  context.setHeader('vary', 'Accept')
  const contentType = isProtobuf ? VERSION_2_PROTOBUF.replace('@', '.') : 'application/json'
  if (matches(context.headers['if-none-match'], etag)) context.respond(304, contentType, '')
  else context.respond(200, contentType, document)
}

const answerIndex: Handler = async (context) => {
  const paths = [...openApiHashes()].map(([path, hash]) => [
    path,
    { serverRelativeURL: `${PREFIX}${path}?hash=${hash}` },
  ])
  // The content type is upstream's.
  context.respond(200, 'text/plain; charset=utf-8', JSON.stringify({ paths: Object.fromEntries(paths) }))
}

async function answerDocument(context: RequestContext, path: string): Promise<void> {
  const hash = openApiHashes().get(path)
  // As upstream: nothing, and no type of it.
  if (hash === undefined) return context.respond(404, '', '')
  if (!acceptsJson(context.headers.accept)) return context.respond(406, '', '')
  const etag = `"${hash}"`
  context.setHeader('etag', etag)
  context.setHeader('vary', 'Accept')
  const asked = context.query.get('hash')
  if (asked !== null && asked !== hash) {
    context.setHeader('location', `${PREFIX}${path}?hash=${hash}`)
    return context.respond(301, 'application/json', '')
  }
  if (asked === hash) keepForAYear(context)
  if (matches(context.headers['if-none-match'], etag)) return context.respond(304, 'application/json', '')
  context.respond(200, 'application/json', await encodedDocument(path, () => openApiDocument(path)))
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000

function keepForAYear(context: RequestContext): void {
  context.setHeader('cache-control', 'public, immutable')
  context.setHeader('expires', new Date(Date.now() + YEAR_MS).toUTCString())
}

/** Whether any clause takes JSON. A parameter of a media type changes nothing here. */
function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '') return true
  return accept.split(',').some((clause) => {
    const type = clause.split(';', 1)[0]?.trim()
    return type === 'application/json' || type === 'application/*' || type === '*/*' || type === '*'
  })
}

/** Documents that are kept encoded: a client that reads them reads several within a second, and then none for long. */
const KEPT_DOCUMENTS = 8
const kept = new Map<string, Promise<Buffer>>()

function encodedDocument(path: string, make: () => Promise<Buffer | undefined>): Promise<Buffer> {
  const known = kept.get(path)
  if (known !== undefined) return known
  const made = make().then((document) => document ?? Buffer.alloc(0))
  kept.set(path, made)
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_DOCUMENTS) break
    kept.delete(oldest)
  }
  // A failure must not be kept.
  made.catch(() => kept.delete(path))
  return made
}
