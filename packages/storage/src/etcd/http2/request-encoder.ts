// The header blocks of our requests. All requests of a connection differ in their path only, and there are few of those:
// the first request of a path puts its fields into the member's dynamic table, later ones are a handful of indexes, made
// once and copied.
import {
  HEADER_TABLE_BYTES,
  HpackEncoder,
  STATIC_TABLE_ENTRIES,
  entryBytes,
  staticIndex,
} from '@keelson/component/http2'

export type Field = readonly [name: string, value: string]

/** More paths than etcd has. */
const MAX_BLOCKS_KEPT = 64
/** What a field may take on the wire beside its text. */
const FIELD_OVERHEAD_BYTES = 15

export class RequestEncoder {
  readonly #encoder = new HpackEncoder()
  /** In this order; pseudo-headers come first, and `:path` after them. */
  readonly #pseudo: readonly Field[]
  readonly #regular: readonly Field[]
  /** Made of indexes only: good until the table changes. */
  readonly #blocks = new Map<string, Buffer>()
  /** What we put into the member's table, oldest first. Nothing is ever evicted: what does not fit is not put there. */
  #remembered: string[] = []
  #rememberedBytes = 0
  #tableBytes = HEADER_TABLE_BYTES
  /** The next block begins with the size of the table (RFC 7541 §4.2). */
  #mustTellSize = false

  constructor(pseudo: readonly Field[], regular: readonly Field[]) {
    this.#pseudo = pseudo
    this.#regular = regular
  }

  /** The member has a table of this size: it is told that we obey. Smaller than what we use: we use none from here on. */
  limitTable(bytes: number): void {
    if (bytes >= this.#tableBytes) return
    this.#mustTellSize = true
    this.#tableBytes = bytes
    if (this.#rememberedBytes <= bytes) return
    this.#tableBytes = 0
    this.#rememberedBytes = 0
    this.#remembered = []
    this.#blocks.clear()
  }

  /**
   * Blocks must be sent in the order they were made: each one may build on what those before it have put there.
   * Undefined: it might not fit into `room`, and was not made.
   */
  block(path: string, room: number): Buffer | undefined {
    const block = this.#mustTellSize ? undefined : this.#blocks.get(path)
    if (block !== undefined) return block.length <= room ? block : undefined
    return this.maxBytes(path) <= room ? this.#make(path) : undefined
  }

  /** No block of a request to `path` is longer. */
  maxBytes(path: string): number {
    let bytes = 2 * FIELD_OVERHEAD_BYTES + path.length
    for (const [name, value] of [...this.#pseudo, ...this.#regular])
      bytes += name.length + value.length + FIELD_OVERHEAD_BYTES
    return bytes
  }

  #make(path: string): Buffer {
    const before = this.#remembered.length
    this.#encoder.begin()
    const toldSize = this.#mustTellSize
    if (toldSize) this.#encoder.tableSize(this.#tableBytes)
    this.#mustTellSize = false
    for (const [name, value] of this.#pseudo) this.#field(name, value)
    this.#field(':path', path)
    for (const [name, value] of this.#regular) this.#field(name, value)
    // A copy: what the encoder gives lies where the next block of any connection will be written.
    const block = Buffer.from(this.#encoder.finish())
    // Every index counts from the newest entry: a new one moves them all.
    if (this.#remembered.length > before) this.#blocks.clear()
    else if (!toldSize && this.#blocks.size < MAX_BLOCKS_KEPT) this.#blocks.set(path, block)
    return block
  }

  #field(name: string, value: string): void {
    const known = staticIndex(name, value)
    if (known !== undefined) return this.#encoder.indexed(known)
    const text = `${name}: ${value}`
    const position = this.#remembered.indexOf(text)
    if (position !== -1) return this.#encoder.indexed(STATIC_TABLE_ENTRIES + this.#remembered.length - position)
    const bytes = entryBytes({ name, value })
    if (this.#rememberedBytes + bytes > this.#tableBytes) return this.#encoder.literal(name, value)
    this.#encoder.remembered(name, value)
    this.#remembered.push(text)
    this.#rememberedBytes += bytes
  }
}
