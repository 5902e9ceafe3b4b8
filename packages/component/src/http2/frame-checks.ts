// What can be said of a frame without knowing its stream: is it on a stream or on none, as its type wants, and of a right length
// (RFC 9113 §6)?
import { ConnectionError, ErrorCode, Flag, FrameType } from './frames.ts'

interface Rule {
  readonly name: string
  readonly on: 'stream' | 'connection' | 'either'
  /** Undefined: any length. */
  readonly fits?: (length: number, flags: number) => boolean
}

const RULES = new Map<number, Rule>([
  [FrameType.data, { name: 'DATA', on: 'stream' }],
  [FrameType.headers, { name: 'HEADERS', on: 'stream' }],
  [FrameType.priority, { name: 'PRIORITY', on: 'stream', fits: (length) => length === 5 }],
  [FrameType.rstStream, { name: 'RST_STREAM', on: 'stream', fits: (length) => length === 4 }],
  [
    FrameType.settings,
    {
      name: 'SETTINGS',
      on: 'connection',
      fits: (length, flags) => ((flags & Flag.ack) === 0 ? length % 6 === 0 : length === 0),
    },
  ],
  [FrameType.pushPromise, { name: 'PUSH_PROMISE', on: 'stream' }],
  [FrameType.ping, { name: 'PING', on: 'connection', fits: (length) => length === 8 }],
  [FrameType.goaway, { name: 'GOAWAY', on: 'connection', fits: (length) => length >= 8 }],
  [FrameType.windowUpdate, { name: 'WINDOW_UPDATE', on: 'either', fits: (length) => length === 4 }],
  [FrameType.continuation, { name: 'CONTINUATION', on: 'stream' }],
])

/** Types that are not known are skipped by the caller (§4.1). @throws {ConnectionError} */
export function checkFrame(type: number, flags: number, id: number, payload: Buffer): void {
  const rule = RULES.get(type)
  if (rule === undefined) return
  if (rule.fits?.(payload.length, flags) === false)
    throw new ConnectionError(ErrorCode.frameSizeError, `${rule.name} of ${payload.length} bytes`)
  if (type === FrameType.pushPromise)
    throw new ConnectionError(ErrorCode.protocolError, 'PUSH_PROMISE, which nobody asked for')
  if (type === FrameType.headers && id % 2 === 0)
    throw new ConnectionError(ErrorCode.protocolError, 'HEADERS on a stream that no client opens')
  if (type === FrameType.priority && (payload.readUInt32BE(0) & 0x7fffffff) === id)
    throw new ConnectionError(ErrorCode.protocolError, 'a stream that depends on itself')
  if (rule.on !== 'either' && (rule.on === 'stream') !== id > 0)
    throw new ConnectionError(ErrorCode.protocolError, `${rule.name} on ${id > 0 ? 'a stream' : 'no stream'}`)
}
