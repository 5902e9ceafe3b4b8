// One object as an answer, of a read or of a write, in the representation that the client asked for.
import { encodeYaml, type KubeObject, PROTOBUF } from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { encodePartialMetadata } from './partial-metadata.ts'
import { protobufDocument } from './protobuf.ts'
import { type Encoding, type Representation, representationOf } from './representation.ts'
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
  respondDocument(context, representation, transformed(resource, representation, answer), code)
}

/** Any object as a JSON document (what a client asked for, a Status), as it was negotiated. */
export function respondDocument(
  context: RequestContext,
  { mediaType, pretty }: Encoding,
  json: Buffer,
  code: number,
): void {
  switch (mediaType) {
    case 'application/json': {
      const body = pretty ? JSON.stringify(JSON.parse(json.toString()), undefined, 2) : withNewline(json)
      return context.respond(code, mediaType, body)
    }
    case 'application/yaml':
      return context.respond(code, mediaType, encodeYaml(JSON.parse(json.toString())))
    case PROTOBUF:
      return context.respond(code, mediaType, protobufDocument(json))
  }
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
