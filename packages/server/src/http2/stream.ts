// One stream: a request's body coming in, an answer going out.
//
//   client → connection → receive(): kept until somebody reads the body, as far as its window goes ─→ BodySink
//   answer → write()/end() → its queue (OutgoingStream) ─→ Output takes pieces of it into the connection's next write
import { OutgoingStream } from '@keelson/component/http2'
import type { BodySink } from '../http/body.ts'
import type { HeaderValue } from './answer-encoder.ts'
import type { RequestHead } from './request-headers.ts'

/** What a client may send of a body that nobody reads yet. */
export const STREAM_WINDOW_BYTES = 256 * 1024
/** Over this many queued bytes `write` says that it is enough. */
const HIGH_WATER_BYTES = 64 * 1024

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

export class Http2Stream extends OutgoingStream {
  readonly request: RequestHead
  /** The request has no body. */
  readonly endAfterHeaders: boolean
  receiveWindow = STREAM_WINDOW_BYTES
  unacknowledged = 0
  /** The client has sent all it wanted. */
  remoteEnded: boolean
  /** Cut before our end was with the socket. */
  aborted = false
  readonly #owner: StreamOwner
  #received = 0
  #body: Buffer[] = []
  #sink: BodySink | undefined = undefined
  #closeListeners: (() => void)[] = []
  #drainListeners: (() => void)[] = []
  #drainWaiters: (() => void)[] = []

  constructor(owner: StreamOwner, id: number, request: RequestHead, end: boolean, sendWindow: number) {
    super(id, sendWindow)
    this.#owner = owner
    this.request = request
    this.endAfterHeaders = end
    this.remoteEnded = end
  }

  /** Once, before anything is written. */
  respond(status: number, headers: Readonly<Record<string, HeaderValue>>): void {
    if (!this.closed) this.#owner.sendHeaders(this, status, headers)
  }

  /** False: enough is queued. `taken` tells when the chunk may be changed again; a stream that was cut never says it. */
  write(chunk: Buffer, taken?: () => void): boolean {
    if (this.closed || this.ended) return false
    if (chunk.length > 0) {
      this.enqueue(chunk, taken)
      this.#owner.queued(chunk.length)
      this.#owner.ready(this)
    } else taken?.()
    this.needsDrain ||= this.queuedBytes > HIGH_WATER_BYTES
    return this.queuedBytes <= HIGH_WATER_BYTES
  }

  end(chunk?: Buffer): void {
    if (this.closed || this.ended) return
    if (chunk !== undefined) this.write(chunk)
    this.ended = true
    this.#owner.ready(this)
  }

  reset(code: number): void {
    if (!this.closed) this.#owner.reset(this, code)
  }

  /** Resolves when nothing is queued, or never will be. */
  drained(): Promise<void> {
    if (this.closed || this.queuedBytes === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.needsDrain = true
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

  tellDrained(): void {
    if (!this.owesDrain || this.closed) return
    this.needsDrain = false
    this.#wake()
    for (const listener of this.#drainListeners) listener()
  }

  /** The stream is over. `aborted`: not by its own end. Returns the bytes that were still queued. */
  close(aborted: boolean): number {
    this.closed = true
    this.aborted = aborted
    const dropped = this.dropQueue()
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
