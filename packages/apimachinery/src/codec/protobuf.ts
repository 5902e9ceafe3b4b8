// The Kubernetes protobuf content type, read into JSON trees: an envelope (magic, apiVersion, kind, raw bytes) around a message
// whose fields are found by number in a table. Decoding only finds the fields; what they may hold is the schema's business.
// Source of the format: the API conventions' "protobuf encoding" and runtime.Unknown.
import type { JsonObject, JsonValue } from '../types.ts'
import { formatMicroTime, formatTime } from '../time.ts'
import { DecodeError } from './decoded.ts'

/** Scalar type (`string`, `bool`, `bytes`, `double`, `int32`, `int64`) or the name of another message. */
export type ProtobufField = readonly [name: string, type: string, shape?: 'list' | 'map' | 'embedded']
/** By field number. */
export type ProtobufMessage = Readonly<Record<number, ProtobufField>>
export type ProtobufTypes = (message: string) => ProtobufMessage | undefined

export interface ProtobufEnvelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Buffer
}

const MAGIC = Buffer.from('k8s\0', 'latin1')
/** Deeper messages than any kind has; a schema of a custom resource nests deepest. */
const MAX_NESTING = 100

export const isProtobuf = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC)

/** DecodeError when the magic is missing or the envelope is broken. */
export function decodeProtobufEnvelope(bytes: Buffer): ProtobufEnvelope {
  if (!isProtobuf(bytes)) {
    throw new DecodeError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  }
  const envelope = { apiVersion: '', kind: '', raw: Buffer.alloc(0) as Buffer }
  const reader = new Reader(bytes, MAGIC.length, bytes.length)
  while (reader.next()) {
    if (reader.field === 2) envelope.raw = reader.bytes()
    else if (reader.field === 1) {
      const typeMeta = reader.nested()
      while (typeMeta.next()) {
        if (typeMeta.field === 1) envelope.apiVersion = typeMeta.text()
        else if (typeMeta.field === 2) envelope.kind = typeMeta.text()
        else typeMeta.skip()
      }
    } else reader.skip()
  }
  return envelope
}

/** DecodeError for truncated input, lying lengths, wrong wire types and too deep nesting. Unknown fields are skipped. */
export function decodeProtobufMessage(raw: Buffer, message: string, types: ProtobufTypes): JsonObject {
  const target: JsonObject = {}
  readMessage(new Reader(raw, 0, raw.length), message, types, target, 0)
  return target
}

function readMessage(reader: Reader, message: string, types: ProtobufTypes, target: JsonObject, depth: number): void {
  const fields = types(message)
  if (fields === undefined) throw new DecodeError(`no facts about the message ${message}`)
  if (depth > MAX_NESTING) throw new DecodeError('exceeded max depth')
  while (reader.next()) {
    const field = fields[reader.field]
    if (field === undefined) {
      reader.skip()
      continue
    }
    const [name, type, shape] = field
    if (shape === 'embedded') readMessage(reader.nested(), type, types, target, depth + 1)
    else if (shape === 'map') readMapEntry(reader.nested(), type, types, ownMap(target, name), depth + 1)
    else if (shape === 'list') readListItems(reader, type, types, ownList(target, name), depth + 1)
    else target[name] = readValue(reader, type, types, depth + 1)
  }
}

function ownMap(target: JsonObject, name: string): JsonObject {
  const found = target[name]
  if (found !== undefined) return found as JsonObject // Only this function puts it there.
  const made = Object.create(null) as JsonObject // Keys are the client's: `__proto__` must be an ordinary one.
  target[name] = made
  return made
}

function ownList(target: JsonObject, name: string): JsonValue[] {
  const found = (target[name] ??= [])
  return found as JsonValue[] // Only this function puts it there.
}

function readMapEntry(reader: Reader, type: string, types: ProtobufTypes, target: JsonObject, depth: number): void {
  let key = ''
  let value: JsonValue | undefined
  while (reader.next()) {
    if (reader.field === 1) key = reader.text()
    else if (reader.field === 2) value = readValue(reader, type, types, depth)
    else reader.skip()
  }
  target[key] = value ?? (type === 'string' || type === 'bytes' ? '' : {})
}

/** Numbers may come packed. */
function readListItems(reader: Reader, type: string, types: ProtobufTypes, list: JsonValue[], depth: number): void {
  const isNumber = type === 'int32' || type === 'int64' || type === 'bool' || type === 'double'
  if (!isNumber || reader.wireType !== 2) {
    list.push(readValue(reader, type, types, depth))
    return
  }
  const packed = reader.nested()
  while (!packed.done)
    list.push(
      type === 'double' ? packed.readDouble() : type === 'bool' ? packed.readInteger() !== 0 : packed.readInteger(),
    )
}

function readValue(reader: Reader, type: string, types: ProtobufTypes, depth: number): JsonValue {
  switch (type) {
    case 'string':
      return reader.text()
    case 'bool':
      return reader.integer() !== 0
    case 'int32':
    case 'int64':
      return reader.integer()
    case 'double':
      return reader.double()
    case 'bytes':
      return reader.bytes().toString('base64')
    default: {
      const custom = CUSTOM[type.slice(type.lastIndexOf('.') + 1)]
      const nested = reader.nested()
      if (custom !== undefined) return custom(nested, type, types, depth)
      const target: JsonObject = {}
      readMessage(nested, type, types, target, depth)
      return target
    }
  }
}

type CustomReader = (reader: Reader, type: string, types: ProtobufTypes, depth: number) => JsonValue

