// YAML out, character for character as sigs.k8s.io/yaml (go-yaml 2) prints it: keys in its natural order, lists not
// indented under their key, no line folding, its rules for quoting.
import type { JsonObject, JsonValue } from '../types.ts'
import { isBase60, resolvePlain } from './yaml-scalar.ts'

/** Ends with a newline. Members that are undefined are left out, as JSON does. */
export function encodeYaml(value: unknown): string {
  // What JSON would say: undefined members gone, toJSON applied.
  const tree = JSON.parse(JSON.stringify(value) ?? 'null') as JsonValue
  const parts: string[] = []
  writeNode(parts, tree, -2, 'root')
  return parts.join('')
}

type Place = 'root' | 'member' | 'item'

/** `indent` is that of the collection the node stands in. Writes from after the `:` or `-` to the end of the line. */
function writeNode(parts: string[], value: JsonValue, indent: number, place: Place): void {
  const separator = place === 'root' ? '' : ' '
  if (typeof value !== 'object' || value === null) {
    parts.push(separator, scalarText(value, Math.max(indent, 0) + 2), '\n')
  } else if (Array.isArray(value)) {
    if (value.length === 0) parts.push(separator, '[]\n')
    else writeItems(parts, value, indent, place)
  } else {
    const keys = Object.keys(value)
    if (keys.length === 0) parts.push(separator, '{}\n')
    else writeMembers(parts, value, keys.sort(compareKeys), indent, place)
  }
}

function writeItems(parts: string[], items: readonly JsonValue[], indent: number, place: Place): void {
  const own = place === 'member' ? indent : indent + 2
  if (place === 'member') parts.push('\n')
  items.forEach((item, index) => {
    parts.push(index === 0 && place === 'item' ? ' ' : ' '.repeat(own), '-')
    writeNode(parts, item, own, 'item')
  })
}

/** Longer keys cannot be followed by a colon on the same line: they are written `? key`. */
const MAX_SIMPLE_KEY = 128

function writeMembers(
  parts: string[],
  object: JsonObject,
  keys: readonly string[],
  indent: number,
  place: Place,
): void {
  const own = indent + 2
  if (place === 'member') parts.push('\n')
  keys.forEach((key, index) => {
    parts.push(index === 0 && place === 'item' ? ' ' : ' '.repeat(own))
    if (Buffer.byteLength(key) > MAX_SIMPLE_KEY || BREAK.test(key)) {
      parts.push('? ', stringText(key, own + 2, false), '\n', ' '.repeat(own), ':')
      writeNode(parts, object[key]!, own, 'item')
    } else {
      parts.push(stringText(key, own + 2, true), ':')
      writeNode(parts, object[key]!, own, 'member')
    }
  })
}

function scalarText(value: string | number | boolean | null, indent: number): string {
  if (typeof value === 'string') return stringText(value, indent, false)
  return typeof value === 'number' ? numberText(value) : String(value)
}

