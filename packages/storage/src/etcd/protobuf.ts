// The protobuf wire format, as much of it as etcd's messages need: varints and length-delimited fields.
//
// The writer fills its buffer from the end: a nested message is finished before its length is written in front of it,
// so nothing is measured first and a value is copied once. Write the fields of a message in reverse order.
import { Buffer } from 'node:buffer'

const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2
const FIXED32 = 5

const MAX_VARINT_BYTES = 10

export class ProtobufWriter {
  #buffer: Buffer
  #start: number

  /** `capacity`: the expected size; the buffer grows when it is wrong. */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafe(capacity)
    this.#start = capacity
  }

  /** A position to give to message(). */
  mark(): number {
    return this.#buffer.length - this.#start
  }

  /** Makes what was written since `mark` the nested message `field`. */
  message(field: number, mark: number): void {
    this.#varint(this.mark() - mark)
    this.#varint(field * 8 + DELIMITED)
  }

  bytes(field: number, value: Uint8Array): void {
    this.#reserve(value.length)
    this.#start -= value.length
    this.#buffer.set(value, this.#start)
    this.#varint(value.length)
    this.#varint(field * 8 + DELIMITED)
  }

  string(field: number, value: string): void {
    const length = Buffer.byteLength(value)
    this.#reserve(length)
    this.#start -= length
    this.#buffer.write(value, this.#start)
    this.#varint(length)
    this.#varint(field * 8 + DELIMITED)
  }

  /** A non-negative safe integer, also when it is 0. */
  integer(field: number, value: number): void {
    this.#varint(value)
    this.#varint(field * 8 + VARINT)
  }

  /** What gRPC puts before each message: not compressed, and the length. */
  finish(): Buffer {
    const length = this.mark()
    this.#reserve(5)
    this.#start -= 5
    this.#buffer[this.#start] = 0
    this.#buffer.writeUInt32BE(length, this.#start + 1)
    return this.#buffer.subarray(this.#start)
  }

  #varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES)
    let length = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
    this.#start -= length
    let at = this.#start
    let rest = value
    while (rest >= 0x80) {
      this.#buffer[at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#buffer[at] = rest
  }

  #reserve(bytes: number): void {
    if (this.#start >= bytes) return
    const used = this.mark()
    const grown = Buffer.allocUnsafe(2 * this.#buffer.length + bytes)
    this.#buffer.copy(grown, grown.length - used, this.#start)
    this.#buffer = grown
    this.#start = grown.length - used
  }
}

/** Reads one message, field by field: `while (reader.next(end)) switch (reader.field) …`. Throws RangeError when it is cut short. */
export class ProtobufReader {
  readonly buffer: Buffer
  position: number
  /** The number of the field that next() found. */
  field = 0
  #wireType = 0

  constructor(buffer: Buffer, position = 0) {
    this.buffer = buffer
    this.position = position
  }

  /** Moves to the next field before `end`. */
  next(end: number): boolean {
    if (this.position >= end) return false
    const tag = this.integer()
    this.field = tag >>> 3
    this.#wireType = tag & 7
    return true
  }

  /** The value of a varint field. Exact up to 2^53. */
  integer(): number {
    const buffer = this.buffer
    let byte = buffer[this.position++]
    if (byte === undefined) throw new RangeError('a protobuf message is cut short')
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    let scale = 0x80
    do {
      byte = buffer[this.position++]
      if (byte === undefined) throw new RangeError('a protobuf message is cut short')
      value += (byte & 0x7f) * scale
      scale *= 0x80
    } while (byte >= 0x80)
    return value
  }

  /** The value of a uint64 field that may be over 2^53 (ids of clusters and members). */
  bigInteger(): bigint {
    const start = this.position
    this.integer()
    let value = 0n
    for (let at = this.position - 1; at >= start; at--) value = (value << 7n) | BigInt((this.buffer[at] ?? 0) & 0x7f)
    return value
  }

  /** Where a length-delimited field ends; the position is then its beginning. */
  end(): number {
    const length = this.integer()
    const end = this.position + length
    if (end > this.buffer.length) throw new RangeError('a protobuf message is cut short')
    return end
  }

  /** A view of the field, not a copy. */
  bytes(): Buffer {
    const end = this.end()
    const value = this.buffer.subarray(this.position, end)
    this.position = end
    return value
  }

  string(): string {
    const end = this.end()
    const value = this.buffer.toString('utf8', this.position, end)
    this.position = end
    return value
  }

  /** Steps over a field that nobody asks for. */
  skip(): void {
    if (this.#wireType === VARINT) this.integer()
    else if (this.#wireType === DELIMITED) this.position = this.end()
    else if (this.#wireType === FIXED64) this.position += 8
    else if (this.#wireType === FIXED32) this.position += 4
    else throw new RangeError(`a protobuf message has the wire type ${this.#wireType}`)
  }
}
