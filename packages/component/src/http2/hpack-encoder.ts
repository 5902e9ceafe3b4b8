// Writes header blocks (HPACK, RFC 7541) without Huffman codes: a few dozen bytes more are cheaper than the processor time
// that would save them. Whether a field goes into the peer's dynamic table is the caller's choice, and so is keeping count.
import { STATIC_TABLE } from './hpack-tables.ts'

const NAME_INDEX = new Map<string, number>()
const FIELD_INDEX = new Map<string, number>()
STATIC_TABLE.forEach(([name, value], index) => {
  if (!NAME_INDEX.has(name)) NAME_INDEX.set(name, index + 1)
  if (value !== '') FIELD_INDEX.set(`${name}: ${value}`, index + 1)
})

export const STATIC_TABLE_ENTRIES: number = STATIC_TABLE.length

/** The index of a field that is in the static table as it is. */
export function staticIndex(name: string, value: string): number | undefined {
  return FIELD_INDEX.get(`${name}: ${value}`)
}

/** Shared by all connections: a block is written and taken in one go. */
let scratch = Buffer.allocUnsafe(4_096)

export class HpackEncoder {
  #at = 0

  /** A block begins; one that was not finished is forgotten. */
  begin(): void {
    this.#at = 0
  }

  /** The block lies where the next one of any encoder will be written: HeaderBlocks.frames() takes it from there at once. */
  finish(): Buffer {
    return scratch.subarray(0, this.#at)
  }

  /** How much of the dynamic table will be used, at the beginning of a block (§6.3); 0: none. */
  tableSize(bytes: number): void {
    this.#reserve(6)
    this.#integer(0x20, 5, bytes)
  }

  /** A field of either table (§6.1). */
  indexed(index: number): void {
    this.#reserve(6)
    this.#integer(0x80, 7, index)
  }

  /** A field that no table keeps (§6.2.2). Values are latin1. */
  literal(name: string, value: string): void {
    this.#field(0, 4, name, value)
  }

  /** A field that becomes the newest of the dynamic table (§6.2.1). */
  remembered(name: string, value: string): void {
    this.#field(0x40, 6, name, value)
  }

  #field(pattern: number, prefixBits: number, name: string, value: string): void {
    // The longest integers take five bytes.
    this.#reserve(name.length + value.length + 15)
    const index = NAME_INDEX.get(name)
    if (index === undefined) {
      this.#byte(pattern)
      this.#string(name)
    } else this.#integer(pattern, prefixBits, index)
    this.#string(value)
  }

  #string(text: string): void {
    this.#integer(0, 7, text.length)
    this.#at += scratch.write(text, this.#at, 'latin1')
  }

  #integer(pattern: number, prefixBits: number, value: number): void {
    const mask = (1 << prefixBits) - 1
    if (value < mask) return this.#byte(pattern | value)
    this.#byte(pattern | mask)
    let rest = value - mask
    for (; rest >= 0x80; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80)
    this.#byte(rest)
  }

  #byte(value: number): void {
    scratch[this.#at++] = value
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= scratch.length) return
    const grown = Buffer.allocUnsafe(Math.max(scratch.length * 2, this.#at + bytes))
    scratch.copy(grown, 0, 0, this.#at)
    scratch = grown
  }
}
