// A document that is the same for everyone: encoded once, known by a hash, not sent again to who has it.
import { createHash } from 'node:crypto'
import { encodeYaml, PROTOBUF } from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { protobufDocument } from '../representation/protobuf.ts'
import { withNewline } from '../representation/respond-object.ts'
import type { AggregatedMediaType } from './accept.ts'

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
  { mediaType, pretty }: { readonly mediaType: AggregatedMediaType; readonly pretty: boolean },
  parameters: string,
): void {
  const etag = `"${document.hash}"`
  context.setHeader('etag', etag)
  context.setHeader('vary', 'Accept')
  context.setHeader('cache-control', 'public')
  const contentType = `${mediaType};${parameters}`
  if (matches(context.headers['if-none-match'], etag)) context.respond(304, contentType, '')
  else context.respond(200, contentType, encoded(document.json, mediaType, pretty))
}

function encoded(json: Buffer, mediaType: AggregatedMediaType, pretty: boolean): Buffer | string {
  switch (mediaType) {
    case 'application/json':
      return pretty ? JSON.stringify(JSON.parse(json.toString()), undefined, 2) : withNewline(json)
    case 'application/yaml':
      return encodeYaml(JSON.parse(json.toString()))
    case PROTOBUF:
      return protobufDocument(json)
  }
}

export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((candidate) => {
    const tag = candidate.trim()
    return tag === '*' || tag === etag || tag === `W/${etag}`
  })
}
