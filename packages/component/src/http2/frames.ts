// The frames of HTTP/2 (RFC 9113 §4, §6): their types, flags and error codes, and how the small ones are written.

export const FRAME_HEADER_BYTES = 9
/** What a peer may send in one frame unless it was told otherwise (§6.5.2); we tell nobody otherwise. */
export const DEFAULT_MAX_FRAME_BYTES = 16_384
export const DEFAULT_WINDOW_BYTES = 65_535
export const MAX_WINDOW_BYTES = 2 ** 31 - 1
export const MAX_STREAM_ID = 2 ** 31 - 1

export const CLIENT_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const

/** RFC 9113 §7. */
export const ErrorCode = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const

/** A fault of the peer that ends the connection: it is told `code` by GOAWAY. */
export class ConnectionError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Writes a frame's header at `at`; the payload is the caller's. */
export function writeFrameHeader(
  into: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  id: number,
): void {
  into[at] = length >>> 16
  into[at + 1] = length >>> 8
  into[at + 2] = length
  into[at + 3] = type
  into[at + 4] = flags
  into[at + 5] = id >>> 24
  into[at + 6] = id >>> 16
  into[at + 7] = id >>> 8
  into[at + 8] = id
}

function smallFrame(payloadBytes: number, type: number, flags: number, id: number): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadBytes)
  writeFrameHeader(frame, 0, payloadBytes, type, flags, id)
  return frame
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const frame = smallFrame(settings.length * 6, FrameType.settings, 0, 0)
  let at = FRAME_HEADER_BYTES
  for (const [id, value] of settings) {
    frame.writeUInt16BE(id, at)
    frame.writeUInt32BE(value, at + 2)
    at += 6
  }
  return frame
}

export const SETTINGS_ACK: Buffer = smallFrame(0, FrameType.settings, Flag.ack, 0)

export function pingFrame(payload: Buffer, ack: boolean): Buffer {
  const frame = smallFrame(8, FrameType.ping, ack ? Flag.ack : 0, 0)
  payload.copy(frame, FRAME_HEADER_BYTES)
  return frame
}

export function rstStreamFrame(id: number, code: number): Buffer {
  const frame = smallFrame(4, FrameType.rstStream, 0, id)
  frame.writeUInt32BE(code, FRAME_HEADER_BYTES)
  return frame
}

export function windowUpdateFrame(id: number, bytes: number): Buffer {
  const frame = smallFrame(4, FrameType.windowUpdate, 0, id)
  frame.writeUInt32BE(bytes, FRAME_HEADER_BYTES)
  return frame
}

export function goawayFrame(lastStreamId: number, code: number, debug = ''): Buffer {
  const frame = smallFrame(8 + debug.length, FrameType.goaway, 0, 0)
  frame.writeUInt32BE(lastStreamId, FRAME_HEADER_BYTES)
  frame.writeUInt32BE(code, FRAME_HEADER_BYTES + 4)
  frame.write(debug, FRAME_HEADER_BYTES + 8, 'latin1')
  return frame
}
