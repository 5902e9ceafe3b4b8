// One stream: a request's body coming in, an answer going out.
//
//   client → connection → receive(): kept until somebody reads the body, as far as its window goes ─→ BodySink
//   answer → write()/end() → queue (references, not copies) ─→ output.ts takes pieces of it into the connection's next write
import { DEFAULT_MAX_FRAME_BYTES, FRAME_HEADER_BYTES, FrameType, Flag, writeFrameHeader } from './frames.ts'
import type { HeaderValue } from './hpack-encoder.ts'
import type { RequestHead } from './request-headers.ts'

/** What a client may send of a body that nobody reads yet. */
export const STREAM_WINDOW_BYTES = 256 * 1024
/** Over this many queued bytes `write` says that it is enough. */
const HIGH_WATER_BYTES = 64 * 1024

/** Who reads a request's body. Not called any more after `end` or `fail`. */
export interface BodySink {
  data(chunk: Buffer): void
  end(): void
  fail(reason: Error): void
}

/** What a stream needs of its connection. */
export interface StreamOwner {
  sendHeaders(stream: Http2Stream, status: number, headers: Readonly<Record<string, HeaderValue>>): void
  /** The stream has bytes, or its end, to send. */
  ready(stream: Http2Stream): void
  queued(bytes: number): void
  /** That many bytes of a body are dealt with: the client may send as many more. */
  consumed(stream: Http2Stream, bytes: number): void
  reset(stream: Http2Stream, code: number): void
}

interface Queued {
  readonly chunk: Buffer
  readonly taken: (() => void) | undefined
}

export class Http2Stream {
  readonly id: number
  readonly request: RequestHead
  /** The request has no body. */
  readonly endAfterHeaders: boolean
  /** In the queue of output.ts. */
  isReady = false
  /** What the client lets us send; negative after it made its windows smaller. */
  sendWindow: number
  receiveWindow = STREAM_WINDOW_BYTES
  unacknowledged = 0
  /** The client has sent all it wanted. */
  remoteEnded: boolean
  /** Our end is with the socket, or the stream was cut. */
  closed = false
  /** Cut before our end was with the socket. */
  aborted = false
  queuedBytes = 0
  readonly #owner: StreamOwner
  #queue: Queued[] = []
  #next = 0
  /** Bytes of the first queued chunk that are sent. */
  #offset = 0
  #ended = false
  #needsDrain = false
  #received = 0
  #body: Buffer[] = []
  #sink: BodySink | undefined = undefined
  #closeListeners: (() => void)[] = []
  #drainListeners: (() => void)[] = []
  #drainWaiters: (() => void)[] = []

  constructor(owner: StreamOwner, id: number, request: RequestHead, end: boolean, sendWindow: number) {
    this.#owner = owner
    this.id = id
    this.request = request
    this.endAfterHeaders = end
    this.remoteEnded = end
    this.sendWindow = sendWindow
  }

  /** Once, before anything is written. */
  respond(status: number, headers: Readonly<Record<string, HeaderValue>>): void {
    if (!this.closed) this.#owner.sendHeaders(this, status, headers)
  }

