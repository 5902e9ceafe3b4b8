// One connection of HTTP/2 (RFC 9113), the client's side, on a socket that is connected.
//
//   request() → ClientStream ─→ as many at a time as the member allows ─→ Output → socket, once a turn of the loop
//   socket → FrameReader → here: one method a frame type ─→ the stream's sink: headers, data, close
//
// Why not node:http2: a call there is a native object, a Duplex, header objects both ways and some ten callbacks over
// several turns of the loop; here it is a few dozen bytes in a buffer that all calls of a turn share. And what was never
// written is known never to have been sent. Push, priorities and interim responses are not there: gRPC has none.
import type { Duplex } from 'node:stream'
import {
  CLIENT_PREFACE,
  ConnectionError,
  DEFAULT_WINDOW_BYTES,
  ErrorCode,
  FRAME_HEADER_BYTES,
  Flag,
  FrameReader,
  FrameType,
  HeaderBlocks,
  MAX_HEADER_LIST_BYTES,
  MAX_STREAM_ID,
  MAX_WINDOW_BYTES,
  Output,
  ReceiveWindow,
  SETTINGS_ACK,
  Setting,
  checkFrame,
  goawayFrame,
  pingFrame,
  readSettings,
  rstStreamFrame,
  settingsFrame,
  windowUpdateFrame,
} from '@keelson/component/http2'
import { ClientStream, type ClientStreamOwner, type ResponseSink, STREAM_WINDOW_BYTES } from './client-stream.ts'
import { type Field, RequestEncoder } from './request-encoder.ts'
import { ResponseHeaders } from './response-headers.ts'

/** Responses are taken as they come; what a reader leaves lying is bounded by its stream's window. */
const CONNECTION_WINDOW_BYTES = 64 * 1024 * 1024
/** What a member may make us answer (PING, SETTINGS) while it does not read. */
const MAX_CONTROL_BYTES = 1024 * 1024
/** Over all streams, of requests that are not with the socket yet. */
export const MAX_QUEUED_BYTES = 512 * 1024 * 1024
/** Waiting and open. */
export const MAX_STREAMS = 10_000
const LONGEST_PATH_BYTES = 128
/** How long the member may take to read the last words. */
const LAST_WORDS_MS = 1_000

const HELLO = Buffer.concat([
  CLIENT_PREFACE,
  settingsFrame([
    [Setting.enablePush, 0],
    [Setting.initialWindowSize, STREAM_WINDOW_BYTES],
    [Setting.maxHeaderListSize, MAX_HEADER_LIST_BYTES],
  ]),
  windowUpdateFrame(0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES),
])

export interface ClientEvents {
  /** The member has said its SETTINGS: it is alive, and requests may be made. */
  onOpen(): void
  /** The member wants no more requests here; those it has taken go on. */
  onLeave(reason: Error): void
  /** The connection is gone, and all of its streams with it. */
  onClose(reason: Error): void
}

