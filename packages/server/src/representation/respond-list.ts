// A list of cached objects as an answer, in the representation that the client asked for.
import { apiVersionOf, encodeYaml, PROTOBUF } from '@keelson/apimachinery'
import type { CacheEntry, JsonSource } from '@keelson/storage'
import type { RequestContext } from '../context.ts'
import { type Pieces, respondPieces } from './list-writer.ts'
import { protobufPieces } from './protobuf-list.ts'
import { partialMetadataOf } from './partial-metadata.ts'
import type { Representation } from './representation.ts'
import { respondDocument } from './respond-object.ts'
import { type RepresentedResource, TABLE_CLOSING, hasNullRows, tableOpening, tableRow } from './table.ts'

/** `metadata` is the list's, as JSON. Resolves when all was handed to the client, or the client is gone. */
export async function respondListing(
  context: RequestContext,
  resource: RepresentedResource,
  representation: Representation,
  entries: readonly CacheEntry[],
  metadata: string,
): Promise<void> {
  if (representation.mediaType === PROTOBUF) {
    const pieces = await protobufPieces(context, resource, representation, entries, metadata)
    return pieces && respondPieces(context, PROTOBUF, pieces)
  }
  // Upstream makes no list for no metadata, and Go writes a list that was not made as null.
  if (representation.shape === 'partial' && entries.length === 0) {
    const kind = JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion: representation.metaApiVersion })
    const list = `${kind.slice(0, -1)},"metadata":${metadata},"items":null}`
    return respondDocument(context, representation, Buffer.from(list), 200)
  }
  if (representation.shape === 'table' && entries.length === 0 && hasNullRows(resource)) {
    const opening = tableOpening(resource, representation, metadata, true)
    return respondDocument(context, representation, Buffer.from(`${opening.slice(0, -1)}null}`), 200)
  }
  const pieces = piecesOf(resource, representation, entries, metadata)
  if (representation.mediaType === 'application/yaml')
    return respondPieces(context, 'application/yaml', new YamlPieces(pieces))
  return respondPieces(context, 'application/json', representation.pretty ? new PrettyPieces(pieces) : pieces)
}

function piecesOf(
  resource: RepresentedResource,
  representation: Representation,
  entries: readonly CacheEntry[],
  metadata: string,
): Pieces {
  switch (representation.shape) {
    case 'object':
      return new ObjectPieces(resource, entries, metadata)
    case 'partial':
      return new PartialPieces(representation, entries, metadata)
    case 'table':
      return new TablePieces(resource, representation, entries, metadata)
  }
}

const jsonOf = (entry: CacheEntry): JsonSource => entry.parts ?? entry.json

/** Items of a built-in kind are without kind and apiVersion, which the entry's JSON begins with. */
class ObjectPieces implements Pieces {
  readonly opening: Buffer
  readonly count: number
  readonly lead = '{'
  readonly separator = ',{'
  readonly closing = CLOSING
  readonly length: number
  readonly #entries: readonly CacheEntry[]

  constructor({ definition }: RepresentedResource, entries: readonly CacheEntry[], metadata: string) {
    this.opening = listOpening(definition.listKind, apiVersionOf(definition.group, definition.version), metadata)
    this.count = entries.length
    this.#entries = entries
    let length = this.opening.length + this.closing.length + Math.max(2 * entries.length - 1, 0)
    for (const entry of entries) length += jsonOf(entry).length - entry.itemOffset
    this.length = length
  }

