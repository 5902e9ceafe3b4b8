// Writes the wire format from its end to its start: a message's length is known when its tag is due, so nothing is measured
// first and nothing is copied twice. Each write puts its bytes before those already there.

const INITIAL_BYTES = 64 * 1024
/** A writer that had to grow beyond this is made small again. */
const KEPT_BYTES = 1024 * 1024
/** Shorter texts are written by hand: a call into the runtime costs more. */
const SHORT_TEXT = 24

/** Wire types. */
const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2

export class Writer {
  #bytes: Buffer
  /** Where the written bytes begin. */
  #at: number

  constructor(initialBytes = INITIAL_BYTES) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes)
    this.#at = initialBytes
  }

  /** Bytes written so far: give it to `endMessage` as the mark of a message that begins (that is, ends) here. */
  get length(): number {
    return this.#bytes.length - this.#at
  }

  /** The bytes in a buffer of their own; the writer is empty afterwards. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.length)
    this.#bytes.copy(taken, 0, this.#at)
    this.clear()
    return taken
  }

  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES)
    this.#at = this.#bytes.length
  }

  /** Length and tag of the message whose fields were written since the length was `mark`. */
  endMessage(number: number, mark: number): void {
    this.#varint(this.length - mark)
    this.#tag(number, DELIMITED)
  }

  text(number: number, text: string): void {
    const mark = this.length
    this.#text(text)
    this.endMessage(number, mark)
  }

  bytes(number: number, bytes: Buffer): void {
    this.raw(bytes)
    this.#varint(bytes.length)
    this.#tag(number, DELIMITED)
  }

  /** A whole number within ±2^53; negative ones take ten bytes. */
  integer(number: number, value: number): void {
    if (value >= 0) this.#varint(value)
    else this.#negative(value)
    this.#tag(number, VARINT)
  }

  bool(number: number, value: boolean): void {
    this.#byte(value ? 1 : 0)
    this.#tag(number, VARINT)
  }

  double(number: number, value: number): void {
    this.#reserve(8)
    this.#at -= 8
    this.#bytes.writeDoubleLE(value, this.#at)
    this.#tag(number, FIXED64)
  }

  /** Bytes that are in the wire format already. */
  raw(bytes: Buffer): void {
    const { length } = bytes
    this.#reserve(length)
    this.#at -= length
    if (length > SHORT_TEXT) bytes.copy(this.#bytes, this.#at)
    else for (let index = 0; index < length; index++) this.#bytes[this.#at + index] = bytes[index] ?? 0
  }

  #tag(number: number, wireType: number): void {
    const tag = number * 8 + wireType
    if (tag < 0x80) this.#byte(tag)
    else this.#varint(tag)
  }

  #text(text: string): void {
    const { length } = text
    if (length <= SHORT_TEXT) {
      this.#reserve(length)
      const start = this.#at - length
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (code > 0x7f) break
        this.#bytes[start + index] = code
      }
      if (index === length) {
        this.#at = start
        return
      }
    }
    const size = Buffer.byteLength(text)
    this.#reserve(size)
    this.#at -= size
    this.#bytes.write(text, this.#at, size, size === length ? 'latin1' : 'utf8')
  }

  #varint(value: number): void {
    if (value < 0x80) {
      this.#byte(value)
      return
    }
    let size = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size++
    this.#reserve(size)
    this.#at -= size
    let at = this.#at
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[at++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[at] = rest
  }

  /** Two's complement of 64 bits. */
  #negative(value: number): void {
    this.#reserve(10)
    this.#at -= 10
    let rest = BigInt.asUintN(64, BigInt(value))
    for (let index = 0; index < 10; index++) {
      this.#bytes[this.#at + index] = Number(rest & 0x7fn) | (index < 9 ? 0x80 : 0)
      rest >>= 7n
    }
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#bytes[--this.#at] = value
  }

  #reserve(size: number): void {
    if (this.#at >= size) return
    const used = this.length
    let capacity = this.#bytes.length * 2
    while (capacity < used + size) capacity *= 2
    const grown = Buffer.allocUnsafeSlow(capacity)
    this.#bytes.copy(grown, capacity - used, this.#at)
    this.#bytes = grown
    this.#at = capacity - used
  }
}
