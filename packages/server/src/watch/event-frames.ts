// Watch events in protobuf: each a frame of its length (four bytes, big endian) and a metav1.WatchEvent, which holds the object in
// an envelope of its own.
import { protobufEventOpening, PROTOBUF, PROTOBUF_CLOSING, type Status } from '@keelson/apimachinery'
import type { CacheEntry, Revision } from '@keelson/storage'
import { encodeProtobufItem, type ProtobufKind } from '@keelson/api'
import { protobufAnswer, protobufDocument, ProtobufItems } from '../representation/protobuf.ts'
import type { Representation } from '../representation/representation.ts'
import type { RepresentedResource } from '../representation/table.ts'
import type { ChunkBuilder } from './chunk.ts'
import type { SeenType } from './event-filter.ts'
import type { EventEncoder } from './event-lines.ts'

export class EventFrames implements EventEncoder {
  readonly representation: Representation
  readonly contentType = `${PROTOBUF};stream=watch`
  readonly #items: ProtobufItems

  constructor({ definition }: RepresentedResource, representation: Representation) {
    this.representation = representation
    this.#items = new ProtobufItems(representation, definition)
  }

  add(chunk: ChunkBuilder, type: SeenType, entry: CacheEntry): void {
    const { opening } = this.#items.kind
    const item = this.#items.of(entry)
    chunk.add(protobufEventOpening(type, opening.length + item.length + PROTOBUF_CLOSING.length))
    chunk.add(opening)
    chunk.add(item)
    chunk.add(PROTOBUF_CLOSING)
  }

  bookmark(revision: Revision, _withColumns: boolean, endOfInitialEvents: boolean): Buffer {
    const annotations = endOfInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
    return frame('BOOKMARK', objectOf(this.#items.kind, { resourceVersion: String(revision), ...annotations }))
  }

  error(status: Status): Buffer {
    return frame('ERROR', protobufDocument(Buffer.from(JSON.stringify(status))))
  }
}

const objectOf = (kind: ProtobufKind, metadata: object): Buffer =>
  protobufAnswer(kind, encodeProtobufItem(kind, { metadata }))

const frame = (type: string, object: Buffer): Buffer =>
  Buffer.concat([protobufEventOpening(type, object.length), object])
