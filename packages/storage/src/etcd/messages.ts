// The requests and responses of etcd's KV, Lease and Maintenance services, by the field numbers of etcd's rpc.proto.
// Encoders return a whole gRPC message (with its 5-byte prefix), ready to be written.
import { Buffer } from 'node:buffer'
import { type StorageKey, type StoredObject, toRevision, toStorageKey } from '../storage.ts'
import { ProtobufReader, ProtobufWriter } from './protobuf.ts'

export const METHOD = {
  range: '/etcdserverpb.KV/Range',
  txn: '/etcdserverpb.KV/Txn',
  compact: '/etcdserverpb.KV/Compact',
  watch: '/etcdserverpb.Watch/Watch',
  leaseGrant: '/etcdserverpb.Lease/LeaseGrant',
  status: '/etcdserverpb.Maintenance/Status',
  alarm: '/etcdserverpb.Maintenance/Alarm',
} as const

/** Ranges that etcd writes as a zero byte: "from the key on" as an end, "the first key" as a beginning. */
export const ZERO_BYTE = Buffer.from([0])

export interface RangeRequest {
  readonly key: string | Buffer
  /** undefined: only the key itself. */
  readonly end?: Buffer | undefined
  readonly limit?: number | undefined
  readonly revision?: number | undefined
  readonly serializable?: boolean
  readonly keysOnly?: boolean
  readonly countOnly?: boolean
}

export interface RangeResponse {
  readonly revision: number
  readonly items: readonly StoredObject[]
  readonly more: boolean
  /** All keys of the range, those behind the limit included. */
  readonly count: number
}

export interface TxnResponse {
  readonly succeeded: boolean
  /** The store's revision after the transaction: that of its writes when it made any. */
  readonly revision: number
  /** What the range of the failed branch found. */
  readonly current: StoredObject | undefined
}

export type Change =
  | { readonly type: 'put'; readonly value: Uint8Array; readonly lease: number | undefined }
  | { readonly type: 'delete' }

const COMPARE_MOD_REVISION = 2

/** One change of one key, if its last change was at `expected` (0: it is not there); if not, the key is read instead. */
export function encodeTxn(key: StorageKey, expected: number, change: Change): Buffer {
  const valueLength = change.type === 'put' ? change.value.length : 0
  const writer = new ProtobufWriter(3 * key.length + valueLength + 96)
  const failure = writer.mark()
  writer.string(1, key)
  writer.message(1, failure)
  writer.message(3, failure)
  const success = writer.mark()
  if (change.type === 'put') {
    if (change.lease !== undefined) writer.integer(3, change.lease)
    writer.bytes(2, change.value)
  }
  writer.string(1, key)
  writer.message(change.type === 'put' ? 2 : 3, success)
  writer.message(2, success)
  const compare = writer.mark()
  writer.integer(6, expected)
  writer.string(3, key)
  writer.integer(2, COMPARE_MOD_REVISION)
  writer.message(1, compare)
  return writer.finish()
}

export function decodeTxnResponse(buffer: Buffer): TxnResponse {
  const reader = new ProtobufReader(buffer)
  let succeeded = false
  let revision = 0
  let current: StoredObject | undefined
  while (reader.next(buffer.length)) {
    if (reader.field === 1) revision = readHeaderRevision(reader)
    else if (reader.field === 2) succeeded = reader.integer() !== 0
    else if (reader.field === 3) current = readFoundObject(reader) ?? current
    else reader.skip()
  }
  return { succeeded, revision, current }
}

/** Of a transaction's responses, what its range found. */
function readFoundObject(reader: ProtobufReader): StoredObject | undefined {
  const end = reader.end()
  let found: StoredObject | undefined
  while (reader.next(end)) {
    if (reader.field === 1) found = readRange(reader, reader.end()).items[0]
    else reader.skip()
  }
  return found
}

export function encodeRange(request: RangeRequest): Buffer {
  const writer = new ProtobufWriter(request.key.length + (request.end?.length ?? 0) + 64)
  if (request.countOnly === true) writer.integer(9, 1)
  if (request.keysOnly === true) writer.integer(8, 1)
  if (request.serializable === true) writer.integer(7, 1)
  if (request.revision !== undefined) writer.integer(4, request.revision)
  if (request.limit !== undefined) writer.integer(3, request.limit)
  if (request.end !== undefined) writer.bytes(2, request.end)
  if (typeof request.key === 'string') writer.string(1, request.key)
  else writer.bytes(1, request.key)
  return writer.finish()
}

