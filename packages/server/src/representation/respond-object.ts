// One object as an answer, of a read or of a write, in the representation that the client asked for.
import { encodeYaml, type KubeObject } from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { encodePartialMetadata } from './partial-metadata.ts'
import { type Representation, representationOf } from './representation.ts'
import { type RepresentedResource, TABLE_CLOSING, tableOpening, tableRowOf } from './table.ts'

/** `json` is what the client gets when it wants the object itself; `object` saves parsing it for the other forms. */
export interface EncodedObject {
  readonly json: Buffer
  readonly object?: KubeObject
}

/** StatusError 406 and 400 of negotiation are thrown: writes negotiate before they write (see representationOf). */
export function respondObject(
  context: RequestContext,
  resource: RepresentedResource,
  answer: EncodedObject,
  code: number,
): void {
  respondIn(context, resource, representationOf(context, resource.definition, 'object'), answer, code)
}

export function respondIn(
  context: RequestContext,
  resource: RepresentedResource,
  representation: Representation,
  answer: EncodedObject,
  code: number,
): void {
  respondJson(context, representation, transformed(resource, representation, answer), code)
}

/** Any JSON document (a list put together by hand, a review) in the media type that was negotiated. */
export function respondJson(
  context: RequestContext,
  { mediaType, pretty }: Representation,
  json: Buffer,
  code: number,
): void {
  if (mediaType === 'application/yaml') context.respond(code, mediaType, encodeYaml(JSON.parse(json.toString())))
  else if (pretty) context.respond(code, mediaType, JSON.stringify(JSON.parse(json.toString()), undefined, 2))
  else context.respond(code, mediaType, withNewline(json))
}

/** JSON documents end with a newline, as upstream's do; indented ones do not. */
export function withNewline(json: Buffer): Buffer {
  const line = Buffer.allocUnsafe(json.length + 1)
  json.copy(line)
  line[json.length] = 0x0a
  return line
}

function transformed(
  resource: RepresentedResource,
  representation: Representation,
  { json, object }: EncodedObject,
): Buffer {
  if (representation.shape === 'object') return json
  if (representation.shape === 'partial') return encodePartialMetadata(json, representation.metaApiVersion)
  // What the registry encoded is an object of the kind.
  const tree = object ?? (JSON.parse(json.toString()) as KubeObject)
  const metadata = JSON.stringify({ resourceVersion: tree.metadata.resourceVersion ?? revisionIn(json) })
  const row = tableRowOf(resource, representation, tree, json, new Date())
  return Buffer.concat([
    Buffer.from(tableOpening(resource, representation, metadata, true)),
    row,
    Buffer.from(TABLE_CLOSING),
  ])
}

/** The tree of a write's answer may be without the resourceVersion that its JSON has. */
const revisionIn = (json: Buffer): string | undefined => /"resourceVersion":"(\d+)"/.exec(json.toString('latin1'))?.[1]
