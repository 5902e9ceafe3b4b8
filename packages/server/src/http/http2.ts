// A request that came as an HTTP/2 stream, and its answer. The stream API only: Node's compatibility layer costs 13 µs more.
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Readable } from 'node:stream'
import type { ClientCertificate, ConnectionBudget, ResponseStream } from '../context.ts'
import { BaseContext } from './base-context.ts'

/** Over this many bytes on one connection its watches park, whichever of them the bytes are of. */
export const CONNECTION_BUDGET_BYTES = 8 * 1024 * 1024

/** What is known of one HTTP/2 connection, shared by its streams. */
export class Http2Connection implements ConnectionBudget {
  readonly remoteAddress: string
  readonly clientCertificate: ClientCertificate | undefined
  readonly streams = new Set<Http2ResponseStream>()
  #bufferedBytes = 0
  #waiters: (() => void)[] = []

  constructor(remoteAddress: string, clientCertificate: ClientCertificate | undefined) {
    this.remoteAddress = remoteAddress
    this.clientCertificate = clientCertificate
  }

  /** May be too high between a stream's partial drain and its next write; over the budget it is counted anew. */
  get bufferedBytes(): number {
    if (this.#bufferedBytes > CONNECTION_BUDGET_BYTES) {
      let sum = 0
      for (const stream of this.streams) sum += stream.count()
      this.#bufferedBytes = sum
    }
    return this.#bufferedBytes
  }

  change(bytes: number): void {
    this.#bufferedBytes += bytes
    if (bytes <= 0 && this.#waiters.length > 0 && this.#bufferedBytes < CONNECTION_BUDGET_BYTES / 2) this.relieve()
  }

  onRelief(listener: () => void): void {
    this.#waiters.push(listener)
  }

  relieve(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter()
  }
}

export class Http2Context extends BaseContext {
  readonly httpVersion = '2'
  readonly #stream: ServerHttp2Stream
  readonly #connection: Http2Connection

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, connection: Http2Connection) {
    super(String(headers[':method']), String(headers[':path'] ?? ''), headers)
    this.#stream = stream
    this.#connection = connection
    stream.on('close', () => this.finish(stream.aborted || !stream.writableFinished))
    // A reset is told by `close`; without a listener the error would end the process.
    stream.on('error', ignoreStreamError)
  }

  get remoteAddress(): string {
    return this.#connection.remoteAddress
  }

  get clientCertificate(): ClientCertificate | undefined {
    return this.#connection.clientCertificate
  }

  protected get bodySource(): Readable {
    return this.#stream
  }

  protected send(code: number, body: Buffer): void {
    const stream = this.#stream
    if (stream.destroyed || stream.closed) return
    const empty = body.length === 0 || this.method === 'HEAD'
    this.outgoing[':status'] = code
    this.outgoing['content-length'] = body.length
    if (empty && stream.endAfterHeaders) {
      stream.respond(this.outgoing, { endStream: true })
      return
    }
    stream.respond(this.outgoing)
    if (empty) stream.end()
    else stream.end(body)
    closeWhenSent(stream)
  }

  protected open(code: number): ResponseStream {
    this.outgoing[':status'] = code
    if (!this.#stream.destroyed) this.#stream.respond(this.outgoing)
    return new Http2ResponseStream(this, this.#stream, this.#connection)
  }

  destroy(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }
}

function ignoreStreamError(): void {
  // Nothing to add: see the constructor of Http2Context.
}

/** How long a body that nobody reads may go on arriving after the answer. */
const UNREAD_BODY_MS = 1_000

/**
 * A client that goes on sending a body nobody reads is told to stop (RFC 9113 §8.1): not at once, for a reset would overtake
 * an answer that is not on its way yet, and most such bodies are at their end anyhow.
 */
function closeWhenSent(stream: ServerHttp2Stream): void {
  if (stream.readableEnded || stream.endAfterHeaders) return
  stream.resume()
  stream.once('finish', () => {
    if (stream.readableEnded || stream.closed) return
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), UNREAD_BODY_MS)
    stream.once('close', () => clearTimeout(timer))
  })
}

class Http2ResponseStream implements ResponseStream {
  readonly framing = 'none'
  readonly connection: Http2Connection
  readonly #context: Http2Context
  readonly #stream: ServerHttp2Stream
  #countedBytes = 0

  constructor(context: Http2Context, stream: ServerHttp2Stream, connection: Http2Connection) {
    this.#context = context
    this.#stream = stream
    this.connection = connection
    connection.streams.add(this)
    stream.on('drain', () => this.#recount())
    context.onFinish(() => {
      connection.streams.delete(this)
      connection.change(-this.#countedBytes)
      this.#countedBytes = 0
    })
  }

  get bufferedBytes(): number {
    return this.#stream.writableLength
  }

  get closed(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  /** The bytes queued now, noted as those that the connection's sum has of this stream. */
  count(): number {
    return (this.#countedBytes = this.#stream.writableLength)
  }

  #recount(): void {
    const before = this.#countedBytes
    this.connection.change(this.count() - before)
  }

  write(chunk: Buffer, taken?: () => void): boolean {
    if (this.closed) return false
    this.#context.responseBytes += chunk.length
    const more = this.#stream.write(chunk, taken)
    this.#recount()
    return more
  }

  writeFramed(chunk: Buffer): boolean {
    return this.write(chunk)
  }

  drained(): Promise<void> {
    if (this.closed || !this.#stream.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.removeListener('drain', done)
        this.#stream.removeListener('close', done)
        resolve()
      }
      this.#stream.once('drain', done)
      this.#stream.once('close', done)
    })
  }

  end(chunk?: Buffer): void {
    if (this.closed) return
    if (chunk === undefined) this.#stream.end()
    else this.#stream.end(chunk)
    closeWhenSent(this.#stream)
  }

  destroy(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL)
  }

  onClose(listener: () => void): void {
    this.#context.onFinish(listener)
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener)
  }
}
