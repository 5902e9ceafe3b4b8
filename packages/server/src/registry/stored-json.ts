// The JSON of an object in the store and on the wire. In the store it has no resourceVersion and begins
// `{"kind":"Pod","apiVersion":"v1","metadata":{`; clients get the same bytes with the resourceVersion spliced in there.
import { type JsonObject, type KubeObject, isJsonObject, sharedText } from '@keelson/apimachinery'
import type { ResourceDefinition } from '@keelson/api'
import { JsonParts, type JsonSpan, type Revision } from '@keelson/storage'

/** The bytes that every stored object of one kind begins with, and where a list item's part begins in them. */
export interface StoredPrefix {
  readonly kind: string
  readonly apiVersion: string
  readonly bytes: Buffer
  readonly itemOffset: number
}

const METADATA = '"metadata":{'
const RESOURCE_VERSION = '"resourceVersion":"'

export function storedPrefix(definition: ResourceDefinition, apiVersion: string): StoredPrefix {
  const head = `{"kind":${JSON.stringify(definition.kind)},"apiVersion":${JSON.stringify(apiVersion)},`
  return { kind: definition.kind, apiVersion, bytes: Buffer.from(head + METADATA), itemOffset: Buffer.byteLength(head) }
}

/** The bytes of an object for the store, and where the fieldsV1 of its managers are in them. */
export interface StoredJson {
  readonly bytes: Buffer
  readonly fields: readonly JsonSpan[]
}

/**
 * Encodes for the store: kind and apiVersion of the stored version first, then metadata without its resourceVersion and with its
 * managers last. A set of fields that is shared is not encoded again.
 */
export function encodeStored(object: KubeObject, { kind, apiVersion }: StoredPrefix): StoredJson {
  const { managedFields } = object.metadata
  const isManaged = managedFields !== undefined && managedFields.length > 0
  // JSON.stringify leaves out what is undefined, and visits keys in the order in which they were set.
  const metadata = { ...object.metadata, resourceVersion: undefined, ...(isManaged && { managedFields: undefined }) }
  const rest: Record<string, unknown> = {}
  for (const key in object) if (!OPENING_FIELDS.has(key)) rest[key] = object[key]
  const head = JSON.stringify({ kind, apiVersion, metadata })
  const tail = JSON.stringify(rest)
  const end = tail === '{}' ? '}' : `,${tail.slice(1)}`
  if (!isManaged) return { bytes: Buffer.from(head.slice(0, -1) + end), fields: [] }
  const pieces = new Pieces()
  managedFields.forEach((entry, index) => {
    pieces.text += index === 0 ? `${opened(head.slice(0, -1))}"managedFields":[` : ','
    addEntry(pieces, entry)
  })
  pieces.text += `]}${end}`
  return pieces.joined()
}

const OPENING_FIELDS: ReadonlySet<string> = new Set(['kind', 'apiVersion', 'metadata'])

function addEntry(pieces: Pieces, entry: JsonObject): void {
  const { subresource, fieldsV1, ...before } = entry
  if (!isJsonObject(fieldsV1)) {
    pieces.text += JSON.stringify(entry)
    return
  }
  pieces.text += opened(JSON.stringify(before))
  pieces.addSet(fieldsV1)
  pieces.text += subresource === undefined ? '}' : `,"subresource":${JSON.stringify(subresource)}}`
}

/** The JSON of an object, open for another member. */
const opened = (json: string): string => (json.endsWith('{}') ? json.slice(0, -1) : `${json.slice(0, -1)},`)

/** Bytes that are put together of texts, and of sets that may have bytes already. */
class Pieces {
  /** What comes after the last set. */
  text = ''
  readonly #pieces: Buffer[] = []
  readonly #fields: JsonSpan[] = []
  #length = 0

  addSet(set: JsonObject): void {
    this.text += '"fieldsV1":'
    this.#flush()
    const shared = sharedText(set)
    const start = this.#length
    this.#add(shared ?? Buffer.from(JSON.stringify(set)))
    this.#fields.push({ start, end: this.#length, shared })
  }

  joined(): StoredJson {
    this.#flush()
    return { bytes: Buffer.concat(this.#pieces, this.#length), fields: this.#fields }
  }

  #flush(): void {
    this.#add(Buffer.from(this.text))
    this.text = ''
  }

  #add(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#length += piece.length
  }
}

/** A copy of stored bytes with the resourceVersion in it. The copy has memory of its own, so that a cache may keep it. */
export function spliceResourceVersion(stored: Buffer, prefix: StoredPrefix, revision: Revision): Buffer {
  const at = prefix.bytes.length
  // A metadata that is empty otherwise takes no comma.
  const insert = `${RESOURCE_VERSION}${revision}"${stored[at] === 0x7d ? '' : ','}`
  const result = Buffer.allocUnsafeSlow(stored.length + insert.length)
  stored.copy(result, 0, 0, at)
  result.write(insert, at, 'latin1')
  stored.copy(result, at + insert.length, at)
  return result
}

/** The same for JSON in parts. */
export function splicePartsVersion({ own, shared }: JsonParts, prefix: StoredPrefix, revision: Revision): JsonParts {
  const spliced = spliceResourceVersion(own, prefix, revision)
  const moved = spliced.length - own.length
  return new JsonParts(
    spliced,
    shared.map(({ at, bytes }) => ({ at: at + moved, bytes })),
  )
}

/** The reverse of splicePartsVersion. */
export function partsWithoutVersion({ own, shared }: JsonParts, prefix: StoredPrefix): JsonParts {
  const stored = withoutResourceVersion(own, prefix)
  const moved = stored.length - own.length
  return new JsonParts(
    stored,
    shared.map(({ at, bytes }) => ({ at: at + moved, bytes })),
  )
}

/** The reverse of spliceResourceVersion, for bytes that it made. */
export function withoutResourceVersion(json: Buffer, prefix: StoredPrefix): Buffer {
  const at = prefix.bytes.length
  const end = json.indexOf(0x22, at + RESOURCE_VERSION.length) + 1
  const rest = json[end] === 0x2c ? end + 1 : end
  return Buffer.concat([json.subarray(0, at), json.subarray(rest)])
}

/** An answer that was not stored (dry run): its resourceVersion is what metadata says, if anything. */
export function encodeUnstored(object: KubeObject, prefix: StoredPrefix): Buffer {
  const { bytes: stored } = encodeStored(object, prefix)
  const { resourceVersion } = object.metadata
  if (resourceVersion === undefined || resourceVersion === '') return stored
  // The number came from a stored object, or the rules refused it before.
  return spliceResourceVersion(stored, prefix, Number(resourceVersion) as Revision)
}

export function hasStoredPrefix(value: Buffer, prefix: StoredPrefix): boolean {
  const { bytes } = prefix
  return value.length > bytes.length && bytes.compare(value, 0, bytes.length) === 0
}
