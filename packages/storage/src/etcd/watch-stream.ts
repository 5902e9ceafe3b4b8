// One Watch call to one member: from its start revision until it breaks, is cancelled, or is told to end.
import type { Connection } from './connection.ts'
import type { MessageStream } from './message-stream.ts'
import { METHOD } from './messages.ts'
import {
  type WatchCreate,
  type WatchResponse,
  decodeWatchResponse,
  encodeWatchCreate,
  encodeWatchProgress,
} from './watch-messages.ts'

export class WatchStream {
  readonly #call: MessageStream

  /** Throws ConnectionLost when the connection is not open. */
  constructor(connection: Connection, create: WatchCreate) {
    this.#call = connection.stream(METHOD.watch)
    this.#call.send(encodeWatchCreate(create))
  }

  /**
   * What arrives together, in order; nothing comes after a cancellation. Ends when the member ends the call; throws when
   * the connection breaks, or close() is called. A slow reader slows the member down (flow control).
   */
  async *responses(): AsyncIterable<WatchResponse[]> {
    for await (const messages of this.#call.messages()) {
      const responses = messages.map(decodeWatchResponse)
      const cancelled = responses.findIndex((response) => response.canceled)
      yield cancelled === -1 ? responses : responses.slice(0, cancelled + 1)
      if (cancelled !== -1) return
    }
  }

  requestProgress(): void {
    this.#call.send(encodeWatchProgress())
  }

  close(): void {
    this.#call.cancel()
  }
}