export class Http2ClientConnection implements ClientStreamOwner {
  readonly #socket: Duplex
  readonly #events: ClientEvents
  readonly #encoder: RequestEncoder
  readonly #output: Output<ClientStream>
  readonly #reader = new FrameReader(this.#frame.bind(this))
  readonly #blocks = new HeaderBlocks(() => new ResponseHeaders(), this.#headers.bind(this))
  readonly #received = new ReceiveWindow(CONNECTION_WINDOW_BYTES, (bytes) =>
    this.#output.control(windowUpdateFrame(0, bytes)),
  )
  readonly #streams = new Map<number, ClientStream>()
  /** In the order they were made. */
  #waiting: ClientStream[] = []
  #admitted = 0
  #nextId: number
  #initialSendWindow = DEFAULT_WINDOW_BYTES
  #maxStreams = Infinity
  #settingsSeen = false
  #leaving = false
  #gone = false

  /** `pseudo` and `regular`: the fields of every request, but for `:path`. `firstId`: 1, but for tests. */
  constructor(socket: Duplex, pseudo: readonly Field[], regular: readonly Field[], events: ClientEvents, firstId = 1) {
    this.#socket = socket
    this.#events = events
    this.#nextId = firstId
    this.#encoder = new RequestEncoder(pseudo, regular)
    const firstFramesBytes = 2 * FRAME_HEADER_BYTES + this.#encoder.maxBytes('') + LONGEST_PATH_BYTES
    this.#output = new Output(
      socket,
      () => {},
      () => {},
      firstFramesBytes,
    )
    this.#output.control(HELLO)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.#end(error))
    // A member that says no more hears no more.
    socket.on('end', () => this.destroy(new Error('the connection was closed')))
    socket.on('close', () => this.#end(new Error('the connection was closed')))
  }

  /** Requests may be made. */
  get isOpen(): boolean {
    return this.#settingsSeen && !this.#leaving && !this.#gone
  }

  /** Undefined: not open, or so much is under way that no more is taken. */
  request(path: string, sink: ResponseSink): ClientStream | undefined {
    if (!this.isOpen || this.#output.queuedBytes >= MAX_QUEUED_BYTES || this.#streams.size >= MAX_STREAMS)
      return undefined
    const stream = new ClientStream(this, this.#nextId, path, sink, this.#initialSendWindow)
    this.#streams.set(stream.id, stream)
    this.#nextId += 2
    if (this.#admitted < this.#maxStreams) this.#admit(stream)
    else this.#waiting.push(stream)
    // Ids are never used again: another connection begins anew.
    if (this.#nextId > MAX_STREAM_ID) this.#leave(new Error('the connection has no more stream ids'))
    return stream
  }

  destroy(reason: Error): void {
    this.#end(reason)
    this.#socket.destroy()
  }

  // ---- ClientStreamOwner

  ready(stream: ClientStream): void {
    if (stream.admitted) this.#output.ready(stream)
  }

  queued(bytes: number): void {
    this.#output.queuedBytes += bytes
  }

  block(stream: ClientStream, room: number): Buffer | undefined {
    return this.#encoder.block(stream.path, room)
  }

  consumed(stream: ClientStream, bytes: number): void {
    stream.unacknowledged += bytes
    if (stream.unacknowledged < STREAM_WINDOW_BYTES / 2) return
    this.#output.control(windowUpdateFrame(stream.id, stream.unacknowledged))
    stream.receiveWindow += stream.unacknowledged
    stream.unacknowledged = 0
  }

  cancel(stream: ClientStream, reason: Error): void {
    this.#reset(stream, ErrorCode.cancel, reason)
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
    if (!this.#settingsSeen && (type !== FrameType.settings || (flags & Flag.ack) !== 0))
      throw new ConnectionError(ErrorCode.protocolError, 'the first frame is not SETTINGS')
    if (this.#blocks.openSince !== undefined && type !== FrameType.continuation)
      throw new ConnectionError(ErrorCode.protocolError, 'a header block was interrupted')
    checkFrame(type, flags, id, payload)
    if (id !== 0 && (id >= this.#nextId || this.#streams.get(id)?.opened === false))
      throw new ConnectionError(ErrorCode.protocolError, `a frame on stream ${id}, which is not open`)
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
        return this.#rstStream(id, payload)
      case FrameType.settings:
        return this.#settings(flags, payload)
      case FrameType.ping:
        if ((flags & Flag.ack) === 0) this.#output.control(pingFrame(payload, true))
        return
      case FrameType.goaway:
        return this.#goaway(payload)
      default:
        // Priorities are deprecated and of no effect; unknown types are skipped (§4.1).
        return
    }
  }

  /** Frames of a stream that is over were on their way when we cancelled it: they are no fault. */
  #headers(id: number, end: boolean, headers: ResponseHeaders): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    // Trailers have no status, and are the end; a response has one.
    if (headers.malformed || (headers.status === '') !== stream.responseBegan || (stream.responseBegan && !end))
      return this.#fault(stream, ErrorCode.protocolError, 'malformed headers')
    // Interim responses (1xx) say nothing to us.
    if (headers.status.startsWith('1') && !end) return
    stream.responseBegan = true
    stream.sink.headers(headers)
    if (end && !stream.over) this.#responseEnded(stream)
  }

  #data(flags: number, id: number, payload: Buffer): void {
    this.#received.received(payload.length)
    this.#received.consumed(payload.length)
    const content = this.#blocks.unpad(flags, payload)
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    if (!stream.responseBegan) return this.#fault(stream, ErrorCode.protocolError, 'a body without headers')
    stream.receiveWindow -= payload.length
    if (stream.receiveWindow < 0) return this.#fault(stream, ErrorCode.flowControlError, 'more than the window')
    // Padding is dealt with by being read.
    if (content.length < payload.length) this.consumed(stream, payload.length - content.length)
    if (content.length > 0) stream.sink.data(content)
    if ((flags & Flag.endStream) !== 0 && !stream.over) this.#responseEnded(stream)
  }

  #windowUpdate(id: number, payload: Buffer): void {
    const bytes = payload.readUInt32BE(0) & 0x7fffffff
    if (id === 0) {
      if (bytes === 0) throw new ConnectionError(ErrorCode.protocolError, 'a WINDOW_UPDATE of 0')
      const before = this.#output.window
      if (before + bytes > MAX_WINDOW_BYTES) throw new ConnectionError(ErrorCode.flowControlError, 'a window too large')
      this.#output.window = before + bytes
      if (before <= 0) for (const stream of this.#streams.values()) if (stream.hasOutput) this.ready(stream)
      return
    }
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    if (bytes === 0) return this.#fault(stream, ErrorCode.protocolError, 'a WINDOW_UPDATE of 0')
    if (stream.sendWindow + bytes > MAX_WINDOW_BYTES)
      return this.#fault(stream, ErrorCode.flowControlError, 'a window too large')
    stream.sendWindow += bytes
    if (stream.hasOutput) this.ready(stream)
  }

  #rstStream(id: number, payload: Buffer): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    const code = payload.readUInt32BE(0)
    this.#lose(
      stream,
      stream.requestSent && code !== ErrorCode.refusedStream,
      new Error(`the member reset the call (${code})`),
    )
  }

  #settings(flags: number, payload: Buffer): void {
    if ((flags & Flag.ack) !== 0) return
    readSettings(payload, (id, value) => this.#setting(id, value))
    this.#output.control(SETTINGS_ACK)
    if (this.#settingsSeen) return this.#admitWaiting()
    this.#settingsSeen = true
    this.#events.onOpen()
  }

  #setting(id: number, value: number): void {
    if (id === Setting.headerTableSize) this.#encoder.limitTable(value)
    else if (id === Setting.maxConcurrentStreams) this.#maxStreams = value
    if (id !== Setting.initialWindowSize) return
    const change = value - this.#initialSendWindow
    this.#initialSendWindow = value
    for (const stream of this.#streams.values()) {
      stream.sendWindow += change
      if (stream.sendWindow > MAX_WINDOW_BYTES)
        throw new ConnectionError(ErrorCode.flowControlError, 'a window too large')
      if (stream.hasOutput) this.ready(stream)
    }
  }

  /** What the member has not taken, and says so, was surely not done; without an error the rest goes on. */
  #goaway(payload: Buffer): void {
    const last = payload.readUInt32BE(0) & 0x7fffffff
    const code = payload.readUInt32BE(4)
    const debug = payload.toString('latin1', 8, 8 + 100)
    const reason = new Error(`the member is going away (${code}${debug === '' ? '' : `, ${debug}`})`)
    this.#waiting = []
    for (const stream of this.#streams.values())
      if (stream.id > last || !stream.opened) this.#lose(stream, false, reason)
    if (code === ErrorCode.noError) this.#leave(reason)
    else this.destroy(reason)
  }

  // ---- the ends

  #admit(stream: ClientStream): void {
    this.#admitted++
    stream.admitted = true
    this.#output.ready(stream)
  }

  #admitWaiting(): void {
    let next = 0
    for (; next < this.#waiting.length && this.#admitted < this.#maxStreams; next++) {
      const stream = this.#waiting[next]
      if (stream !== undefined) this.#admit(stream)
    }
    if (next > 0) this.#waiting.splice(0, next)
  }

  /** A member that answers without hearing us out is told that we stop. */
  #responseEnded(stream: ClientStream): void {
    if (!stream.requestSent) this.#output.control(rstStreamFrame(stream.id, ErrorCode.cancel))
    this.#remove(stream)
    stream.sink.close(ENDED)
  }

  /** The member broke the protocol on this stream. */
  #fault(stream: ClientStream, code: number, what: string): void {
    this.#reset(stream, code, new Error(`the member broke the protocol: ${what}`))
  }

  #reset(stream: ClientStream, code: number, reason: Error): void {
    if (stream.opened) this.#output.control(rstStreamFrame(stream.id, code))
    this.#lose(stream, stream.requestSent, reason)
  }

  #lose(stream: ClientStream, sent: boolean, reason: Error): void {
    this.#remove(stream)
    stream.sink.close({ how: 'lost', sent, reason })
  }

  #remove(stream: ClientStream): void {
    if (!this.#streams.delete(stream.id)) return
    this.#output.queuedBytes -= stream.finish()
    if (stream.admitted) this.#admitted--
    else this.#waiting = this.#waiting.filter((other) => other !== stream)
    if (this.#waiting.length > 0) this.#admitWaiting()
    if (this.#leaving && this.#streams.size === 0) this.destroy(new Error('the connection was closed'))
  }

  /** No more requests; the connection ends with the last of its streams. */
  #leave(reason: Error): void {
    if (this.#leaving || this.#gone) return
    this.#leaving = true
    this.#events.onLeave(reason)
    if (this.#streams.size === 0) this.destroy(reason)
  }

  /** The member broke the protocol: it hears why, nothing more is read from it, and the connection ends. */
  #fail(error: Error): void {
    if (this.#gone) return
    this.#socket.pause()
    const code = error instanceof ConnectionError ? error.code : ErrorCode.internalError
    this.#output.control(goawayFrame(0, code, error.message))
    this.#output.finish()
    setTimeout(() => this.#socket.destroy(), LAST_WORDS_MS).unref()
    this.#end(new Error(`the member broke the protocol: ${error.message}`, { cause: error }))
  }

  #end(reason: Error): void {
    if (this.#gone) return
    this.#gone = true
    this.#reader.stop()
    this.#output.stop()
    this.#waiting = []
    for (const stream of this.#streams.values()) this.#lose(stream, stream.requestSent, reason)
    this.#events.onClose(reason)
  }
}

const ENDED = { how: 'ended' } as const
