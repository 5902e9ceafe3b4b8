// A scan of JSON text that builds nothing: it says what is malformed in the words of Go's encoding/json, and finds the
// members that stand twice. Only run when JSON.parse failed or there is something to say; speed does not matter here.
import { goQuote } from '../go-text.ts'
import { DecodeError, inexactInteger } from './decoded.ts'

/** Upstream stops counting there. */
const MAX_DUPLICATES = 100

/** The texts of duplicate members, each once. Throws DecodeError. */
export function scanJson(bytes: Uint8Array, maxDepth: number): string[] {
  const scanner = new Scanner(bytes, maxDepth)
  scanner.scanDocument()
  return [...scanner.duplicates]
}

class Scanner {
  readonly duplicates = new Set<string>()
  readonly #bytes: Uint8Array
  readonly #maxDepth: number
  #position = 0
  #depth = 0

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = bytes
    this.#maxDepth = maxDepth
  }

  scanDocument(): void {
    this.#value('', 'looking for beginning of value')
    this.#skipSpace()
    if (this.#position < this.#bytes.length) this.#fail('after top-level value')
  }

  #value(path: string, expectation: string): void {
    this.#skipSpace()
    const byte = this.#peek()
    switch (byte) {
      case 0x7b:
        return this.#nested(() => this.#object(path))
      case 0x5b:
        return this.#nested(() => this.#array(path))
      case 0x22:
        this.#string()
        return
      case 0x74:
        return this.#literal('true')
      case 0x66:
        return this.#literal('false')
      case 0x6e:
        return this.#literal('null')
      default:
        if (byte === 0x2d || isDigit(byte)) return this.#number()
        this.#fail(expectation)
    }
  }

  #nested(scan: () => void): void {
    if (++this.#depth > this.#maxDepth) throw new DecodeError('exceeded max depth')
    this.#position++
    scan()
    this.#depth--
  }

  #object(path: string): void {
    this.#skipSpace()
    if (this.#peek() === 0x7d) {
      this.#position++
      return
    }
    const seen = new Set<string>()
    for (;;) {
      this.#skipSpace()
      if (this.#peek() !== 0x22) this.#fail('looking for beginning of object key string')
      const key = this.#string()
      const memberPath = path === '' ? key : `${path}.${key}`
      if (seen.has(key) && this.duplicates.size < MAX_DUPLICATES)
        this.duplicates.add(`duplicate field ${goQuote(memberPath)}`)
      seen.add(key)
      this.#skipSpace()
      if (this.#peek() !== 0x3a) this.#fail('after object key')
      this.#position++
      this.#value(memberPath, 'looking for beginning of value')
      this.#skipSpace()
      const byte = this.#peek()
      if (byte !== 0x2c && byte !== 0x7d) this.#fail('after object key:value pair')
      this.#position++
      if (byte === 0x7d) return
    }
  }

  #array(path: string): void {
    this.#skipSpace()
    if (this.#peek() === 0x5d) {
      this.#position++
      return
    }
    for (let index = 0; ; index++) {
      this.#value(`${path}[${index}]`, 'looking for beginning of value')
      this.#skipSpace()
      const byte = this.#peek()
      if (byte !== 0x2c && byte !== 0x5d) this.#fail('after array element')
      this.#position++
      if (byte === 0x5d) return
    }
  }

  #string(): string {
    const start = this.#position++
    for (;;) {
      const byte = this.#peek()
      if (byte < 0x20) this.#fail('in string literal')
      this.#position++
      if (byte === 0x22) break
      if (byte === 0x5c) this.#escape()
    }
    const text = Buffer.from(this.#bytes.subarray(start, this.#position)).toString('utf8')
    return JSON.parse(text) as string // A complete string literal was just checked.
  }

  #escape(): void {
    const byte = this.#inside()
    if (!'bfnrt\\/"u'.includes(String.fromCharCode(byte))) this.#fail('in string escape code')
    this.#position++
    if (byte !== 0x75) return
    for (let count = 0; count < 4; count++) {
      if (!/[0-9a-fA-F]/.test(String.fromCharCode(this.#inside()))) this.#fail('in \\u hexadecimal character escape')
      this.#position++
    }
  }

  #number(): void {
    const start = this.#position
    if (this.#inside() === 0x2d) {
      this.#position++
      if (!isDigit(this.#inside())) this.#fail('in numeric literal')
    }
    if (this.#inside() === 0x30) this.#position++
    else this.#digits()
    let integer = true
    if (this.#at(0x2e)) {
      integer = false
      this.#position++
      if (!isDigit(this.#inside())) this.#fail('after decimal point in numeric literal')
      this.#digits()
    }
    if (this.#at(0x65) || this.#at(0x45)) {
      integer = false
      this.#position++
      if (this.#at(0x2b) || this.#at(0x2d)) this.#position++
      if (!isDigit(this.#inside())) this.#fail('in exponent of numeric literal')
      this.#digits()
    }
    this.#checkNumber(Buffer.from(this.#bytes.subarray(start, this.#position)).toString('latin1'), integer)
  }

  /** Upstream makes a float of what 64 bits cannot hold, and so does this; what is between is refused. */
  #checkNumber(text: string, integer: boolean): void {
    const number = Number(text)
    if (!Number.isFinite(number))
      throw new DecodeError(`json: cannot unmarshal number ${text} into Go value of type float64`)
    if (!integer || Number.isSafeInteger(number)) return
    const exact = BigInt(text)
    if (BigInt.asIntN(64, exact) === exact && String(number) !== String(exact)) throw inexactInteger(text)
  }

  #digits(): void {
    while (this.#position < this.#bytes.length && isDigit(this.#bytes[this.#position]!)) this.#position++
  }

  #literal(word: string): void {
    this.#position++
    for (const letter of word.slice(1)) {
      if (this.#inside() !== letter.charCodeAt(0))
        this.#fail(`in literal ${word} (expecting ${quoteCharacter(letter)})`)
      this.#position++
    }
  }

  #skipSpace(): void {
    while (this.#position < this.#bytes.length) {
      const byte = this.#bytes[this.#position]!
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.#position++
    }
  }

  #at(byte: number): boolean {
    return this.#bytes[this.#position] === byte
  }

  #peek(): number {
    const byte = this.#bytes[this.#position]
    if (byte === undefined) throw new DecodeError('unexpected end of JSON input')
    return byte
  }

  /** Where a space would be wrong, Go's decoder names the end of the text a space. */
  #inside(): number {
    return this.#bytes[this.#position] ?? 0x20
  }

  /** Go's decoder looks at bytes, so a multi-byte character is named by its first byte. */
  #fail(context: string): never {
    throw new DecodeError(`invalid character ${quoteCharacter(String.fromCharCode(this.#inside()))} ${context}`)
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''"
  if (character === '"') return `'"'`
  return `'${goQuote(character).slice(1, -1)}'`
}
