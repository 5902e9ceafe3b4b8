// The tokens of CEL, numbered in the order in which messages list them.
import type { Source } from './source.ts'

const LITERAL_NAMES = '== != in < <= >= > && || [ ] { } ( ) . , - ! ? : + * / % true false null'.split(' ')
const SYMBOLIC_NAMES = ['NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER'] as const

export type TokenType = number
export const END: TokenType = -1
/** Stands for "the end of the rule can be reached" among token types. */
export const EPSILON: TokenType = -2

const byName = new Map<string, TokenType>([...LITERAL_NAMES, ...SYMBOLIC_NAMES].map((name, index) => [name, index + 1]))

export function tokenType(name: string): TokenType {
  const type = byName.get(name)
  if (type === undefined) throw new Error(`no such token: ${name}`)
  return type
}

/** As messages show it. */
export function tokenName(type: TokenType): string {
  if (type === END) return '<EOF>'
  return type <= LITERAL_NAMES.length
    ? `'${LITERAL_NAMES[type - 1] ?? ''}'`
    : (SYMBOLIC_NAMES[type - 1 - LITERAL_NAMES.length] ?? '')
}

export interface Token {
  readonly type: TokenType
  readonly text: string
  /** White space and comments before it; what is not part of any token is not in it. */
  readonly hidden: string
  /** In code points; the end is not included. Both are the length of the text for the end. */
  readonly start: number
  readonly end: number
  /** Not in the text: put in by recovery. */
  readonly isConjured?: boolean
}

const WORDS = new Map(['in', 'true', 'false', 'null'].map((word) => [word, tokenType(word)]))
const PAIRS = new Map(['==', '!=', '<=', '>=', '&&', '||'].map((pair) => [pair, tokenType(pair)]))
const SINGLES = new Map(LITERAL_NAMES.filter((name) => name.length === 1).map((name) => [name, tokenType(name)]))
const STRING = tokenType('STRING')
const BYTES = tokenType('BYTES')
const FLOAT = tokenType('NUM_FLOAT')
const INT = tokenType('NUM_INT')
const UINT = tokenType('NUM_UINT')
const IDENTIFIER = tokenType('IDENTIFIER')
const ESCAPED = tokenType('ESC_IDENTIFIER')

const code = (character: string): number => character.codePointAt(0) ?? 0
const between = (point: number, low: string, high: string): boolean => point >= code(low) && point <= code(high)
const isDigit = (point: number): boolean => between(point, '0', '9')
const isHex = (point: number): boolean => isDigit(point) || between(point, 'a', 'f') || between(point, 'A', 'F')
const isLetter = (point: number): boolean => between(point, 'a', 'z') || between(point, 'A', 'Z') || point === code('_')
const isSpace = (point: number): boolean =>
  point === 0x09 || point === 0x20 || point === 0x0d || point === 0x0a || point === 0x0c
const LINE_ENDS: readonly number[] = [0x0a, 0x0d]
const BACKSLASH = code('\\')

/** The longest token from a place on; without one, where the text stopped being the beginning of any. */
type Match = { readonly type: TokenType; readonly end: number } | { readonly failedAt: number }

/** Token after token, on demand: errors in what nobody asked for are not reported. */
export class Lexer {
  readonly #source: Source
  readonly #problems: { syntax(offset: number, message: string): void }
  #position = 0

  constructor(source: Source, problems: { syntax(offset: number, message: string): void }) {
    this.#source = source
    this.#problems = problems
  }

  next(): Token {
    for (let hidden = ''; ;) {
      hidden += this.#skipHidden()
      const start = this.#position
      const { points } = this.#source
      if (start >= points.length) return { type: END, text: '<EOF>', hidden, start, end: start }
      const match = this.#match(start)
      if ('type' in match) {
        this.#position = match.end
        return { type: match.type, text: this.#source.slice(start, match.end), hidden, start, end: match.end }
      }
      // The character that does not fit is part of the message, and skipped.
      this.#problems.syntax(start, `token recognition error at: '${this.#source.slice(start, match.failedAt + 1)}'`)
      this.#position = Math.min(match.failedAt + 1, points.length)
    }
  }

  #at(index: number): number {
    return this.#source.points[index] ?? -1
  }

