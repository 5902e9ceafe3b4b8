// The messages of etcd's Watch service. Events are decoded straight into the contract's shape.
import { Buffer } from 'node:buffer'
import { type StorageEvent, type StoredObject, toRevision, toStorageKey } from '../storage.ts'
import { readHeaderRevision, readKeyValue } from './messages.ts'
import { ProtobufReader, ProtobufWriter } from './protobuf.ts'

export interface WatchCreate {
  readonly key: Buffer
  readonly end: Buffer
  readonly startRevision: number
  readonly withPrevious: boolean
}

export interface WatchResponse {
  readonly revision: number
  readonly created: boolean
  readonly canceled: boolean
  readonly cancelReason: string
  /** Not 0: the start revision is compacted. */
  readonly compactRevision: number
  /** More of the same message follows. */
  readonly fragment: boolean
  readonly events: readonly StorageEvent[]
}

/** Fragments are on: one response may otherwise be as big as a thousand values. */
export function encodeWatchCreate(create: WatchCreate): Buffer {
  const writer = new ProtobufWriter(create.key.length + create.end.length + 64)
  writer.integer(8, 1)
  if (create.withPrevious) writer.integer(6, 1)
  writer.integer(3, create.startRevision)
  writer.bytes(2, create.end)
  writer.bytes(1, create.key)
  writer.message(1, 0)
  return writer.finish()
}

export function encodeWatchProgress(): Buffer {
  const writer = new ProtobufWriter(16)
  writer.message(3, 0)
  return writer.finish()
}

export function decodeWatchResponse(buffer: Buffer): WatchResponse {
  const reader = new ProtobufReader(buffer)
  const events: StorageEvent[] = []
  let revision = 0
  let created = false
  let canceled = false
  let cancelReason = ''
  let compactRevision = 0
  let fragment = false
  while (reader.next(buffer.length)) {
    if (reader.field === 11) events.push(readEvent(reader))
    else if (reader.field === 1) revision = readHeaderRevision(reader)
    else if (reader.field === 3) created = reader.integer() !== 0
    else if (reader.field === 4) canceled = reader.integer() !== 0
    else if (reader.field === 5) compactRevision = reader.integer()
    else if (reader.field === 6) cancelReason = reader.string()
    else if (reader.field === 7) fragment = reader.integer() !== 0
    else reader.skip()
  }
  return { revision, created, canceled, cancelReason, compactRevision, fragment, events }
}

function readEvent(reader: ProtobufReader): StorageEvent {
  const end = reader.end()
  let type: StorageEvent['type'] = 'put'
  let previous: StoredObject | undefined
  changed.version = 0
  while (reader.next(end)) {
    if (reader.field === 1) type = reader.integer() === 1 ? 'delete' : 'put'
    else if (reader.field === 2) readChanged(reader)
    else if (reader.field === 3) previous = readKeyValue(reader)
    else reader.skip()
  }
  const value = type === 'delete' ? undefined : changed.value
  const { key, revision, version } = changed
  return { type, key: toStorageKey(key), revision: toRevision(revision), value, isCreate: version === 1, previous }
}

const EMPTY: Buffer = Buffer.alloc(0)

/** The event's key-value that is being read: reused, since only the event itself should be allocated. */
const changed = { key: '', value: EMPTY, revision: 0, version: 0 }

function readChanged(reader: ProtobufReader): void {
  const end = reader.end()
  changed.value = EMPTY
  while (reader.next(end)) {
    if (reader.field === 1) changed.key = reader.string()
    else if (reader.field === 3) changed.revision = reader.integer()
    else if (reader.field === 4) changed.version = reader.integer()
    else if (reader.field === 5) changed.value = reader.bytes()
    else reader.skip()
  }
}
