// Messages as JSON trees. Decoding only finds the fields; what they may hold is the schema's business. A field that comes twice
// is upstream's: the last scalar counts, messages merge, lists grow. Fields that the message does not have are dropped, as
// upstream's generated types drop them.
import { QuantityError, canonicalQuantity } from '../../quantity.ts'
import type { JsonObject, JsonValue } from '../../types.ts'
import { DecodeError, MAX_DEPTH, inexactInteger } from '../decoded.ts'
import { decodeJson } from '../json.ts'
import { type Field, type Message, VALUE } from './message.ts'
import { DELIMITED, FIXED64, Reader, VARINT } from './reader.ts'
import { microTimeText, timeText } from './time.ts'

/**
 * Whose bytes they are. A client's are refused when they hold 64-bit integers that a double does not hold, or more than
 * MAX_ITEMS; of a stored value the nearest double is taken, because one odd value must not make a resource unreadable.
 */
type ProtobufSource = 'client' | 'store'

/** Items of lists and entries of maps, together: two bytes of input make one, and what they become costs a hundred times that. */
const MAX_ITEMS = 100_000

/**
 * DecodeError for truncated input, lying lengths, wrong wire types and too deep nesting. Zero values of fields that upstream
 * writes always are left out: for the schema they are the same as absent ones.
 */
export function decodeProtobufMessage(raw: Buffer, message: Message, source: ProtobufSource): JsonObject {
  const target: JsonObject = {}
  readMessage({ reader: new Reader(raw), source, depth: 0, items: 0 }, message, target)
  return target
}

interface State {
  readonly reader: Reader
  readonly source: ProtobufSource
  depth: number
  items: number
}

function readMessage(state: State, message: Message, target: JsonObject): void {
  const { reader } = state
  if (++state.depth > MAX_DEPTH) throw new DecodeError('exceeded max depth')
  while (reader.next(message.name)) {
    const field = message.byNumber[reader.number]
    if (field === undefined) reader.skip()
    else readField(state, field, target)
  }
  state.depth--
}

function readField(state: State, field: Field, target: JsonObject): void {
  const { name } = field
  switch (field.shape) {
    case 'always': {
      const before = target[name]
      const value = readValue(state, field, before)
      if (before !== undefined || (value !== '' && value !== 0 && value !== false && value !== null))
        target[name] = value
      break
    }
    case 'pointer':
      target[name] = readValue(state, field, target[name])
      break
    case 'list':
      countItem(state)
      readListItems(state, field, (target[name] ??= []) as JsonValue[]) // Only this line puts it there.
      break
    case 'map':
      countItem(state)
      readMapEntry(state, field, (target[name] ??= {}) as JsonObject) // Only this line puts it there.
      break
    case 'embedded':
      readInto(state, field, target)
  }
}

function countItem(state: State): void {
  if (++state.items > MAX_ITEMS && state.source === 'client') throw new DecodeError('exceeded max items')
}

function readInto(state: State, field: Field, target: JsonObject): void {
  const { reader } = state
  reader.expect(DELIMITED, field.name)
  const outer = reader.enter()
  if (field.message !== undefined) readMessage(state, field.message, target)
  reader.leave(outer)
}

/** Numbers may come packed. */
function readListItems(state: State, field: Field, list: JsonValue[]): void {
  const { reader } = state
  const isNumber = field.kind === VALUE.int32 || field.kind === VALUE.int64 || field.kind === VALUE.bool
  if (!isNumber || reader.wireType !== DELIMITED) {
    list.push(readValue(state, field, undefined))
    return
  }
  const outer = reader.enter()
  reader.wireType = VARINT
  while (reader.at < reader.end) {
    countItem(state)
    list.push(readValue(state, field, undefined))
  }
  reader.leave(outer)
}

const KEY = 1
const ENTRY = 2

function readMapEntry(state: State, field: Field, map: JsonObject): void {
  const { reader } = state
  reader.expect(DELIMITED, field.name)
  const outer = reader.enter()
  let key = ''
  let value: JsonValue | undefined
  while (reader.nextUnchecked()) {
    if (reader.number === KEY) key = reader.text()
    else if (reader.number === ENTRY) {
      reader.wireType = DELIMITED // As all values of maps are, whatever is said.
      value = readValue(state, field, undefined)
    } else reader.skip()
  }
  reader.leave(outer)
  value ??= field.kind === VALUE.text || field.kind === VALUE.bytes ? '' : field.kind === VALUE.quantity ? '0' : {}
  // Keys are the client's: this one must not change what the object is.
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
  else map[key] = value
}