  #skipHidden(): string {
    const start = this.#position
    for (;;) {
      while (isSpace(this.#at(this.#position))) this.#position++
      if (this.#at(this.#position) !== code('/') || this.#at(this.#position + 1) !== code('/'))
        return this.#source.slice(start, this.#position)
      while (this.#position < this.#source.points.length && this.#at(this.#position) !== 0x0a) this.#position++
    }
  }

  #match(start: number): Match {
    const first = this.#at(start)
    if (isLetter(first)) return this.#word(start)
    if (isDigit(first)) return this.#number(start)
    if (first === code('"') || first === code("'")) return this.#string(start, false)
    if (first === code('`')) return this.#escaped(start)
    if (first === code('.') && isDigit(this.#at(start + 1))) return this.#fraction(start)
    const text = first < 0x80 ? String.fromCodePoint(first) : ''
    const pair = PAIRS.get(text + this.#source.slice(start + 1, start + 2))
    if (pair !== undefined) return { type: pair, end: start + 2 }
    const single = SINGLES.get(text)
    if (single !== undefined) return { type: single, end: start + 1 }
    return { failedAt: text !== '' && '=&|'.includes(text) ? start + 1 : start }
  }

  #word(start: number): Match {
    const quoted = this.#prefixed(start)
    if (quoted !== undefined) return quoted
    let end = start + 1
    while (isLetter(this.#at(end)) || isDigit(this.#at(end))) end++
    return { type: WORDS.get(this.#source.slice(start, end)) ?? IDENTIFIER, end }
  }

  /** `r"…"`, `b"…"`, `br"…"`. */
  #prefixed(start: number): Match | undefined {
    const isOneOf = (index: number, letters: string): boolean => letters.includes(this.#source.slice(index, index + 1))
    const isQuote = (index: number): boolean => this.#at(index) === code('"') || this.#at(index) === code("'")
    let quote = start
    const isBytes = isOneOf(quote, 'bB')
    if (isBytes) quote++
    const isRaw = this.#at(quote) !== -1 && isOneOf(quote, 'rR')
    if (isRaw) quote++
    if (quote === start || !isQuote(quote)) return undefined
    const match = this.#string(quote, isRaw)
    // Without an end to the string, the letters before it are an identifier.
    if (!('type' in match)) return undefined
    return { type: isBytes ? BYTES : STRING, end: match.end }
  }

  #string(start: number, isRaw: boolean): Match {
    const quote = this.#at(start)
    if (this.#at(start + 1) !== quote || this.#at(start + 2) !== quote) return this.#singleQuoted(start, quote, isRaw)
    for (let index = start + 3; ;) {
      const point = this.#at(index)
      // What has three quotes and no end begins with an empty string.
      if (point === -1) return { type: STRING, end: start + 2 }
      if (point === quote && this.#at(index + 1) === quote && this.#at(index + 2) === quote)
        return { type: STRING, end: index + 3 }
      if (point === BACKSLASH && !isRaw) {
        const escape = this.#escapeSequence(index)
        if (!escape.isWhole) return { type: STRING, end: start + 2 }
        index = escape.end
      } else index++
    }
  }

  #singleQuoted(start: number, quote: number, isRaw: boolean): Match {
    for (let index = start + 1; ;) {
      const point = this.#at(index)
      if (point === quote) return { type: STRING, end: index + 1 }
      if (point === -1 || LINE_ENDS.includes(point)) return { failedAt: index }
      if (point === BACKSLASH && !isRaw) {
        const escape = this.#escapeSequence(index)
        if (!escape.isWhole) return { failedAt: escape.end }
        index = escape.end
      } else index++
    }
  }

  /** Where it ends, or the first character that does not belong to one. */
  #escapeSequence(start: number): { readonly isWhole: boolean; readonly end: number } {
    const kind = this.#at(start + 1)
    if (kind === -1) return { isWhole: false, end: start + 1 }
    const letter = String.fromCodePoint(kind)
    if ('abfnrtv"\'\\?`'.includes(letter)) return { isWhole: true, end: start + 2 }
    const isOctal = between(kind, '0', '3')
    const length = isOctal ? 2 : { x: 2, X: 2, u: 4, U: 8 }[letter]
    if (length === undefined) return { isWhole: false, end: start + 1 }
    for (let index = start + 2; index < start + 2 + length; index++) {
      const isDigitOfIt = isOctal ? between(this.#at(index), '0', '7') : isHex(this.#at(index))
      if (!isDigitOfIt) return { isWhole: false, end: index }
    }
    return { isWhole: true, end: start + 2 + length }
  }

  #number(start: number): Match {
    if (this.#at(start) === code('0') && this.#at(start + 1) === code('x') && isHex(this.#at(start + 2))) {
      let end = start + 3
      while (isHex(this.#at(end))) end++
      return this.#integer(end)
    }
    const end = this.#digits(start)
    if (this.#at(end) === code('.') && isDigit(this.#at(end + 1))) return this.#fraction(end)
    const exponent = this.#exponent(end)
    return exponent > end ? { type: FLOAT, end: exponent } : this.#integer(end)
  }

  #integer(end: number): Match {
    const isUnsigned = this.#at(end) === code('u') || this.#at(end) === code('U')
    return isUnsigned ? { type: UINT, end: end + 1 } : { type: INT, end }
  }

  #fraction(dot: number): Match {
    return { type: FLOAT, end: this.#exponent(this.#digits(dot + 1)) }
  }

  #digits(start: number): number {
    let end = start
    while (isDigit(this.#at(end))) end++
    return end
  }

  /** The end of the exponent at `start`, or `start` when there is none. */
  #exponent(start: number): number {
    if (this.#at(start) !== code('e') && this.#at(start) !== code('E')) return start
    const isSigned = this.#at(start + 1) === code('+') || this.#at(start + 1) === code('-')
    const digits = start + (isSigned ? 2 : 1)
    return isDigit(this.#at(digits)) ? this.#digits(digits) : start
  }

  #escaped(start: number): Match {
    let end = start + 1
    const fits = (point: number): boolean =>
      isLetter(point) || isDigit(point) || (point !== -1 && '.-/ '.includes(String.fromCodePoint(point)))
    while (fits(this.#at(end))) end++
    const isClosed = this.#at(end) === code('`') && end > start + 1
    return isClosed ? { type: ESCAPED, end: end + 1 } : { failedAt: end }
  }
}
