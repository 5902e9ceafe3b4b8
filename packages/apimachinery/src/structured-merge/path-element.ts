// One step of the path to a field, in the form that managedFields writes: `f:replicas` is a field, `k:{"name":"c"}` the item of
// a list with that key, `v:"x"` the item of a set, `i:0` the item at that place.
import { compareBytes, goQuote } from '../go-text.ts'
import { type JsonObject, type JsonValue } from '../types.ts'
import { isJsonObject } from '../json-tree.ts'
import type { ListType } from './field-type.ts'

/** An item of a list that cannot be told from the others. */
export class ItemError extends Error {
  override readonly name = 'ItemError'
}

const NEEDS_HTML_ESCAPE = /[<>&\u2028\u2029]/
const HTML_ESCAPES = /[<>&\u2028\u2029]/g

function elementJson(value: JsonValue): string {
  const text = JSON.stringify(value)
  if (!NEEDS_HTML_ESCAPE.test(text)) return text
  return text.replace(HTML_ESCAPES, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The element of a list's item. ItemError for items without a key. */
export function itemElement(list: ListType, item: JsonValue): string {
  if (list.atomic) throw new ItemError('invalid indexing of non-associative list')
  return list.keys.length === 0 ? valueElement(item) : keyElement(list, item)
}

function valueElement(item: JsonValue): string {
  if (item === null) throw new ItemError("associative list without keys has an element that's an explicit null")
  if (Array.isArray(item)) throw new ItemError('not supported: associative list with lists as elements')
  if (typeof item === 'object') throw new ItemError("associative list without keys has an element that's a map type")
  return `v:${elementJson(item)}`
}

function keyElement({ keys }: ListType, item: JsonValue): string {
  if (item === null) throw new ItemError('associative list with keys may not have a null element')
  if (!isJsonObject(item)) throw new ItemError('associative list with keys may not have non-map elements')
  let text = ''
  for (const { name, default: byDefault } of keys) {
    const value = Object.hasOwn(item, name) ? item[name] : byDefault
    if (value === undefined) continue
    text += `${text === '' ? '' : ','}"${name}":${elementJson(value)}`
  }
  if (text === '') {
    const names = keys.map(({ name }) => goQuote(name)).join(' ')
    throw new ItemError(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    )
  }
  return `k:{${text}}`
}

/** The order in which managedFields has them: fields, keys, values, indexes. */
export function compareElements(left: string, right: string): number {
  const kind = left[0]
  if (kind !== right[0]) return KIND_ORDER.indexOf(kind ?? '') - KIND_ORDER.indexOf(right[0] ?? '')
  if (kind === 'f') return compareBytes(left, right)
  if (kind === 'k') {
    const [a, b] = [onlyKey(left), onlyKey(right)]
    if (a !== undefined && b !== undefined && left.startsWith(right.slice(0, right.length - b.length - 2)))
      return compareBytes(a, b)
    return compareKeys(parsed(left), parsed(right))
  }
  return compareValues(parsed(left), parsed(right))
}

/** The value of `k:{"name":"value"}`: most keys are one plain text, which needs no parsing. */
function onlyKey(element: string): string | undefined {
  const start = element.indexOf('":"') + 3
  if (start < 3 || !element.endsWith('"}') || element.includes('\\') || element.includes(',"', start)) return undefined
  return element.slice(start, -2)
}

const KIND_ORDER = 'fkvi'

/** Elements are made by this file, or were read by canonicalElement. */
const parsed = (element: string): JsonValue => JSON.parse(element.slice(2)) as JsonValue

function compareKeys(left: JsonValue, right: JsonValue): number {
  const [a, b] = [Object.entries(left as JsonObject), Object.entries(right as JsonObject)] // As keyElement wrote them.
  for (let index = 0; index < a.length && index < b.length; index++) {
    const [[nameA, valueA], [nameB, valueB]] = [a[index]!, b[index]!]
    const order = compareBytes(nameA, nameB) || compareValues(valueA, valueB)
    if (order !== 0) return order
  }
  return a.length - b.length
}

const TYPE_ORDER = ['number', 'string', 'boolean', 'object']

/** Numbers before texts before booleans before the rest. */
function compareValues(left: JsonValue, right: JsonValue): number {
  if (typeof left !== typeof right) return TYPE_ORDER.indexOf(typeof left) - TYPE_ORDER.indexOf(typeof right)
  if (typeof left === 'string') return compareBytes(left, right as string) // Of one type, as was just seen.
  if (typeof left === 'object') return compareBytes(JSON.stringify(left), JSON.stringify(right))
  return Number(left) - Number(right)
}

/** As messages print it: `.replicas`, `[containerPort=80,protocol="TCP"]`, `[="x"]`, `[0]`. */
export function elementText(element: string): string {
  switch (element[0]) {
    case 'f':
      return `.${element.slice(2)}`
    case 'k': {
      const key = parsed(element) as JsonObject // As keyElement wrote it.
      return `[${Object.entries(key)
        .map(([name, value]) => `${name}=${valueText(value)}`)
        .join(',')}]`
    }
    case 'v':
      return `[=${valueText(parsed(element))}]`
    default:
      return `[${element.slice(2)}]`
  }
}

export function valueText(value: JsonValue): string {
  if (typeof value === 'string') return goQuote(value)
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`
  if (isJsonObject(value))
    return Object.entries(value)
      .map(([name, member]) => `${name}=${valueText(member)}`)
      .join('')
  return String(value)
}

/**
 * A client's element in the one form that this file writes; undefined for kinds of elements that nobody knows (yet). Throws
 * SyntaxError for what cannot be read.
 */
export function canonicalElement(text: string): string | undefined {
  if (text.length < 2) throw new SyntaxError('key must be 2 characters long:')
  if (text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`)
  switch (text[0]) {
    case 'f':
      return text
    case 'v':
      return `v:${elementJson(parsed(text))}`
    case 'k': {
      const key = parsed(text)
      if (!isJsonObject(key)) throw new SyntaxError('expect { or n')
      const members = Object.keys(key)
        .toSorted(compareBytes)
        .map((name) => `${elementJson(name)}:${elementJson(key[name] ?? null)}`)
      return `k:{${members.join(',')}}`
    }
    case 'i': {
      if (!/^i:[-+]?\d+$/.test(text))
        throw new SyntaxError(`strconv.Atoi: parsing ${goQuote(text.slice(2))}: invalid syntax`)
      return `i:${Number(text.slice(2))}`
    }
    default:
      return undefined
  }
}
