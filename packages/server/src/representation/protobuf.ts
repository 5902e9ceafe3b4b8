// Objects in the Kubernetes protobuf content type, made of their encoded JSON: once per object version, in the form that an
// answer, a list and a watch event have in common (the message behind its tag and length), and dropped with the entry.
import {
  encodeProtobufItem,
  encodeProtobufObject,
  type ProtobufKind,
  protobufKind,
  type ResourceDefinition,
} from '@keelson/api'
import { apiVersionOf, type JsonObject, PROTOBUF_CLOSING, StatusError } from '@keelson/apimachinery'
import type { CacheEntry } from '@keelson/storage'
import { metadataBytes } from './partial-metadata.ts'
import type { Representation } from './representation.ts'

/** How cached objects are written in one representation: whole, or their metadata only. */
export class ProtobufItems {
  readonly kind: ProtobufKind
  readonly #isPartial: boolean
  /** Under which the items are kept. A version view has entries of its own, so the kind is no part of it. */
  readonly #name: string

  constructor({ shape, metaApiVersion }: Representation, { group, version, kind }: ResourceDefinition) {
    this.#isPartial = shape === 'partial'
    this.#name = this.#isPartial ? 'partial/protobuf' : 'protobuf'
    this.kind = this.#isPartial
      ? knownKind(metaApiVersion, 'PartialObjectMetadata')
      : knownKind(apiVersionOf(group, version), kind)
  }

  of(entry: CacheEntry): Buffer {
    const known = entry.representations?.get(this.#name)
    if (known !== undefined) return known
    const made = encodeProtobufItem(this.kind, this.#treeOf(entry.json))
    entry.representations ??= new Map()
    entry.representations.set(this.#name, made)
    return made
  }

  #treeOf(json: Buffer): JsonObject {
    return this.#isPartial
      ? { metadata: JSON.parse(metadataBytes(json).toString()) }
      : (JSON.parse(json.toString()) as JsonObject) // The registry encodes objects only.
  }
}

/** An item as a whole answer. */
export const protobufAnswer = (kind: ProtobufKind, item: Buffer): Buffer =>
  Buffer.concat([kind.opening, item, PROTOBUF_CLOSING])

function knownKind(apiVersion: string, kind: string): ProtobufKind {
  const known = protobufKind(apiVersion, kind)
  if (known === undefined) throw notMarshalable()
  return known
}

/** Any object that says its kind. */
export function protobufDocument(json: Buffer): Buffer {
  const object = JSON.parse(json.toString()) as { kind: string; apiVersion?: string } // Documents are made here.
  const encoded = encodeProtobufObject({ ...object, apiVersion: object.apiVersion ?? '' })
  if (encoded === undefined) throw notMarshalable()
  return encoded
}

/** Of a kind that is nobody's Go type, and so has no message. */
const notMarshalable = (): StatusError =>
  new StatusError(
    406,
    'NotAcceptable',
    'object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message',
  )
