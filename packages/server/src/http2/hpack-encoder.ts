// Encodes the headers of answers (HPACK, RFC 7541) without a dynamic table and without Huffman codes: there is then no state
// to keep in step, and a few dozen bytes more in an answer are cheaper than the processor time that would save them.
import { STATIC_TABLE } from './hpack-tables.ts'

const NAME_INDEX = new Map<string, number>()
STATIC_TABLE.forEach(([name], index) => {
  if (!NAME_INDEX.has(name)) NAME_INDEX.set(name, index + 1)
})

const STATUS_INDEX = new Map<number, number>()
STATIC_TABLE.forEach(([name, value], index) => {
  if (name === ':status') STATUS_INDEX.set(Number(value), index + 1)
})

/** Says that no dynamic table will be used, whatever size the client allows (§4.2). */
export const NO_DYNAMIC_TABLE = 0x20

export type HeaderValue = string | number | readonly string[]

/** Shared by all connections: a block is written and copied in one go. */
let scratch = Buffer.allocUnsafe(4_096)

export class HpackEncoder {
  #at = 0
  #began = false

  /** The block is a copy, the caller's own. Values are latin1. */
  encode(status: number, headers: Readonly<Record<string, HeaderValue>>): Buffer {
    this.#at = 0
    if (!this.#began) this.#byte(NO_DYNAMIC_TABLE)
    this.#began = true
    const index = STATUS_INDEX.get(status)
    if (index === undefined) this.#field(':status', String(status))
    else this.#byte(0x80 | index)
    for (const name in headers) {
      const value = headers[name]
      if (typeof value === 'object') for (const each of value) this.#field(name, each)
      else if (value !== undefined) this.#field(name, String(value))
    }
    return Buffer.from(scratch.subarray(0, this.#at))
  }

  #field(name: string, value: string): void {
    // The longest integers take five bytes.
    this.#reserve(name.length + value.length + 15)
    const index = NAME_INDEX.get(name)
    if (index === undefined) {
      this.#byte(0)
      this.#string(name)
    } else this.#integer(0, 4, index)
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
