// An HTTP/2 client that sends whatever a test wants, right or wrong, and collects what comes back. For connection.test.ts.
import type { Duplex } from 'node:stream'
import { duplexPair } from 'node:stream'
import {
  CLIENT_PREFACE,
  FRAME_HEADER_BYTES,
  FrameType,
  settingsFrame,
  writeFrameHeader,
} from '@keelson/component/http2'
import { type ConnectionEvents, Http2Connection } from '../http2/connection.ts'
import type { Http2Stream } from '../http2/stream.ts'

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
}

/** `:method: GET`, `:scheme: https`, `:path: /`: indexed fields of the static table. */
export const GET_ROOT: Buffer = Buffer.from([0x82, 0x87, 0x84])
export const POST_ROOT: Buffer = Buffer.from([0x83, 0x87, 0x84])

export class RawClient {
  readonly connection: Http2Connection
  readonly frames: Frame[] = []
  readonly streams: Http2Stream[] = []
  /** Set when the server let go; null: for no reason of ours. */
  endedWith: Error | null | undefined = undefined
  /** How often the server wrote to its socket. */
  writes = 0
  readonly #socket: Duplex
  #pending: Buffer = Buffer.alloc(0)

  constructor(onStream: ConnectionEvents['onStream'] = () => {}) {
    const [ours, theirs] = duplexPair()
    this.#socket = ours
    const write = theirs.write.bind(theirs)
    // A spy with the signature of what it watches.
    theirs.write = ((...args: Parameters<typeof write>) => {
      this.writes++
      return write(...args)
    }) as typeof theirs.write
    this.connection = new Http2Connection(theirs, {
      onStream: (stream) => {
        this.streams.push(stream)
        onStream(stream)
      },
      onTaken: () => {},
      onClose: (error) => {
        this.endedWith = error ?? null
      },
    })
    ours.on('data', (chunk: Buffer) => this.#read(chunk))
    ours.on('end', () => ours.end())
    ours.on('error', () => {})
  }

  /** With the preface and SETTINGS said. */
  static greeted(onStream?: ConnectionEvents['onStream']): RawClient {
    const client = new RawClient(onStream)
    client.send(CLIENT_PREFACE, settingsFrame([]))
    return client
  }

  send(...bytes: Buffer[]): void {
    this.#socket.write(Buffer.concat(bytes))
  }

  frame(type: number, flags: number, id: number, payload: Buffer = Buffer.alloc(0)): void {
    this.send(frame(type, flags, id, payload))
  }

  /** Reads no more. */
  pause(): void {
    this.#socket.pause()
  }

  destroy(): void {
    this.#socket.destroy()
    this.connection.destroy()
  }

  of(type: number, id?: number): Frame[] {
    return this.frames.filter((each) => each.type === type && (id === undefined || each.id === id))
  }

  /** The code of the last RST_STREAM of a stream, or of the GOAWAY (`id` 0). */
  code(id: number): number | undefined {
    const [type, at] = id === 0 ? [FrameType.goaway, 4] : [FrameType.rstStream, 0]
    return this.of(type, id).at(-1)?.payload.readUInt32BE(at)
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve))
  }

  /** Everything sent so far is dealt with, and its answers are here. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  #read(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#pending, chunk])
    while (bytes.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + bytes.readUIntBE(0, 3)
      if (bytes.length < end) break
      const id = bytes.readUInt32BE(5)
      this.frames.push({
        type: bytes[3] ?? 0,
        flags: bytes[4] ?? 0,
        id,
        payload: bytes.subarray(FRAME_HEADER_BYTES, end),
      })
      bytes = bytes.subarray(end)
    }
    this.#pending = bytes
  }
}

export function frame(type: number, flags: number, id: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length)
  writeFrameHeader(bytes, 0, payload.length, type, flags, id)
  payload.copy(bytes, FRAME_HEADER_BYTES)
  return bytes
}
