// Decodes header blocks (HPACK, RFC 7541). What a peer sends again and again comes from its dynamic table as the very
// strings of the first time: such a field costs a lookup.
import { ConnectionError, ErrorCode } from './frames.ts'
import { STATIC_TABLE } from './hpack-tables.ts'
import { decodeHuffman } from './huffman.ts'

/** The dynamic table that a peer may fill: what the RFC starts with, and what we leave it at. */
export const HEADER_TABLE_BYTES = 4_096
/** An entry costs this much more than its text (§4.1). */
const ENTRY_OVERHEAD_BYTES = 32

export interface HeaderField {
  readonly name: string
  readonly value: string
  /** As RFC 9113 §8.2.1 wants it: name in lower case, no controls, no space around the value. Looked at once an entry. */
  readonly valid: boolean
}

/** Takes the fields of one block, in order. */
export interface Fields {
  add(field: HeaderField): void
}

const FIELDS: readonly HeaderField[] = STATIC_TABLE.map(([name, value]) => ({ name, value, valid: true }))

const NO_BLOCK: Buffer = Buffer.alloc(0)

const malformed = (): ConnectionError => new ConnectionError(ErrorCode.compressionError, 'a malformed header block')

export class HpackDecoder {
  /** Newest last. */
  #entries: HeaderField[] = []
  /** Entries before this one are evicted; the array is cut now and then. */
  #oldest = 0
  #bytes = 0
  #limit = HEADER_TABLE_BYTES
  #block = NO_BLOCK
  #at = 0

  /**
   * Adds each field in order.
   * @throws {ConnectionError} COMPRESSION_ERROR: the table's state is unknown from here on
   */
  decode(block: Buffer, fields: Fields): void {
    this.#block = block
    this.#at = 0
    let fieldsBegan = false
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0
      if ((first & 0x80) !== 0) fields.add(this.#field(this.#integer(7)))
      else if ((first & 0xc0) === 0x40) fields.add(this.#add(this.#literal(6)))
      else if ((first & 0xe0) === 0x20) {
        if (fieldsBegan) throw malformed()
        this.#resize(this.#integer(5))
        continue
      } else fields.add(this.#literal(4))
      fieldsBegan = true
    }
    this.#block = NO_BLOCK
  }

  #field(index: number): HeaderField {
    const field =
      index <= FIELDS.length ? FIELDS[index - 1] : this.#entries[this.#entries.length - (index - FIELDS.length)]
    if (field === undefined || index - FIELDS.length > this.#entries.length - this.#oldest) throw malformed()
    return field
  }

  #literal(prefixBits: number): HeaderField {
    const index = this.#integer(prefixBits)
    if (index === 0) {
      const name = this.#string()
      const value = this.#string()
      return { name, value, valid: isName(name) && isValue(value) }
    }
    const named = this.#field(index)
    const value = this.#string()
    // A name may stand beside a value that made its entry invalid: it is looked at again.
    return { name: named.name, value, valid: (named.valid || isName(named.name)) && isValue(value) }
  }

  #add(field: HeaderField): HeaderField {
    const bytes = entryBytes(field)
    this.#evict(this.#limit - bytes)
    // One that is larger than the table empties it, and is not kept (§4.4).
    if (bytes <= this.#limit) {
      this.#entries.push(field)
      this.#bytes += bytes
    }
    return field
  }

  #resize(limit: number): void {
    if (limit > HEADER_TABLE_BYTES) throw malformed()
    this.#limit = limit
    this.#evict(limit)
  }

  #evict(toBytes: number): void {
    while (this.#bytes > toBytes && this.#oldest < this.#entries.length) {
      const entry = this.#entries[this.#oldest++]
      if (entry !== undefined) this.#bytes -= entryBytes(entry)
    }
    if (this.#oldest > 128) {
      this.#entries = this.#entries.slice(this.#oldest)
      this.#oldest = 0
    }
  }

  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1
    let value = (this.#block[this.#at++] ?? 0) & mask
    if (value < mask) return value
    for (let shift = 0; ; shift += 7) {
      const byte = this.#block[this.#at++]
      // No length or index that fits into a block takes more than four of these.
      if (byte === undefined || shift > 21) throw malformed()
      value += (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  #string(): string {
    const coded = ((this.#block[this.#at] ?? 0) & 0x80) !== 0
    if (this.#at >= this.#block.length) throw malformed()
    const length = this.#integer(7)
    const start = this.#at
    const end = start + length
    if (end > this.#block.length) throw malformed()
    this.#at = end
    const text = coded ? decodeHuffman(this.#block, start, end) : this.#block.toString('latin1', start, end)
    if (text === undefined) throw malformed()
    return text
  }
}

export const entryBytes = ({ name, value }: Pick<HeaderField, 'name' | 'value'>): number =>
  name.length + value.length + ENTRY_OVERHEAD_BYTES

/** RFC 9110 §5.1's token, in lower case; a pseudo-header's colon in front. */
const isName = (name: string): boolean => /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)

// oxlint-disable-next-line no-control-regex -- controls are what it is about
const isValue = (value: string): boolean => value === '' || !/^[ \t]|[ \t]$|[\0\r\n]/.test(value)
