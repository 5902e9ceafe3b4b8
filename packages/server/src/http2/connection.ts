// One connection of HTTP/2 (RFC 9113), the server's side, on a TLS socket that chose `h2`.
//
//   socket → FrameReader → here: one method a frame type ─┬→ onStream(stream) for a request
//                                                       └→ stream.receive for its body
//   stream.respond/write/end → Output → socket, once a turn of the loop
//
// Why not node:http2: it spends 15 µs on an event for a watcher (a Writable, a request to libuv, a frame of nghttp2 and a
// callback each), makes native objects that every major collection has to visit, and cannot write many streams at once.
// README.md has the figures. Server push, priorities (RFC 9113 deprecates them) and CONNECT with a protocol are not there.
import type { Duplex } from 'node:stream'
import {
  checkFrame,
  CLIENT_PREFACE,
  ConnectionError,
  DEFAULT_WINDOW_BYTES,
  ErrorCode,
  Flag,
  FrameReader,
  FrameType,
  goawayFrame,
  HeaderBlocks,
  MAX_HEADER_LIST_BYTES,
  MAX_STREAM_ID,
  MAX_WINDOW_BYTES,
  Output,
  pingFrame,
  readSettings,
  ReceiveWindow,
  rstStreamFrame,
  Setting,
  SETTINGS_ACK,
  settingsFrame,
  windowUpdateFrame,
} from '@keelson/component/http2'
import { AnswerEncoder, type HeaderValue } from './answer-encoder.ts'
import { CutStreams } from './cut-streams.ts'
import { FloodGuard } from './flood-guard.ts'
import {
  CONNECTION_WINDOW_BYTES,
  HEADERS_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  LAST_WORDS_MS,
  MAX_CONCURRENT_STREAMS,
  MAX_CONTROL_BYTES,
  PING_TIMEOUT_MS,
} from './limits.ts'
import { RequestHeaders } from './request-headers.ts'
import { Http2Stream, STREAM_WINDOW_BYTES, type StreamOwner } from './stream.ts'

const OUR_SETTINGS = settingsFrame([
  [Setting.maxConcurrentStreams, MAX_CONCURRENT_STREAMS],
  [Setting.initialWindowSize, STREAM_WINDOW_BYTES],
  [Setting.maxHeaderListSize, MAX_HEADER_LIST_BYTES],
])
const GOODBYE_PING = Buffer.from('goodbye.')

export interface ConnectionEvents {
  /** A request. Must not throw. */
  onStream(stream: Http2Stream): void
  /** The client has taken some of what was buffered. */
  onTaken(): void
  /** The connection is gone; `error` says what the client did wrong. */
  onClose(error: Error | undefined): void
}