/** Messages whose JSON is not an object of their fields, by the last part of their name. */
const CUSTOM: Readonly<Record<string, CustomReader>> = {
  Quantity: (reader) => onlyText(reader),
  Time: (reader) => readTime(reader, formatTime),
  MicroTime: (reader) => readTime(reader, formatMicroTime),
  IntOrString: readIntOrString,
  RawExtension: readRawJson,
  FieldsV1: readRawJson,
  JSON: readRawJson,
  ExtraValue: readItems,
  Verbs: readItems,
  JSONSchemaPropsOrArray: (reader, ...rest) => readAlternatives(reader, ...rest),
  JSONSchemaPropsOrBool: (reader, ...rest) => readAlternatives(reader, ...rest),
  JSONSchemaPropsOrStringArray: (reader, ...rest) => readAlternatives(reader, ...rest),
}

function onlyText(reader: Reader): string {
  let text = ''
  while (reader.next()) {
    if (reader.field === 1) text = reader.text()
    else reader.skip()
  }
  return text
}

/** The zero time, an empty message, is null. */
function readTime(reader: Reader, format: (date: Date) => string): JsonValue {
  let seconds: number | undefined
  let nanos = 0
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.integer()
    else if (reader.field === 2) nanos = reader.integer()
    else reader.skip()
  }
  if (seconds === undefined) return null
  const date = new Date(seconds * 1000 + Math.floor(nanos / 1e6))
  if (Number.isNaN(date.getTime())) throw new DecodeError(`a time of ${seconds} seconds is out of range`)
  const text = format(date)
  // A Date ends at milliseconds; the rest of a micro time is put in by hand.
  return text.replace(
    /\.(\d{3})\d{3}Z$/,
    (_, millis: string) => `.${millis}${String(Math.floor(nanos / 1000) % 1000).padStart(3, '0')}Z`,
  )
}

function readIntOrString(reader: Reader): JsonValue {
  let type = 0
  let integer = 0
  let text = ''
  while (reader.next()) {
    if (reader.field === 1) type = reader.integer()
    else if (reader.field === 2) integer = reader.integer()
    else if (reader.field === 3) text = reader.text()
    else reader.skip()
  }
  return type === 1 ? text : integer
}

function readRawJson(reader: Reader): JsonValue {
  let raw: Buffer = Buffer.alloc(0)
  while (reader.next()) {
    if (reader.field === 1) raw = reader.bytes()
    else reader.skip()
  }
  if (raw.length === 0) return null
  try {
    return JSON.parse(raw.toString()) as JsonValue // JSON.parse gives nothing else.
  } catch {
    throw new DecodeError('a raw field does not hold JSON')
  }
}

function readItems(reader: Reader): JsonValue {
  const items: string[] = []
  while (reader.next()) {
    if (reader.field === 1) items.push(reader.text())
    else reader.skip()
  }
  return items
}

/** One of: a schema (field 1), a list of schemas or texts (field 2); for OrBool: allows (1) or a schema (2). */
function readAlternatives(reader: Reader, type: string, types: ProtobufTypes, depth: number): JsonValue {
  const fields = types(type) ?? {}
  let found: JsonValue | undefined
  while (reader.next()) {
    const field = fields[reader.field]
    if (field === undefined) {
      reader.skip()
      continue
    }
    const value = readValue(reader, field[1], types, depth + 1)
    if (field[2] === 'list') found = [...(Array.isArray(found) ? found : []), value]
    else if (found === undefined || typeof value === 'object') found = value
  }
  return found ?? null
}

/** Walks the fields of one message; every read is checked against its end. */
class Reader {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number
  field = 0
  wireType = 0

  constructor(bytes: Buffer, from: number, end: number) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  /** Steps to the next field; false at the end. */
  next(): boolean {
    if (this.done) return false
    const tag = this.readInteger()
    this.field = Math.floor(tag / 8)
    this.wireType = tag & 7
    if (this.field <= 0) throw new DecodeError(`proto: illegal tag ${this.field}`)
    return true
  }

  text(): string {
    const start = this.#span()
    return this.#bytes.toString('utf8', start, this.#at)
  }

  bytes(): Buffer {
    const start = this.#span()
    return this.#bytes.subarray(start, this.#at)
  }

  nested(): Reader {
    const start = this.#span()
    return new Reader(this.#bytes, start, this.#at)
  }

  integer(): number {
    this.#expect(0)
    return this.readInteger()
  }

  double(): number {
    this.#expect(1)
    return this.readDouble()
  }

  skip(): void {
    if (this.wireType === 0) this.readInteger()
    else if (this.wireType === 1) this.#advance(8)
    else if (this.wireType === 2) this.#span()
    else if (this.wireType === 5) this.#advance(4)
    else throw new DecodeError(`proto: illegal wireType ${this.wireType}`)
  }

  /** A varint as a signed 64-bit integer; beyond 2^53 the nearest double. */
  readInteger(): number {
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      low += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return low
    }
    let value = BigInt(low)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, value))
    }
    throw new DecodeError('proto: integer overflow')
  }

  readDouble(): number {
    const start = this.#at
    this.#advance(8)
    return this.#bytes.readDoubleLE(start)
  }

  /** Moves past a length-delimited value and returns where it starts. */
  #span(): number {
    this.#expect(2)
    const length = this.readInteger()
    if (length < 0) throw new DecodeError('proto: negative length found during unmarshaling')
    const start = this.#at
    this.#advance(length)
    return start
  }

  #advance(length: number): void {
    if (this.#at + length > this.#end) throw new DecodeError('unexpected EOF')
    this.#at += length
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new DecodeError('unexpected EOF')
    return this.#bytes[this.#at++] ?? 0
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType)
      throw new DecodeError(`proto: wrong wireType = ${this.wireType} for field ${this.field}`)
  }
}