  at(index: number): JsonSource {
    return jsonOf(entryAt(this.#entries, index))
  }

  startOf(index: number): number {
    return entryAt(this.#entries, index).itemOffset
  }
}

class PartialPieces implements Pieces {
  readonly opening: Buffer
  readonly count: number
  readonly lead = ''
  readonly separator = ','
  readonly closing = CLOSING
  readonly length = undefined
  readonly #entries: readonly CacheEntry[]
  readonly #metaApiVersion: string

  constructor({ metaApiVersion }: Representation, entries: readonly CacheEntry[], metadata: string) {
    this.opening = listOpening('PartialObjectMetadataList', metaApiVersion, metadata)
    this.count = entries.length
    this.#entries = entries
    this.#metaApiVersion = metaApiVersion
  }

  at(index: number): Buffer {
    return partialMetadataOf(entryAt(this.#entries, index), this.#metaApiVersion)
  }

  startOf(): number {
    return 0
  }
}

class TablePieces implements Pieces {
  readonly opening: Buffer
  readonly count: number
  readonly lead = ''
  readonly separator = ','
  readonly closing = Buffer.from(`${TABLE_CLOSING}\n`)
  readonly length = undefined
  readonly #resource: RepresentedResource
  readonly #representation: Representation
  readonly #entries: readonly CacheEntry[]
  readonly #now = new Date()

  constructor(
    resource: RepresentedResource,
    representation: Representation,
    entries: readonly CacheEntry[],
    metadata: string,
  ) {
    this.opening = Buffer.from(tableOpening(resource, representation, metadata, true))
    this.count = entries.length
    this.#resource = resource
    this.#representation = representation
    this.#entries = entries
  }

  at(index: number): Buffer {
    return tableRow(this.#resource, this.#representation, entryAt(this.#entries, index), this.#now)
  }

  startOf(): number {
    return 0
  }
}

/** Indented by two for each level, item by item: a big list is never one big string. */
class PrettyPieces implements Pieces {
  readonly opening: Buffer
  readonly count: number
  readonly lead = '\n    '
  readonly separator = ',\n    '
  readonly closing: Buffer
  readonly length = undefined
  readonly #pieces: Pieces

  constructor(pieces: Pieces) {
    const empty = JSON.stringify(JSON.parse(pieces.opening.toString() + pieces.closing.toString()), undefined, 2)
    // The list of items comes last: `…[]\n}`.
    this.opening = Buffer.from(empty.slice(0, -3))
    this.closing = Buffer.from(pieces.count === 0 ? ']\n}' : '\n  ]\n}')
    this.count = pieces.count
    this.#pieces = pieces
  }

  at(index: number): Buffer {
    return Buffer.from(JSON.stringify(itemOf(this.#pieces, index), undefined, 2).replaceAll('\n', '\n    '))
  }

  startOf(): number {
    return 0
  }
}

/** Keys of YAML are sorted: `items` (or `rows`) lies between `apiVersion` and `kind`. */
class YamlPieces implements Pieces {
  readonly opening: Buffer
  readonly count: number
  readonly lead = ''
  readonly separator = ''
  readonly closing: Buffer
  readonly length = undefined
  readonly #pieces: Pieces

  constructor(pieces: Pieces) {
    const empty = encodeYaml(JSON.parse(pieces.opening.toString() + pieces.closing.toString()))
    const place = /^(items|rows): \[\]\n/m.exec(empty)
    if (place === null) throw new Error('a list without items or rows cannot be written as YAML')
    const end = place.index + place[0].length
    this.opening = Buffer.from(
      pieces.count === 0 ? empty.slice(0, end) : `${empty.slice(0, place.index)}${place[1]}:\n`,
    )
    this.closing = Buffer.from(empty.slice(end))
    this.count = pieces.count
    this.#pieces = pieces
  }

  at(index: number): Buffer {
    return Buffer.from(`- ${encodeYaml(itemOf(this.#pieces, index)).trimEnd().replaceAll('\n', '\n  ')}\n`)
  }

  startOf(): number {
    return 0
  }
}

function itemOf(pieces: Pieces, index: number): unknown {
  return JSON.parse(pieces.separator.slice(1) + pieces.at(index).subarray(pieces.startOf(index)).toString())
}

const CLOSING = Buffer.from(']}\n')

const listOpening = (kind: string, apiVersion: string, metadata: string): Buffer =>
  Buffer.from(`{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${metadata},"items":[`)

function entryAt(entries: readonly CacheEntry[], index: number): CacheEntry {
  const entry = entries[index]
  if (entry === undefined) throw new RangeError(`a list of ${entries.length} has no item ${index}`)
  return entry
}
