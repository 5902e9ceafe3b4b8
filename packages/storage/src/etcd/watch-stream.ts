// One Watch call to one member: from its start revision until it breaks, is cancelled, or is told to end.
import type { ClientHttp2Stream } from 'node:http2'
import type { Connection } from './connection.ts'
import { GrpcFrames } from './grpc-frames.ts'
import { METHOD } from './messages.ts'
import {
  type WatchCreate,
  type WatchResponse,
  decodeWatchResponse,
  encodeWatchCreate,
  encodeWatchProgress,
} from './watch-messages.ts'

export class WatchStream {
  readonly #stream: ClientHttp2Stream
  readonly #connection: Connection

  /** Throws ConnectionLost when the connection is not open. */
  constructor(connection: Connection, create: WatchCreate) {
    this.#connection = connection
    this.#stream = connection.stream(METHOD.watch)
    // The reader below sees the error; without a reader it is the same as an end.
    this.#stream.on('error', () => undefined)
    this.#stream.write(encodeWatchCreate(create))
  }

  /**
   * What arrives together, in order; nothing comes after a cancellation. Ends when the member ends the call; throws when
   * the connection breaks. A slow reader slows the member down (flow control).
   */
  async *responses(): AsyncIterable<WatchResponse[]> {
    const frames = new GrpcFrames()
    // Without an encoding, a stream of node:http2 gives Buffers.
    for await (const chunk of this.#stream as AsyncIterable<Buffer>) {
      this.#connection.heard()
      const messages = frames.push(chunk)
      if (messages.length === 0) continue
      const responses = messages.map(decodeWatchResponse)
      const cancelled = responses.findIndex((response) => response.canceled)
      yield cancelled === -1 ? responses : responses.slice(0, cancelled + 1)
      if (cancelled !== -1) return
    }
  }

  requestProgress(): void {
    if (this.#stream.writable) this.#stream.write(encodeWatchProgress())
  }

  close(): void {
    this.#stream.destroy()
  }
}
