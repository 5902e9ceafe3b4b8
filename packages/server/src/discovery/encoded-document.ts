// A document that is the same for everyone: encoded once, known by a hash, not sent again to who has it.
import { createHash } from 'node:crypto'
import { PROTOBUF } from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { protobufDocument } from '../representation/protobuf.ts'

export interface EncodedDocument {
  readonly json: Buffer
  /** SHA-512 in upper-case hexadecimal digits, as upstream's are. */
  readonly hash: string
}

export function encodeDocument(document: object): EncodedDocument {
  const json = Buffer.from(JSON.stringify(document))
  return { json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() }
}

/** With its ETag, the same for all media types, as upstream; 304 when the client's If-None-Match names it (RFC 9110 §13.1.2). */
export function respondWithEtag(
  context: RequestContext,
  document: EncodedDocument,
  mediaType: 'application/json' | typeof PROTOBUF,
  parameters: string,
): void {
  const etag = `"${document.hash}"`
  context.setHeader('etag', etag)
  context.setHeader('vary', 'Accept')
  context.setHeader('cache-control', 'public')
  const contentType = `${mediaType};${parameters}`
  if (matches(context.headers['if-none-match'], etag)) context.respond(304, contentType, '')
  else context.respond(200, contentType, mediaType === PROTOBUF ? protobufDocument(document.json) : document.json)
}

export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((candidate) => {
    const tag = candidate.trim()
    return tag === '*' || tag === etag || tag === `W/${etag}`
  })
}