export function decodeRangeResponse(buffer: Buffer): RangeResponse {
  return readRange(new ProtobufReader(buffer), buffer.length)
}

function readRange(reader: ProtobufReader, end: number): RangeResponse {
  const items: StoredObject[] = []
  let revision = 0
  let more = false
  let count = 0
  while (reader.next(end)) {
    if (reader.field === 1) revision = readHeaderRevision(reader)
    else if (reader.field === 2) items.push(readKeyValue(reader))
    else if (reader.field === 3) more = reader.integer() !== 0
    else if (reader.field === 4) count = reader.integer()
    else reader.skip()
  }
  return { revision, items, more, count }
}

/** The value is a view of the message. */
export function readKeyValue(reader: ProtobufReader): StoredObject {
  const end = reader.end()
  let key = ''
  let value: Buffer = EMPTY
  let modRevision = 0
  while (reader.next(end)) {
    if (reader.field === 1) key = reader.string()
    else if (reader.field === 3) modRevision = reader.integer()
    else if (reader.field === 5) value = reader.bytes()
    else reader.skip()
  }
  return { key: toStorageKey(key), value, modRevision: toRevision(modRevision) }
}

const EMPTY = Buffer.alloc(0)

/** The reader stands at the header's length. */
export function readHeaderRevision(reader: ProtobufReader): number {
  const end = reader.end()
  let revision = 0
  while (reader.next(end)) {
    if (reader.field === 3) revision = reader.integer()
    else reader.skip()
  }
  return revision
}

/** The cluster's id from any response, as etcdctl writes it. */
export function decodeClusterId(buffer: Buffer): string {
  const reader = new ProtobufReader(buffer)
  while (reader.next(buffer.length)) {
    if (reader.field === 1) return readClusterId(reader)
    reader.skip()
  }
  throw new RangeError('a response of etcd has no header')
}

function readClusterId(reader: ProtobufReader): string {
  const end = reader.end()
  while (reader.next(end)) {
    if (reader.field === 1) return reader.bigInteger().toString(16)
    reader.skip()
  }
  throw new RangeError('a header of etcd has no cluster id')
}

export function encodeCompaction(revision: number): Buffer {
  const writer = new ProtobufWriter(32)
  writer.integer(1, revision)
  return writer.finish()
}

export function encodeLeaseGrant(id: number, seconds: number): Buffer {
  const writer = new ProtobufWriter(32)
  writer.integer(2, id)
  writer.integer(1, seconds)
  return writer.finish()
}

/** Of Status, and of Alarm with its default action: get all alarms. */
export function encodeEmpty(): Buffer {
  return new ProtobufWriter(8).finish()
}

export interface MemberStatus {
  readonly version: string
  readonly databaseBytes: number
}

export function decodeStatus(buffer: Buffer): MemberStatus {
  const reader = new ProtobufReader(buffer)
  let version = ''
  let databaseBytes = 0
  while (reader.next(buffer.length)) {
    if (reader.field === 2) version = reader.string()
    else if (reader.field === 3) databaseBytes = reader.integer()
    else reader.skip()
  }
  return { version, databaseBytes }
}

export type Alarm = 'NOSPACE' | 'CORRUPT'

/** The alarms that are raised, on whichever member. */
export function decodeAlarms(buffer: Buffer): Alarm[] {
  const reader = new ProtobufReader(buffer)
  const alarms = new Set<Alarm>()
  while (reader.next(buffer.length)) {
    if (reader.field === 2) alarms.add(readAlarm(reader))
    else reader.skip()
  }
  return [...alarms]
}

function readAlarm(reader: ProtobufReader): Alarm {
  const end = reader.end()
  let alarm: Alarm = 'CORRUPT'
  while (reader.next(end)) {
    if (reader.field === 2) alarm = reader.integer() === 1 ? 'NOSPACE' : 'CORRUPT'
    else reader.skip()
  }
  return alarm
}