function readValue(state: State, field: Field, before: JsonValue | undefined): JsonValue {
  const { reader } = state
  switch (field.kind) {
    case VALUE.text:
      reader.expect(DELIMITED, field.name)
      return reader.text()
    case VALUE.bool:
      reader.expect(VARINT, field.name)
      return reader.varint() !== 0
    case VALUE.int32:
      reader.expect(VARINT, field.name)
      return reader.varint() | 0
    case VALUE.int64: {
      reader.expect(VARINT, field.name)
      const value = reader.varint()
      if (state.source === 'client' && !Number.isSafeInteger(value)) throw inexactInteger(String(value))
      return value
    }
    case VALUE.double:
      reader.expect(FIXED64, field.name)
      return reader.double()
    case VALUE.bytes:
      reader.expect(DELIMITED, field.name)
      return reader.slice().toString('base64')
    default: {
      reader.expect(DELIMITED, field.name)
      const outer = reader.enter()
      const value = readNested(state, field, before)
      reader.leave(outer)
      return value
    }
  }
}

function readNested(state: State, field: Field, before: JsonValue | undefined): JsonValue {
  const { reader } = state
  switch (field.kind) {
    case VALUE.message: {
      const target = isObject(before) ? before : {}
      if (field.message !== undefined) readMessage(state, field.message, target)
      return target
    }
    case VALUE.quantity:
      return readQuantity(reader)
    case VALUE.time:
    case VALUE.microTime:
      return readTime(reader, field.kind === VALUE.microTime)
    case VALUE.integerOrText:
      return readIntegerOrText(reader)
    case VALUE.rawJson:
      return readRawJson(state)
    case VALUE.texts:
      return readTexts(reader)
    default:
      return readAlternatives(state, field)
  }
}

/** In its canonical text, as upstream parses it right here. */
function readQuantity(reader: Reader): string {
  let quantity = '0'
  while (reader.next('Quantity')) {
    if (reader.number !== 1) reader.skip()
    else {
      reader.expect(DELIMITED, 'String_')
      quantity = quantityOf(reader.text())
    }
  }
  return quantity
}

function quantityOf(text: string): string {
  try {
    return canonicalQuantity(text)
  } catch (error) {
    throw error instanceof QuantityError ? new DecodeError(error.message) : error
  }
}

/** The zero time, an empty message, is null. */
function readTime(reader: Reader, isMicroTime: boolean): JsonValue {
  if (reader.at === reader.end) return null
  let seconds = 0
  let nanos = 0
  while (reader.next('Timestamp')) {
    if (reader.number === 1) {
      reader.expect(VARINT, 'seconds')
      seconds = reader.varint()
    } else if (reader.number === 2) {
      reader.expect(VARINT, 'nanos')
      nanos = reader.varint() | 0
    } else reader.skip()
  }
  return isMicroTime ? microTimeText(seconds, nanos) : timeText(seconds)
}

function readIntegerOrText(reader: Reader): JsonValue {
  let type = 0
  let integer = 0
  let text = ''
  while (reader.next('IntOrString')) {
    if (reader.number === 1) {
      reader.expect(VARINT, 'type')
      type = reader.varint()
    } else if (reader.number === 2) {
      reader.expect(VARINT, 'intVal')
      integer = reader.varint() | 0
    } else if (reader.number === 3) {
      reader.expect(DELIMITED, 'strVal')
      text = reader.text()
    } else reader.skip()
  }
  if (type !== 0 && type !== 1) throw new DecodeError('impossible IntOrString.Type')
  return type === 1 ? text : integer
}

function readRawJson({ reader, source }: State): JsonValue {
  let raw: Buffer = Buffer.alloc(0)
  while (reader.next('RawExtension')) {
    if (reader.number !== 1) reader.skip()
    else {
      reader.expect(DELIMITED, 'raw')
      raw = reader.slice()
    }
  }
  if (raw.length === 0) return null
  try {
    // JSON.parse gives nothing but JSON.
    return source === 'client' ? decodeJson(raw).value : (JSON.parse(raw.toString()) as JsonValue)
  } catch (error) {
    throw error instanceof DecodeError ? error : new DecodeError('a raw field does not hold JSON')
  }
}

function readTexts(reader: Reader): JsonValue {
  const items: string[] = []
  while (reader.next('Items')) {
    if (reader.number !== 1) reader.skip()
    else {
      reader.expect(DELIMITED, 'items')
      items.push(reader.text())
    }
  }
  return items
}

/** One of: a schema (field 1) or a list of schemas or texts (2); for OrBool: allows (1) or a schema (2). */
function readAlternatives(state: State, field: Field): JsonValue {
  const { reader } = state
  const fields = field.message?.byNumber ?? []
  let found: JsonValue | undefined
  while (reader.next(field.name)) {
    const alternative = fields[reader.number]
    if (alternative === undefined) {
      reader.skip()
      continue
    }
    const value = readValue(state, alternative, undefined)
    if (alternative.shape === 'list') {
      if (Array.isArray(found)) found.push(value)
      else found = [value]
    } else if (found === undefined || typeof value === 'object') found = value
  }
  return found ?? null
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
