// JSON trees as messages, byte for byte as upstream writes them: fields in the order of their numbers, maps in that of their
// keys, scalars and structs also when they are empty, pointers, lists and maps only when there is something.
//
// The trees are objects that the API server has decoded and stored. A value that does not fit its field all the same is
// written as an absent one: an answer must not fail because of it.
import { canonicalQuantity } from '../../quantity.ts'
import { compareBytes } from '../../go-text.ts'
import type { JsonObject, JsonValue } from '../../types.ts'
import { type Field, type Message, VALUE } from './message.ts'
import { secondsAndNanos } from './time.ts'
import { Writer } from './writer.ts'

const writer = new Writer()

/** The fields of a message, without any tag around them. */
export function encodeProtobufMessage(object: JsonObject, message: Message): Buffer {
  try {
    writeMessage(writer, message, object)
    return writer.take()
  } finally {
    writer.clear()
  }
}

/** The same as field `number` of an outer message: tag, length and bytes. */
export function encodeProtobufField(number: number, object: JsonObject, message: Message): Buffer {
  try {
    writeMessage(writer, message, object)
    writer.endMessage(number, 0)
    return writer.take()
  } finally {
    writer.clear()
  }
}

function writeMessage(out: Writer, message: Message, object: JsonObject): void {
  const { fields } = message
  for (let index = fields.length - 1; index >= 0; index--) {
    const field = fields[index]
    if (field !== undefined) writeField(out, field, object)
  }
}

function writeField(out: Writer, field: Field, object: JsonObject): void {
  if (field.shape === 'embedded') {
    writeNested(out, field, object)
    return
  }
  const value = object[field.name]
  switch (field.shape) {
    case 'always':
      if (value === undefined || value === null || !writeValue(out, field, value)) out.raw(zeroOf(field))
      break
    case 'pointer':
      if (value !== undefined && value !== null) writeValue(out, field, value)
      break
    case 'list':
      if (Array.isArray(value)) writeList(out, field, value)
      break
    case 'map':
      if (isObject(value)) writeMap(out, field, value)
  }
}

function writeNested(out: Writer, field: Field, object: JsonObject): void {
  const mark = out.length
  if (field.message !== undefined) writeMessage(out, field.message, object)
  out.endMessage(field.number, mark)
}

/** A null among them is an empty one. */
function writeList(out: Writer, field: Field, list: readonly JsonValue[]): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const item = list[index]
    if (item === undefined || item === null || !writeValue(out, field, item)) out.raw(zeroOf(field))
  }
}

const KEY = 1
const ENTRY = 2

function writeMap(out: Writer, field: Field, map: JsonObject): void {
  const entry = entryField(field)
  const keys = sortedKeys(map)
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index] ?? ''
    const value = map[key]
    const mark = out.length
    if (value === undefined || value === null || !writeValue(out, entry, value)) out.raw(zeroOf(entry))
    out.text(KEY, key)
    out.endMessage(field.number, mark)
  }
}

const entries = new WeakMap<Field, Field>()

/** The value of a map's entry as a field. */
function entryField(field: Field): Field {
  let entry = entries.get(field)
  if (entry === undefined) {
    entry = { ...field, number: ENTRY, shape: 'always', zero: undefined }
    entries.set(field, entry)
  }
  return entry
}

/** Maps of stored objects are sorted already, but for keys that are numbers (JavaScript puts those first). */
function sortedKeys(map: JsonObject): string[] {
  const keys = Object.keys(map)
  for (let index = 1; index < keys.length; index++) {
    if (compareBytes(keys[index - 1] ?? '', keys[index] ?? '') > 0) return keys.sort(compareBytes)
  }
  return keys
}

