// A document that is the same for everyone: encoded once, known by a hash, not sent again to who has it.
import { createHash } from 'node:crypto'
import type { RequestContext } from '../context.ts'

export interface EncodedDocument {
  readonly contentType: string
  readonly json: Buffer
  /** SHA-512 in upper-case hexadecimal digits, as upstream's are. */
  readonly hash: string
}

export function encodeDocument(document: object, contentType: string): EncodedDocument {
  const json = Buffer.from(JSON.stringify(document))
  return { contentType, json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() }
}

/** With its ETag; 304 when the client's If-None-Match names it (RFC 9110 §13.1.2). */
export function respondDocument(context: RequestContext, document: EncodedDocument): void {
  const etag = `"${document.hash}"`
  context.setHeader('etag', etag)
  context.setHeader('vary', 'Accept')
  context.setHeader('cache-control', 'public')
  if (matches(context.headers['if-none-match'], etag)) context.respond(304, document.contentType, '')
  else context.respond(200, document.contentType, document.json)
}

export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((candidate) => {
    const tag = candidate.trim()
    return tag === '*' || tag === etag || tag === `W/${etag}`
  })
}
