// OpenAPI requests: the index of v3 documents and the documents. Clients keep a document for as long as the index names it with
// the same hash. The one document of v2 is known by its ETag.
import { createHash } from 'node:crypto'
import {
  type DocumentFormat,
  type ServedResources,
  openApiDocument,
  openApiHashes,
  openApiVersion2,
} from '@keelson/api'
import type { Handler, RequestContext } from '../context.ts'
import { matches } from '../discovery/encoded-document.ts'
import { KeptDocuments } from './kept-documents.ts'

const PREFIX = '/openapi/v3/'

/** `/openapi/v3`, the documents below it, and `/openapi/v2`. The resolver gives undefined for what is not a path of OpenAPI. */
export function openApiHandlers(served: ServedResources): (path: string) => Handler | undefined {
  const requests = new OpenApiRequests(served)
  return (path) => {
    if (path === '/openapi/v3') return requests.answerIndex
    if (path === '/openapi/v2') return requests.answerVersion2
    if (path.startsWith(PREFIX)) return (context) => requests.answerDocument(context, path.slice(PREFIX.length))
    return undefined
  }
}

class OpenApiRequests {
  readonly #served: ServedResources
  readonly #kept = new KeptDocuments()
  #hashes: ReadonlyMap<string, string> | undefined

  constructor(served: ServedResources) {
    this.#served = served
  }

  readonly answerIndex: Handler = async (context) => {
    const paths = [...this.#hashesOf()].map(([path, hash]) => [
      path,
      { serverRelativeURL: `${PREFIX}${path}?hash=${hash}` },
    ])
    // The content type is upstream's.
    context.respond(200, 'text/plain; charset=utf-8', JSON.stringify({ paths: Object.fromEntries(paths) }))
  }

  readonly answerVersion2: Handler = async (context) => {
    const format = formatOf(context.headers.accept, 'v2')
    if (format === undefined) return context.respond(406, '', '')
    // It is made of what the documents of v3 are made of, so it changes when one of them does.
    const etag = `"${sha512([format, ...this.#hashesOf().values()].join())}"`
    context.setHeader('etag', etag)
    context.setHeader('vary', 'Accept')
    const contentType = contentTypeOf(format, 'v2')
    if (matches(context.headers['if-none-match'], etag)) return context.respond(304, contentType, '')
    const document = this.#kept.get(`v2 ${format}`, () => openApiVersion2(this.#served, format))
    context.respond(200, contentType, await document)
  }

  async answerDocument(context: RequestContext, path: string): Promise<void> {
    const hash = this.#hashesOf().get(path)
    // As upstream: nothing, and no type of it.
    if (hash === undefined) return context.respond(404, '', '')
    const format = formatOf(context.headers.accept, 'v3')
    if (format === undefined) return context.respond(406, '', '')
    const etag = `"${hash}"`
    context.setHeader('etag', etag)
    context.setHeader('vary', 'Accept')
    const asked = context.query.get('hash')
    const contentType = contentTypeOf(format, 'v3')
    if (asked !== null && asked !== hash) {
      context.setHeader('location', `${PREFIX}${path}?hash=${hash}`)
      return context.respond(301, contentType, '')
    }
    if (asked === hash) keepForAYear(context)
    if (matches(context.headers['if-none-match'], etag)) return context.respond(304, contentType, '')
    const document = this.#kept.get(`${path} ${format}`, () => openApiDocument(this.#served, path, format))
    context.respond(200, contentType, await document)
  }

  #hashesOf(): ReadonlyMap<string, string> {
    return (this.#hashes ??= openApiHashes(this.#served))
  }
}

const sha512 = (text: string): string => createHash('sha512').update(text).digest('hex').toUpperCase()

const YEAR_MS = 365 * 24 * 60 * 60 * 1000

function keepForAYear(context: RequestContext): void {
  context.setHeader('cache-control', 'public, immutable')
  context.setHeader('expires', new Date(Date.now() + YEAR_MS).toUTCString())
}

/** Clients ask with an @; it is answered with a dot in its place, and taken so too. */
const contentTypeOf = (format: DocumentFormat, version: 'v2' | 'v3'): string =>
  format === 'json' ? 'application/json' : `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`

/** The first clause that can be given decides; a parameter of a media type changes nothing here. undefined: none can. */
function formatOf(accept: string | undefined, version: 'v2' | 'v3'): DocumentFormat | undefined {
  if (accept === undefined || accept === '') return 'json'
  const protobuf = contentTypeOf('protobuf', version)
  for (const clause of accept.split(',')) {
    const type = clause.split(';', 1)[0]?.trim()
    if (type?.replace('@', '.') === protobuf) return 'protobuf'
    if (type === 'application/json' || type === 'application/*' || type === '*/*' || type === '*') return 'json'
  }
  return undefined
}