/** strconv.FormatFloat(f, 'g', -1, 64) for what is not an integer; integers in full. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  const [digits = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function stringText(text: string, indent: number, isKey: boolean): string {
  const looks = analyze(text)
  if (text.includes('\n')) {
    return looks.blockAllowed && !isKey ? literalText(text, indent) : doubleQuoted(text)
  }
  // go-yaml writes the key << plain, and reads it back as a merge that loses the value.
  if (isKey && text === '<<') return doubleQuoted(text)
  const { type } = resolvePlain(text)
  if (type !== 'string' || isBase60(text)) return doubleQuoted(text)
  if (looks.plainAllowed) return text
  return looks.singleAllowed ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text)
}

interface Looks {
  readonly plainAllowed: boolean
  readonly singleAllowed: boolean
  readonly blockAllowed: boolean
}

const PLAIN: Looks = { plainAllowed: true, singleAllowed: true, blockAllowed: true }

// Printable to go-yaml: ASCII without controls, U+00A0 and up, without surrogate pairs (U+10000 and up), the byte order
// mark and the two non-characters at the end.
const NOT_PRINTABLE = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/
const LEADING_INDICATOR = /^(?:[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t\n\r\u0085\u2028\u2029]|$)|---|\.\.\.)/
const INNER_INDICATOR = /:(?:[ \t\n\r\u0085\u2028\u2029]|$)|[ \t\n\r\u0085\u2028\u2029]#/
const BREAK = /[\r\n\u0085\u2028\u2029]/

function analyze(text: string): Looks {
  if (/^[A-Za-z][-A-Za-z0-9_./]*$/.test(text)) return PLAIN
  const breaks = BREAK.test(text)
  const special = NOT_PRINTABLE.test(text) || (breaks && / [\r\n\u0085\u2028\u2029]/.test(text))
  const edges =
    text.startsWith(' ') || text.endsWith(' ') || /^[\r\n\u0085\u2028\u2029]|[\r\n\u0085\u2028\u2029]$/.test(text)
  const breakThenSpace = breaks && /[\r\n\u0085\u2028\u2029] /.test(text)
  return {
    plainAllowed:
      !special && !edges && !breaks && !breakThenSpace && !LEADING_INDICATOR.test(text) && !INNER_INDICATOR.test(text),
    singleAllowed: !special && !breakThenSpace,
    blockAllowed: !special && !text.endsWith(' '),
  }
}

/** `|` with the indentation and the trailing newlines said where they are not the usual. */
function literalText(text: string, indent: number): string {
  const indentHint = text.startsWith(' ') || text.startsWith('\n') ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  const margin = ' '.repeat(indent)
  return `|${indentHint}${chomp}\n${lines.map((line) => (line === '' ? '' : margin + line)).join('\n')}`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
}

function doubleQuoted(text: string): string {
  return `"${text.replace(/["\\]|[^\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu, (character) => {
    const short = ESCAPES[character]
    if (short !== undefined) return `\\${short}`
    const code = character.codePointAt(0) ?? 0
    const hex = code.toString(16).toUpperCase()
    if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
    return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
  })}"`
}

const isLetter = (character: string): boolean => /\p{L}/u.test(character)
const isDigit = (character: string): boolean => /\p{Nd}/u.test(character)

/** go-yaml's natural order: digits compare as numbers, letters come after everything else. */
function compareKeys(left: string, right: string): number {
  const a = [...left]
  const b = [...right]
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a[index]!
    const y = b[index]!
    if (x === y) continue
    const xLetter = isLetter(x)
    const yLetter = isLetter(y)
    if (xLetter && yLetter) return compareCodes(x, y)
    if (xLetter || yLetter) return yLetter ? -1 : 1
    return compareDigits(a, b, index)
  }
  return a.length - b.length
}

const compareCodes = (x: string, y: string): number => (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0)

function compareDigits(a: readonly string[], b: readonly string[], index: number): number {
  // A zero inside a number is not a leading zero: a digit in front keeps the comparison by place value.
  let seed = 0n
  if (a[index] === '0' || b[index] === '0') {
    for (let back = index - 1; back >= 0 && isDigit(a[back]!); back--) {
      if (a[back] !== '0') {
        seed = 1n
        break
      }
    }
  }
  const [aNumber, aEnd] = readDigits(a, index, seed)
  const [bNumber, bEnd] = readDigits(b, index, seed)
  if (aNumber !== bNumber) return aNumber < bNumber ? -1 : 1
  return aEnd !== bEnd ? aEnd - bEnd : compareCodes(a[index]!, b[index]!)
}

function readDigits(characters: readonly string[], start: number, seed: bigint): [bigint, number] {
  let number = seed
  let end = start
  for (; end < characters.length && isDigit(characters[end]!); end++) {
    number = BigInt.asIntN(64, number * 10n + BigInt(compareCodes(characters[end]!, '0')))
  }
  return [number, end]
}