  /** False: enough is queued. `taken` tells when the chunk may be changed again; a stream that was cut never says it. */
  write(chunk: Buffer, taken?: () => void): boolean {
    if (this.closed || this.#ended) return false
    if (chunk.length > 0) {
      this.#queue.push({ chunk, taken })
      this.queuedBytes += chunk.length
      this.#owner.queued(chunk.length)
      this.#owner.ready(this)
    } else taken?.()
    this.#needsDrain ||= this.queuedBytes > HIGH_WATER_BYTES
    return this.queuedBytes <= HIGH_WATER_BYTES
  }

  end(chunk?: Buffer): void {
    if (this.closed || this.#ended) return
    if (chunk !== undefined) this.write(chunk)
    this.#ended = true
    this.#owner.ready(this)
  }

  reset(code: number): void {
    if (!this.closed) this.#owner.reset(this, code)
  }

  /** Resolves when nothing is queued, or never will be. */
  drained(): Promise<void> {
    if (this.closed || this.queuedBytes === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#needsDrain = true
      this.#drainWaiters.push(resolve)
    })
  }

  /** After more was queued than `write` liked, and all of it is sent. */
  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener)
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener)
  }

  /** Once. What came before is given at once. */
  readBody(sink: BodySink): void {
    const early = this.#body
    this.#body = []
    if (this.closed) return sink.fail(new Error('the stream is closed'))
    this.#sink = sink
    for (const chunk of early) this.#give(sink, chunk)
    if (this.remoteEnded) this.#endBody()
  }

  // ---- for the connection and its output

  /** A DATA frame's content. False: more, or less at the end, than content-length says. */
  receive(chunk: Buffer, end: boolean): boolean {
    this.#received += chunk.length
    const { contentLength } = this.request
    if (contentLength !== undefined && (this.#received > contentLength || (end && this.#received < contentLength)))
      return false
    this.remoteEnded = end
    if (chunk.length > 0) {
      if (this.#sink === undefined) this.#body.push(chunk)
      else this.#give(this.#sink, chunk)
    }
    if (end) this.#endBody()
    return true
  }

  /** Of the body: what nobody has asked for yet. */
  get unreadBytes(): number {
    let sum = 0
    for (const chunk of this.#body) sum += chunk.length
    return sum
  }

  get hasOutput(): boolean {
    return this.queuedBytes > 0 || this.#ended
  }

  /**
   * Writes DATA frames of at most `room` bytes in all, headers included, and of at most `window` bytes of content.
   * Returns how many bytes were written; `closed` is true when the stream's end was among them.
   */
  writeFrames(into: Buffer, at: number, room: number, window: number): number {
    const content = Math.min(
      this.queuedBytes,
      DEFAULT_MAX_FRAME_BYTES,
      room - FRAME_HEADER_BYTES,
      window,
      Math.max(0, this.sendWindow),
    )
    const last = this.#ended && content === this.queuedBytes
    if (room < FRAME_HEADER_BYTES || (content <= 0 && !last)) return 0
    writeFrameHeader(into, at, content, FrameType.data, last ? Flag.endStream : 0, this.id)
    this.#take(into, at + FRAME_HEADER_BYTES, content)
    this.sendWindow -= content
    if (last) this.closed = true
    return FRAME_HEADER_BYTES + content
  }

  /** True once after everything queued was sent and somebody waits to hear it. */
  get owesDrain(): boolean {
    return this.#needsDrain && this.queuedBytes === 0
  }

  tellDrained(): void {
    if (!this.owesDrain || this.closed) return
    this.#needsDrain = false
    this.#wake()
    for (const listener of this.#drainListeners) listener()
  }

  /** The stream is over. `aborted`: not by its own end. Returns the bytes that were still queued. */
  close(aborted: boolean): number {
    this.closed = true
    this.aborted = aborted
    const dropped = this.queuedBytes
    this.queuedBytes = 0
    this.#queue = []
    this.#body = []
    const sink = this.#sink
    this.#sink = undefined
    sink?.fail(new Error('the client went away in the middle of the body'))
    this.#wake()
    const listeners = this.#closeListeners
    this.#closeListeners = []
    this.#drainListeners = []
    for (const listener of listeners) listener()
    return dropped
  }

  #take(into: Buffer, at: number, bytes: number): void {
    let left = bytes
    while (left > 0) {
      const entry = this.#queue[this.#next]
      if (entry === undefined) return
      const end = Math.min(entry.chunk.length, this.#offset + left)
      const copied = entry.chunk.copy(into, at + bytes - left, this.#offset, end)
      left -= copied
      this.#offset += copied
      if (this.#offset < entry.chunk.length) break
      this.#offset = 0
      this.#next++
      entry.taken?.()
    }
    this.queuedBytes -= bytes
    if (this.#next === this.#queue.length) {
      this.#queue = []
      this.#next = 0
    } else if (this.#next > 64) {
      this.#queue = this.#queue.slice(this.#next)
      this.#next = 0
    }
  }

  #give(sink: BodySink, chunk: Buffer): void {
    sink.data(chunk)
    this.#owner.consumed(this, chunk.length)
  }

  #endBody(): void {
    const sink = this.#sink
    this.#sink = undefined
    sink?.end()
  }

  #wake(): void {
    const waiters = this.#drainWaiters
    if (waiters.length === 0) return
    this.#drainWaiters = []
    for (const waiter of waiters) waiter()
  }
}
