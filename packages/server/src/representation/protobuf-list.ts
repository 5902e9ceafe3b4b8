// A list in protobuf. The envelope says how long the list is before its first item, so all items are made first (most are there
// already, kept with their entries), and then sent as any list is.
import { protobufListOpening } from '@keelson/api'
import { apiVersionOf, type JsonObject, PROTOBUF_CLOSING } from '@keelson/apimachinery'
import type { CacheEntry } from '@keelson/storage'
import type { RequestContext } from '../context.ts'
import type { Pieces } from './list-writer.ts'
import { ProtobufItems } from './protobuf.ts'
import type { Representation } from './representation.ts'
import type { RepresentedResource } from './table.ts'

/** Making items stops after this long, so that other requests get their turn. */
const SLICE_MS = 3
/** Entries between two looks at the clock. */
const ROUND = 16

/** Undefined: the client went away meanwhile. */
export async function protobufPieces(
  context: RequestContext,
  { definition }: RepresentedResource,
  representation: Representation,
  entries: readonly CacheEntry[],
  metadata: string,
): Promise<Pieces | undefined> {
  const items = new ProtobufItems(representation, definition)
  const made: Buffer[] = []
  let length = 0
  let sliceEnd = performance.now() + SLICE_MS
  for (const entry of entries) {
    if (made.length % ROUND === 0 && performance.now() > sliceEnd) {
      await new Promise((resolve) => setImmediate(resolve))
      if (context.finished) return undefined
      sliceEnd = performance.now() + SLICE_MS
    }
    const item = items.of(entry)
    made.push(item)
    length += item.length
  }
  const list =
    representation.shape === 'partial'
      ? { apiVersion: representation.metaApiVersion, kind: 'PartialObjectMetadataList' }
      : { apiVersion: apiVersionOf(definition.group, definition.version), kind: definition.listKind }
  const listMetadata = JSON.parse(metadata) as JsonObject // Made by the handler.
  return new ProtobufPieces(protobufListOpening(list, listMetadata, length), made, length)
}

class ProtobufPieces implements Pieces {
  readonly opening: Buffer
  readonly count: number
  readonly lead = ''
  readonly separator = ''
  readonly closing = PROTOBUF_CLOSING
  readonly length: number
  readonly #items: readonly Buffer[]

  constructor(opening: Buffer, items: readonly Buffer[], itemsLength: number) {
    this.opening = opening
    this.count = items.length
    this.length = opening.length + itemsLength + PROTOBUF_CLOSING.length
    this.#items = items
  }

  at(index: number): Buffer {
    const item = this.#items[index]
    if (item === undefined) throw new RangeError(`a list of ${this.count} has no item ${index}`)
    return item
  }

  startOf(): number {
    return 0
  }
}
