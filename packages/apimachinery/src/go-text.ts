// How Go prints values into messages that clients see: `%q` of a string, `%v` of a JSON tree, encoding/json's strings.
import type { JsonValue } from './types.ts'

const SHORT_ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

// Letters, marks, numbers, punctuation, symbols and the ASCII space are printed as they are (strconv.IsPrint).
const NOT_PRINTABLE = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** Printable ASCII but for the quote and the backslash: nearly all that is quoted. */
const PLAIN = /^[ !#-[\]-~]*$/

/** A string as `%q` prints it. */
export function goQuote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  return `"${text.replace(NOT_PRINTABLE, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES[character]
  if (short !== undefined) return short
  const code = character.codePointAt(0) ?? 0
  // A lone surrogate cannot be in a Go string; what was there has become U+FFFD.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}

/** A JSON tree as `%v` prints it: `map[a:1 b:[x y]]`, keys sorted, null as `<nil>`. */
export function goValue(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const fields = Object.keys(value)
    .toSorted(compareBytes)
    .map((key) => `${key}:${goValue(value[key])}`)
  return `map[${fields.join(' ')}]`
}

/** The order of UTF-8 bytes, which is how Go sorts strings; UTF-16 order differs only past U+D7FF. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index)
    const b = right.charCodeAt(index)
    if (a !== b) {
      const aSurrogate = a >= 0xd800 && a <= 0xdfff
      const bSurrogate = b >= 0xd800 && b <= 0xdfff
      if (aSurrogate !== bSurrogate) return aSurrogate ? 1 : -1
      return a - b
    }
  }
  return left.length - right.length
}

const HTML_ESCAPES: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** JSON as encoding/json writes it by default: `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(
    /[<>&\u2028\u2029]/g,
    (character) => HTML_ESCAPES[character] ?? character,
  )
}
