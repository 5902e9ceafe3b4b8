// The values that literals stand for.

const SIMPLE: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }),
)
/** Stand for themselves. */
const PLAIN = '\\\'"`?'
const LENGTHS: Readonly<Record<string, number>> = { x: 2, X: 2, u: 4, U: 8 }
const UNABLE = 'unable to unescape string'

/** Of a string or bytes literal with its quotes; bytes come back as one character a byte. Throws a message. */
export function unquote(literal: string, isBytes: boolean): string {
  const normalized = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const isRaw = /^[rR]/.test(normalized)
  const text = isRaw ? normalized.slice(1) : normalized
  const quotes = text.length >= 6 && (text.startsWith('"""') || text.startsWith("'''")) ? 3 : 1
  const body = text.slice(quotes, -quotes)
  if (isRaw || !body.includes('\\')) return isBytes ? bytesOf(body) : body
  let result = ''
  for (let index = 0; index < body.length;) {
    if (body[index] !== '\\') {
      const character = String.fromCodePoint(body.codePointAt(index) ?? 0)
      result += isBytes ? bytesOf(character) : character
      index += character.length
      continue
    }
    const { value, length } = escapeAt(body, index + 1, isBytes)
    result += value
    index += 1 + length
  }
  return result
}

const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

function escapeAt(body: string, index: number, isBytes: boolean): { readonly value: string; readonly length: number } {
  const kind = body[index] ?? ''
  const simple = SIMPLE.get(kind) ?? (PLAIN.includes(kind) ? kind : undefined)
  if (simple !== undefined) return { value: simple, length: 1 }
  const digits = LENGTHS[kind]
  if (digits === undefined)
    return { value: point(Number.parseInt(body.slice(index, index + 3), 8), isBytes), length: 3 }
  if (isBytes && digits > 2) throw new Error(UNABLE)
  return { value: point(Number.parseInt(body.slice(index + 1, index + 1 + digits), 16), isBytes), length: 1 + digits }
}

function point(value: number, isBytes: boolean): string {
  if (Number.isNaN(value)) throw new Error(UNABLE)
  if (!isBytes && (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)))
    throw new Error('invalid unicode code point')
  return String.fromCodePoint(value)
}

const MAX_INT = 2n ** 63n - 1n
const MAX_UINT = 2n ** 64n - 1n

/** Undefined when it does not fit. */
export function parseInteger(text: string, isNegative: boolean): bigint | undefined {
  const magnitude = BigInt(text)
  const value = isNegative ? -magnitude : magnitude
  return value > MAX_INT || value < -MAX_INT - 1n ? undefined : value
}

/** With its `u`; undefined when it does not fit. */
export function parseUnsigned(text: string): bigint | undefined {
  const value = BigInt(text.slice(0, -1))
  return value > MAX_UINT ? undefined : value
}

/** Undefined when it does not fit. */
export function parseDouble(text: string): number | undefined {
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}
