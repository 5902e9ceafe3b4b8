// Walks the wire format: one field after the other up to the end of the message at hand. Every read is checked against that
// end; errors are worded as upstream's generated code words them.
import { DecodeError } from '../decoded.ts'

/** Wire types. */
export const VARINT = 0
export const FIXED64 = 1
export const DELIMITED = 2
const GROUP = 3
const GROUP_END = 4
const FIXED32 = 5

const MAX_INT64 = 9_223_372_036_854_774_784 // The largest double below 2^63.

export class Reader {
  readonly bytes: Buffer
  at: number
  /** Of the message that is being read. */
  end: number
  /** Of the field that `next` stepped to. */
  number = 0
  wireType = 0

  constructor(bytes: Buffer, from = 0) {
    this.bytes = bytes
    this.at = from
    this.end = bytes.length
  }

  /** Steps to the next field of a message; false at its end. `message` is for errors: its name. */
  next(message: string): boolean {
    if (this.at >= this.end) return false
    const tag = this.#tag()
    if (this.wireType === GROUP_END)
      throw new DecodeError(`proto: ${shortName(message)}: wiretype end group for non-group`)
    if (this.number <= 0)
      throw new DecodeError(`proto: ${shortName(message)}: illegal tag ${this.number} (wire type ${tag})`)
    return true
  }

  /** The same in the entry of a map, whose tags upstream does not look at closely. */
  nextUnchecked(): boolean {
    if (this.at >= this.end) return false
    this.#tag()
    return true
  }

  #tag(): number {
    const tag = this.varint()
    this.number = Math.floor(tag / 8) | 0
    this.wireType = tag & 7
    return tag
  }

  /** A varint as a signed 64-bit integer; beyond 2^53 the nearest double within 64 bits. */
  varint(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    let factor = 128
    for (let count = 1; count < 7; count++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
    let large = BigInt(value)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      large |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Math.min(Number(BigInt.asIntN(64, large)), MAX_INT64)
    }
    throw new DecodeError('proto: integer overflow')
  }

  double(): number {
    const start = this.at
    this.#advance(8)
    return this.bytes.readDoubleLE(start)
  }

  text(): string {
    const start = this.span()
    return this.bytes.toString('utf8', start, this.at)
  }

  /** A view, not a copy. */
  slice(): Buffer {
    const start = this.span()
    return this.bytes.subarray(start, this.at)
  }

  /** Moves past a length-delimited value and returns where it starts. */
  span(): number {
    const length = this.varint()
    if (length < 0) throw new DecodeError('proto: negative length found during unmarshaling')
    const start = this.at
    this.#advance(length)
    return start
  }

  /**
   * Goes into a length-delimited value: its end becomes `end`. Returns the outer end, to be given back to `leave`.
   */
  enter(): number {
    const start = this.span()
    const outer = this.end
    this.end = this.at
    this.at = start
    return outer
  }

  leave(outer: number): void {
    this.at = this.end
    this.end = outer
  }

  /** Past a field that nobody knows; groups, which the API never had, with all that is in them. */
  skip(): void {
    let groups = 0
    let { wireType } = this
    for (;;) {
      if (wireType === VARINT) this.varint()
      else if (wireType === FIXED64) this.#advance(8)
      else if (wireType === DELIMITED) this.span()
      else if (wireType === GROUP) groups++
      else if (wireType === GROUP_END) {
        if (groups-- === 0) throw new DecodeError('proto: unexpected end of group')
      } else if (wireType === FIXED32) this.#advance(4)
      else throw new DecodeError(`proto: illegal wireType ${wireType}`)
      if (groups <= 0) return
      wireType = this.varint() & 7
    }
  }

  /** `field` is for the error: its name in JSON. */
  expect(wireType: number, field: string): void {
    if (this.wireType !== wireType)
      throw new DecodeError(`proto: wrong wireType = ${this.wireType} for field ${goName(field)}`)
  }

  #advance(length: number): void {
    if (this.at + length > this.end) throw new DecodeError('unexpected EOF')
    this.at += length
  }

  #byte(): number {
    if (this.at >= this.end) throw new DecodeError('unexpected EOF')
    return this.bytes[this.at++] ?? 0
  }
}

/** `Pod` of `io.k8s.api.core.v1.Pod`. */
const shortName = (message: string): string => message.slice(message.lastIndexOf('.') + 1)

/** How Go calls a field, as far as the rule goes; initialisms within a name are upstream's choice. */
function goName(field: string): string {
  if (field === 'metadata') return 'ObjectMeta'
  if (field === 'uid' || field === 'ip') return field.toUpperCase()
  return field.charAt(0).toUpperCase() + field.slice(1)
}
