// What a plain YAML scalar means to Kubernetes: go-yaml's reading of YAML 1.1, which differs from both YAML versions in
// detail (`y` and `no` are booleans, `1:30` is text, `0o7` and `017` are octal, dates stay text). Used both ways: a
// string that would be read as something else must be quoted when it is written.

export type PlainScalar =
  | { readonly type: 'string' }
  | { readonly type: 'null' }
  /** Text in JSON, but quoted when written. */
  | { readonly type: 'timestamp' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }

const STRING: PlainScalar = { type: 'string' }
const WORDS: ReadonlyMap<string, PlainScalar> = new Map<string, PlainScalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word): [string, PlainScalar] => [
    word,
    { type: 'boolean', value: true },
  ]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word): [string, PlainScalar] => [
    word,
    { type: 'boolean', value: false },
  ]),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, PlainScalar] => [word, { type: 'null' }]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, PlainScalar] => [word, { type: 'float', value: NaN }]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, PlainScalar] => [
    word,
    { type: 'float', value: Infinity },
  ]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, PlainScalar] => [word, { type: 'float', value: -Infinity }]),
])

export function resolvePlain(text: string): PlainScalar {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  const first = text.charCodeAt(0)
  if (first === 0x2e) return dottedFloat(text)
  if ((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d) return numeric(text)
  return STRING
}

/** `.5`, `.5e3`; Go's ParseFloat takes underscores only with a base prefix. */
function dottedFloat(text: string): PlainScalar {
  if (!/^\.[0-9]+([eE][-+]?[0-9]+)?$/.test(text)) return STRING
  const value = Number(text)
  return Number.isFinite(value) ? { type: 'float', value } : STRING
}

const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/

function numeric(text: string): PlainScalar {
  if (isTimestamp(text)) return { type: 'timestamp' }
  const plain = text.replaceAll('_', '')
  const integer = parseInteger(plain)
  if (integer !== undefined) return { type: 'integer', value: integer }
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) {
    const value = Number(plain)
    if (Number.isFinite(value)) return { type: 'float', value }
  }
  return STRING
}

function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text)
  if (match === null) return false
  const [, year, month, day] = match.map(Number)
  const [hour, minute, second] = [
    match[4] ?? match[7] ?? '0',
    match[5] ?? match[8] ?? '0',
    match[6] ?? match[9] ?? '0',
  ].map(Number)
  if (hour! > 23 || minute! > 59 || second! > 59 || month! < 1 || month! > 12 || day! < 1) return false
  return day! <= new Date(Date.UTC(year!, month!, 0)).getUTCDate()
}

const MIN_INT64 = -(1n << 63n)
const MAX_UINT64 = (1n << 64n) - 1n

/** Go's ParseInt with base 0: 0x, 0o, 0b and a leading 0 name the base. */
function parseInteger(text: string): bigint | undefined {
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9][0-9]*))$/.exec(text)
  if (match === null || text.length > 70) return undefined
  const [, sign, hex, octal, binary, oldOctal, decimal] = match
  const digits =
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : (octal ?? oldOctal) !== undefined
          ? `0o${octal ?? oldOctal}`
          : decimal
  const magnitude = BigInt(digits ?? '0')
  const value = sign === '-' ? -magnitude : magnitude
  // An unsigned 64-bit integer has no sign in front.
  return value >= MIN_INT64 && value <= (sign === '' ? MAX_UINT64 : (1n << 63n) - 1n) ? value : undefined
}

/** `1:30` was a number in YAML 1.1; it is written quoted for readers that still take it for one. */
export const isBase60 = (text: string): boolean => /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text)
