// What stands around a message: the magic and runtime.Unknown (apiVersion, kind, raw bytes) of the content type, and metav1's
// WatchEvent in its frame on a stream. Source: the API conventions, "protobuf encoding".
import { DecodeError } from '../decoded.ts'
import { DELIMITED, Reader } from './reader.ts'
import { Writer } from './writer.ts'

export interface ProtobufEnvelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Buffer
}

const MAGIC = Buffer.from('k8s\0', 'latin1')

/** Field numbers of runtime.Unknown and of runtime.TypeMeta. */
const UNKNOWN = { typeMeta: 1, raw: 2, contentEncoding: 3, contentType: 4 } as const
const TYPE_META = { apiVersion: 1, kind: 2 } as const
/** Of a list's messages and, the same, of the raw bytes of an envelope. */
export const PROTOBUF_ITEM = UNKNOWN.raw

export const isProtobuf = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC)

/** DecodeError when the magic is missing or the envelope is broken. */
export function decodeProtobufEnvelope(bytes: Buffer): ProtobufEnvelope {
  if (bytes.length === 0) throw new DecodeError('empty data')
  if (!isProtobuf(bytes)) {
    throw new DecodeError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  }
  if (bytes.length === MAGIC.length) throw new DecodeError('empty body')
  const envelope = { apiVersion: '', kind: '', raw: Buffer.alloc(0) as Buffer }
  const reader = new Reader(bytes, MAGIC.length)
  while (reader.next('Unknown')) {
    if (reader.number === UNKNOWN.raw) {
      reader.expect(DELIMITED, 'raw')
      envelope.raw = reader.slice()
    } else if (reader.number === UNKNOWN.typeMeta) {
      reader.expect(DELIMITED, 'typeMeta')
      readTypeMeta(reader, envelope)
    } else {
      if (reader.number === UNKNOWN.contentEncoding) reader.expect(DELIMITED, 'contentEncoding')
      if (reader.number === UNKNOWN.contentType) reader.expect(DELIMITED, 'contentType')
      reader.skip()
    }
  }
  return envelope
}

function readTypeMeta(reader: Reader, envelope: { apiVersion: string; kind: string }): void {
  const outer = reader.enter()
  while (reader.next('TypeMeta')) {
    if (reader.number !== TYPE_META.apiVersion && reader.number !== TYPE_META.kind) reader.skip()
    else {
      reader.expect(DELIMITED, reader.number === TYPE_META.kind ? 'kind' : 'apiVersion')
      if (reader.number === TYPE_META.kind) envelope.kind = reader.text()
      else envelope.apiVersion = reader.text()
    }
  }
  reader.leave(outer)
}

/** An envelope up to its raw bytes, whose field (PROTOBUF_ITEM) comes next, and then the closing. */
export function protobufOpening(apiVersion: string, kind: string): Buffer {
  const out = new Writer(256)
  out.text(TYPE_META.kind, kind)
  out.text(TYPE_META.apiVersion, apiVersion)
  out.endMessage(UNKNOWN.typeMeta, 0)
  out.raw(MAGIC)
  return out.take()
}

/** The same up to some bytes after `rawStart`, which the raw bytes begin with; `restLength` more of them follow. */
export function protobufRawOpening(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  rawStart: Buffer,
  restLength: number,
): Buffer {
  const out = new Writer(rawStart.length + 2 * TAG_AND_LENGTH_BYTES)
  out.raw(rawStart)
  out.endMessage(UNKNOWN.raw, -restLength)
  out.raw(protobufOpening(apiVersion, kind))
  return out.take()
}

/** Content encoding and content type, both empty. */
export const PROTOBUF_CLOSING = Buffer.from([0x1a, 0, 0x22, 0])

/** Field numbers of metav1.WatchEvent and of the runtime.RawExtension in it. */
const WATCH_EVENT = { type: 1, object: 2 } as const
const RAW_EXTENSION = { raw: 1 } as const
const FRAME_LENGTH_BYTES = 4
const TAG_AND_LENGTH_BYTES = 11

/** What stands before the object of a watch event on a stream: the frame's length (big endian), the event's type, lengths. */
export function protobufEventOpening(type: string, objectLength: number): Buffer {
  const out = new Writer(FRAME_LENGTH_BYTES + 3 * TAG_AND_LENGTH_BYTES + type.length)
  // Lengths of what is not written here: the object is the marks' negative.
  out.endMessage(RAW_EXTENSION.raw, -objectLength)
  out.endMessage(WATCH_EVENT.object, -objectLength)
  out.text(WATCH_EVENT.type, type)
  const length = Buffer.alloc(FRAME_LENGTH_BYTES)
  length.writeUInt32BE(out.length + objectLength)
  out.raw(length)
  return out.take()
}