/** False: nothing was written, because the value is none of the field's. */
function writeValue(out: Writer, field: Field, value: JsonValue): boolean {
  switch (field.kind) {
    case VALUE.text:
      if (typeof value !== 'string') return false
      out.text(field.number, value)
      return true
    case VALUE.bool:
      if (typeof value !== 'boolean') return false
      out.bool(field.number, value)
      return true
    case VALUE.int32:
    case VALUE.int64:
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false
      out.integer(field.number, value)
      return true
    case VALUE.double:
      if (typeof value !== 'number') return false
      out.double(field.number, value)
      return true
    case VALUE.bytes:
      if (typeof value !== 'string') return false
      out.bytes(field.number, Buffer.from(value, 'base64'))
      return true
    case VALUE.message:
      if (!isObject(value)) return false
      writeNested(out, field, value)
      return true
    default:
      return writeSpecial(out, field, value)
  }
}

/** Field numbers of the messages whose JSON is not an object of their fields. */
const QUANTITY_TEXT = 1
const SECONDS = 1
const NANOS = 2
const TYPE = 1
const INTEGER = 2
const TEXT = 3
const RAW = 1
const ITEMS = 1
const ALLOWS = 1
const SCHEMA = { orList: 1, orBool: 2 } as const
const ALTERNATIVES = 2

function writeSpecial(out: Writer, field: Field, value: JsonValue): boolean {
  const mark = out.length
  switch (field.kind) {
    case VALUE.quantity:
      if (typeof value !== 'string' && typeof value !== 'number') return false
      out.text(QUANTITY_TEXT, String(value))
      break
    case VALUE.time:
    case VALUE.microTime: {
      const time = typeof value === 'string' ? secondsAndNanos(value) : undefined
      if (time === undefined) return false
      out.integer(NANOS, field.kind === VALUE.time ? 0 : time.nanos)
      out.integer(SECONDS, time.seconds)
      break
    }
    case VALUE.integerOrText: {
      const isText = typeof value === 'string'
      if (!isText && !Number.isSafeInteger(value)) return false
      out.text(TEXT, isText ? value : '')
      out.integer(INTEGER, typeof value === 'number' ? value : 0)
      out.integer(TYPE, isText ? 1 : 0)
      break
    }
    case VALUE.rawJson:
      out.text(RAW, JSON.stringify(value))
      break
    case VALUE.texts:
      if (!Array.isArray(value)) return false
      for (let index = value.length - 1; index >= 0; index--) out.text(ITEMS, String(value[index]))
      break
    default:
      writeAlternative(out, field, value)
  }
  out.endMessage(field.number, mark)
  return true
}

/** JSONSchemaPropsOrArray, OrStringArray and OrBool. */
function writeAlternative(out: Writer, field: Field, value: JsonValue): void {
  const isOrBool = field.kind === VALUE.schemaOrBool
  const schema = field.message?.byNumber[isOrBool ? SCHEMA.orBool : SCHEMA.orList]
  const list = isOrBool ? undefined : field.message?.byNumber[ALTERNATIVES]
  if (schema !== undefined && isObject(value)) writeValue(out, schema, value)
  else if (list !== undefined && Array.isArray(value)) writeList(out, list, value)
  if (isOrBool) out.bool(ALLOWS, value !== false)
}

/** What an absent value is written as, its tag included. */
function zeroOf(field: Field): Buffer {
  field.zero ??= makeZero(field)
  return field.zero
}

const NOTHING = Buffer.alloc(0)
const ZERO_BYTES = 64

function makeZero(field: Field): Buffer {
  const out = new Writer(ZERO_BYTES)
  const { number, kind } = field
  switch (kind) {
    case VALUE.text:
      out.text(number, '')
      break
    case VALUE.bool:
    case VALUE.int32:
    case VALUE.int64:
      out.integer(number, 0)
      break
    case VALUE.double:
      out.double(number, 0)
      break
    case VALUE.bytes:
    case VALUE.texts:
      return NOTHING
    case VALUE.message:
      writeNested(out, field, {})
      break
    case VALUE.quantity:
      writeValue(out, field, canonicalQuantity('0'))
      break
    case VALUE.integerOrText:
      writeValue(out, field, 0)
      break
    default:
      out.endMessage(number, 0)
  }
  return out.take()
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
