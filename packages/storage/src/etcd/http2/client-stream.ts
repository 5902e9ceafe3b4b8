// One request and its response on a connection to a member.
//
//   waiting ──the member allows another stream──> in the output's queue ──HEADERS written──> opened ──our end written──> closed
//      └──────────────────────────┴── cancelled: nothing was sent ──┘              └── cancelled: RST_STREAM ──┘
import { FRAME_HEADER_BYTES, Flag, FrameType, OutgoingStream, writeFrameHeader } from '@keelson/component/http2'
import type { ResponseHeaders } from './response-headers.ts'

/** What a member may send of one response before it is read. A page of a list is about as large. */
export const STREAM_WINDOW_BYTES = 8 * 1024 * 1024

/** How a stream came to its end: `ended` by the member, after its last word; or `lost`. */
export type StreamEnd =
  | { readonly how: 'ended' }
  | {
      readonly how: 'lost'
      /** False: the member has surely not got the whole request, or has not looked at it. */
      readonly sent: boolean
      readonly reason: Error
    }

/** Who made a request, and hears what becomes of it. Must not throw. */
export interface ResponseSink {
  /** Of the response; then the trailers. When there is no body, these are one. */
  headers(headers: ResponseHeaders): void
  /** As much of the body as came in one frame; consumed() says when the member may send more. */
  data(chunk: Buffer): void
  /** Once; nothing comes after it. */
  close(end: StreamEnd): void
}

/** What a stream needs of its connection. */
export interface ClientStreamOwner {
  ready(stream: ClientStream): void
  queued(bytes: number): void
  consumed(stream: ClientStream, bytes: number): void
  /** The header block of this stream, which is sent now; undefined: not without more room. */
  block(stream: ClientStream, room: number): Buffer | undefined
  cancel(stream: ClientStream, reason: Error): void
}

export class ClientStream extends OutgoingStream {
  readonly path: string
  readonly sink: ResponseSink
  /** The connection lets it out: it is one of those that the member allows at a time. */
  admitted = false
  /** Its HEADERS are with the socket. */
  opened = false
  /** Our whole request is with the socket. */
  requestSent = false
  responseBegan = false
  over = false
  receiveWindow = STREAM_WINDOW_BYTES
  unacknowledged = 0
  readonly #owner: ClientStreamOwner

  constructor(owner: ClientStreamOwner, id: number, path: string, sink: ResponseSink, sendWindow: number) {
    super(id, sendWindow)
    this.#owner = owner
    this.path = path
    this.sink = sink
  }

  /** Kept until it is sent, not copied. */
  write(message: Buffer): void {
    if (this.closed || this.ended) return
    this.enqueue(message, undefined)
    this.#owner.queued(message.length)
    this.#owner.ready(this)
  }

  /** Nothing more will be written. */
  end(): void {
    if (this.closed || this.ended) return
    this.ended = true
    this.#owner.ready(this)
  }

  /** The reader has dealt with so much of the body. */
  consumed(bytes: number): void {
    if (!this.over) this.#owner.consumed(this, bytes)
  }

  /** Nobody waits for the response any more: the sink hears that it is lost. */
  cancel(reason: Error): void {
    if (!this.over) this.#owner.cancel(this, reason)
  }

  // ---- for the connection and its output

  override get hasOutput(): boolean {
    return !this.opened || super.hasOutput
  }

  override needsRoom(window: number): boolean {
    return this.opened ? super.needsRoom(window) : !this.closed
  }

  override writeFrames(into: Buffer, at: number, room: number, window: number): number {
    let used = 0
    if (!this.opened) {
      const block = this.#owner.block(this, room - FRAME_HEADER_BYTES)
      if (block === undefined) return 0
      used = FRAME_HEADER_BYTES + block.length
      writeFrameHeader(into, at, block.length, FrameType.headers, Flag.endHeaders, this.id)
      block.copy(into, at + FRAME_HEADER_BYTES)
      this.opened = true
    }
    used += super.writeFrames(into, at + used, room - used, window)
    if (this.closed) this.requestSent = true
    return used
  }

  /** It is over. Returns the bytes that were still queued. */
  finish(): number {
    this.over = true
    this.closed = true
    return this.dropQueue()
  }
}