export class Http2Connection implements StreamOwner {
  readonly #socket: Duplex
  readonly #events: ConnectionEvents
  readonly #output: Output<Http2Stream>
  readonly #reader = new FrameReader(this.#frame.bind(this), CLIENT_PREFACE)
  readonly #blocks = new HeaderBlocks(() => new RequestHeaders(), this.#headers.bind(this))
  readonly #encoder = new AnswerEncoder()
  readonly #received = new ReceiveWindow(CONNECTION_WINDOW_BYTES, (bytes) =>
    this.#output.control(windowUpdateFrame(0, bytes)),
  )
  readonly #streams = new Map<number, Http2Stream>()
  readonly #cut = new CutStreams()
  // A client that stops thousands of watches resets as many streams: it may do 5,000 at once and 1,000 a second. Whoever
  // makes us reset a stream by its faults counts the same.
  readonly #resets = new FloodGuard('streams were reset', 5_000, 1_000)
  readonly #idleFrames = new FloodGuard('frames that carry nothing', 10_000, 1_000)
  #settingsSeen = false
  #lastStreamId = 0
  /** Streams above it are not served: we said GOAWAY. */
  #acceptUpTo = MAX_STREAM_ID
  #initialSendWindow = DEFAULT_WINDOW_BYTES
  #idleSince = performance.now()
  #leaving = false
  #gone = false
  #goodbye: (() => void) | undefined = undefined

  constructor(socket: Duplex, events: ConnectionEvents) {
    this.#socket = socket
    this.#events = events
    this.#output = new Output(
      socket,
      (stream) => this.#sent(stream),
      () => events.onTaken(),
    )
    this.#output.control(OUR_SETTINGS)
    this.#output.control(windowUpdateFrame(0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES))
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(undefined))
  }

  get streamCount(): number {
    return this.#streams.size
  }

  /** Bytes in this process that the client has not taken, over all streams. */
  get bufferedBytes(): number {
    return this.#output.bufferedBytes
  }

  /** Looked at every few seconds by transports.ts. */
  checkTimeouts(now: number): void {
    if (this.#streams.size === 0 && now - this.#idleSince > IDLE_TIMEOUT_MS) this.close()
    if (this.#blocks.openSince !== undefined && now - this.#blocks.openSince > HEADERS_TIMEOUT_MS)
      this.#fail(new ConnectionError(ErrorCode.protocolError, 'a header block took too long'))
  }

  /**
   * GOAWAY with the maximum stream id, so that no request on its way is refused; the answer to a PING proves that the client
   * has read it; then no new streams, and the end when those that are open have ended.
   */
  async leave(): Promise<void> {
    if (this.#gone || this.#leaving) return
    this.#output.control(goawayFrame(MAX_STREAM_ID, ErrorCode.noError))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PING_TIMEOUT_MS)
      this.#goodbye = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#output.control(pingFrame(GOODBYE_PING, false))
    })
    this.close()
  }

  /** No new streams; the connection ends when those that are open have ended. */
  close(): void {
    if (this.#gone || this.#leaving) return
    this.#leaving = true
    this.#acceptUpTo = this.#lastStreamId
    this.#output.control(goawayFrame(this.#lastStreamId, ErrorCode.noError))
    this.#endWhenIdle()
  }

  destroy(): void {
    this.#socket.destroy()
    this.#end(undefined)
  }

  // ---- StreamOwner

  sendHeaders(stream: Http2Stream, status: number, headers: Readonly<Record<string, HeaderValue>>): void {
    for (const frame of this.#blocks.frames(stream.id, this.#encoder.encode(status, headers)))
      this.#output.control(frame)
  }

  ready(stream: Http2Stream): void {
    this.#output.ready(stream)
  }

  queued(bytes: number): void {
    this.#output.queuedBytes += bytes
  }

  consumed(stream: Http2Stream, bytes: number): void {
    this.#received.consumed(bytes)
    stream.unacknowledged += bytes
    if (stream.unacknowledged < STREAM_WINDOW_BYTES / 2 || stream.remoteEnded) return
    this.#output.control(windowUpdateFrame(stream.id, stream.unacknowledged))
    stream.receiveWindow += stream.unacknowledged
    stream.unacknowledged = 0
  }

  reset(stream: Http2Stream, code: number): void {
    this.#output.control(rstStreamFrame(stream.id, code))
    this.#remove(stream, true)
    this.#cut.add(stream.id)
  }

  // ---- what came

  #read(chunk: Buffer): void {
    try {
      this.#reader.read(chunk)
      if (this.#output.controlBytes > MAX_CONTROL_BYTES)
        throw new ConnectionError(ErrorCode.enhanceYourCalm, 'answers are not read')
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #frame(type: number, flags: number, id: number, payload: Buffer): void {
    if (!this.#settingsSeen && type !== FrameType.settings)
      throw new ConnectionError(ErrorCode.protocolError, 'the first frame is not SETTINGS')
    if (this.#blocks.openSince !== undefined && type !== FrameType.continuation)
      throw new ConnectionError(ErrorCode.protocolError, 'a header block was interrupted')
    checkFrame(type, flags, id, payload)
    switch (type) {
      case FrameType.data:
        return this.#data(flags, id, payload)
      case FrameType.headers:
        return this.#blocks.headers(flags, id, payload)
      case FrameType.continuation:
        return this.#blocks.continuation(flags, id, payload)
      case FrameType.windowUpdate:
        return this.#windowUpdate(id, payload)
      case FrameType.rstStream:
        return this.#rstStream(id)
      case FrameType.settings:
        return this.#settings(flags, payload)
      case FrameType.ping:
        return this.#ping(flags, payload)
      case FrameType.goaway:
        return
      default:
        // Priorities are deprecated and of no effect; unknown types are skipped (§4.1).
        return this.#idleFrames.count()
    }
  }

  #headers(id: number, end: boolean, headers: RequestHeaders): void {
    const known = this.#streams.get(id)
    if (known !== undefined) return this.#trailers(known, end, headers)
    if (id <= this.#lastStreamId) {
      // What was on its way when we cut the stream.
      if (this.#cut.has(id)) return
      throw new ConnectionError(ErrorCode.streamClosed, 'HEADERS on a closed stream')
    }
    this.#lastStreamId = id
    if (id > this.#acceptUpTo) return
    if (this.#streams.size >= MAX_CONCURRENT_STREAMS) return this.#refuse(id, ErrorCode.refusedStream)
    const request = headers.finish()
    if (request === undefined) return this.#refuse(id, ErrorCode.protocolError)
    if (end && request.contentLength !== undefined && request.contentLength > 0)
      return this.#refuse(id, ErrorCode.protocolError)
    const stream = new Http2Stream(this, id, request, end, this.#initialSendWindow)
    this.#streams.set(id, stream)
    if (!headers.tooLarge) return this.#events.onStream(stream)
    stream.respond(431, { 'content-length': 0 })
    stream.end()
  }

  #trailers(stream: Http2Stream, end: boolean, headers: RequestHeaders): void {
    if (stream.remoteEnded) return this.#faultOf(stream, ErrorCode.streamClosed)
    if (!end || headers.malformed || !headers.isEmptyOfPseudo) return this.#faultOf(stream, ErrorCode.protocolError)
    if (!stream.receive(Buffer.alloc(0), true)) this.#faultOf(stream, ErrorCode.protocolError)
  }

  #data(flags: number, id: number, payload: Buffer): void {
    if (id > this.#lastStreamId) throw new ConnectionError(ErrorCode.protocolError, 'DATA on an idle stream')
    const end = (flags & Flag.endStream) !== 0
    if (payload.length === 0 && !end) this.#idleFrames.count()
    this.#received.received(payload.length)
    const content = this.#blocks.unpad(flags, payload)
    const stream = this.#streams.get(id)
    if (stream === undefined) {
      this.#received.consumed(payload.length)
      if (!this.#cut.has(id)) this.#refuse(id, ErrorCode.streamClosed)
      return
    }
    stream.receiveWindow -= payload.length
    // Padding is dealt with by being read.
    this.#received.consumed(payload.length - content.length)
    stream.unacknowledged += payload.length - content.length
    if (stream.remoteEnded) return this.#faultOf(stream, ErrorCode.streamClosed, content.length)
    if (stream.receiveWindow < 0) return this.#faultOf(stream, ErrorCode.flowControlError, content.length)
    if (!stream.receive(content, end)) this.#faultOf(stream, ErrorCode.protocolError, content.length)
  }

  #windowUpdate(id: number, payload: Buffer): void {
    const bytes = payload.readUInt32BE(0) & 0x7fffffff
    if (id === 0) {
      if (bytes === 0) throw new ConnectionError(ErrorCode.protocolError, 'a WINDOW_UPDATE of 0')
      const before = this.#output.window
      if (before + bytes > MAX_WINDOW_BYTES) throw new ConnectionError(ErrorCode.flowControlError, 'a window too large')
      this.#output.window = before + bytes
      if (before <= 0) for (const stream of this.#streams.values()) if (stream.hasOutput) this.#output.ready(stream)
      return
    }
    if (id > this.#lastStreamId) throw new ConnectionError(ErrorCode.protocolError, 'WINDOW_UPDATE on an idle stream')
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    if (bytes === 0) return this.#faultOf(stream, ErrorCode.protocolError)
    if (stream.sendWindow + bytes > MAX_WINDOW_BYTES) return this.#faultOf(stream, ErrorCode.flowControlError)
    stream.sendWindow += bytes
    if (stream.hasOutput) this.#output.ready(stream)
  }

  #rstStream(id: number): void {
    if (id > this.#lastStreamId) throw new ConnectionError(ErrorCode.protocolError, 'RST_STREAM on an idle stream')
    this.#resets.count()
    this.#cut.forget(id)
    const stream = this.#streams.get(id)
    if (stream !== undefined) this.#remove(stream, true)
  }

  #settings(flags: number, payload: Buffer): void {
    if ((flags & Flag.ack) !== 0) return
    if (this.#settingsSeen) this.#idleFrames.count()
    this.#settingsSeen = true
    readSettings(payload, (id, value) => this.#setting(id, value))
    this.#output.control(SETTINGS_ACK)
  }

  /** The size of the header table is of no interest to an encoder that has none, nor are frames above the smallest maximum. */
  #setting(id: number, value: number): void {
    if (id !== Setting.initialWindowSize) return
    const change = value - this.#initialSendWindow
    this.#initialSendWindow = value
    for (const stream of this.#streams.values()) {
      stream.sendWindow += change
      if (stream.sendWindow > MAX_WINDOW_BYTES)
        throw new ConnectionError(ErrorCode.flowControlError, 'a window too large')
      if (stream.hasOutput) this.#output.ready(stream)
    }
  }

  #ping(flags: number, payload: Buffer): void {
    if ((flags & Flag.ack) !== 0) return GOODBYE_PING.equals(payload) ? this.#goodbye?.() : undefined
    this.#idleFrames.count()
    this.#output.control(pingFrame(payload, true))
  }

  // ---- the ends

  /** A request that is not served. */
  #refuse(id: number, code: number): void {
    this.#resets.count()
    this.#output.control(rstStreamFrame(id, code))
    this.#cut.add(id)
  }

  #faultOf(stream: Http2Stream, code: number, unreadBytes = 0): void {
    this.#received.consumed(unreadBytes)
    this.#resets.count()
    this.reset(stream, code)
  }

  /** From the output: a stream's end, or all that it had queued, is with the socket. */
  #sent(stream: Http2Stream): void {
    if (!stream.closed) return stream.tellDrained()
    if (!stream.remoteEnded) {
      // Whoever goes on sending a body that nobody reads is told to stop; the answer is on its way before that (§8.1).
      this.#output.control(rstStreamFrame(stream.id, ErrorCode.noError))
      this.#cut.add(stream.id)
    }
    this.#remove(stream, false)
  }

  #remove(stream: Http2Stream, aborted: boolean): void {
    if (!this.#streams.delete(stream.id)) return
    this.#received.consumed(stream.unreadBytes)
    this.#output.queuedBytes -= stream.close(aborted)
    if (this.#streams.size > 0) return
    this.#idleSince = performance.now()
    if (this.#leaving) this.#endWhenIdle()
  }

  #endWhenIdle(): void {
    if (this.#streams.size > 0) return
    this.#output.whenEmpty(() => {
      this.#socket.end()
      this.#destroySoon()
    })
  }

  /** The client may close its side first; not for ever. */
  #destroySoon(): void {
    setTimeout(() => this.#socket.destroy(), LAST_WORDS_MS).unref()
  }

  /** The client broke the protocol: it hears why, nothing more is read from it, and the connection ends. */
  #fail(error: Error): void {
    if (this.#gone) return
    this.#socket.pause()
    const code = error instanceof ConnectionError ? error.code : ErrorCode.internalError
    this.#output.control(goawayFrame(this.#lastStreamId, code, error instanceof ConnectionError ? error.message : ''))
    this.#output.finish()
    this.#destroySoon()
    this.#end(error)
  }

  #end(error: Error | undefined): void {
    if (this.#gone) return
    this.#gone = true
    this.#reader.stop()
    this.#output.stop()
    this.#goodbye?.()
    for (const stream of this.#streams.values()) this.#remove(stream, true)
    this.#events.onClose(error)
  }
}
