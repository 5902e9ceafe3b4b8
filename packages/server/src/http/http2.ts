// A request that came as an HTTP/2 stream, and its answer.
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate, ConnectionBudget, ResponseStream } from '../context.ts'
import { Http2Connection } from '../http2/connection.ts'
import { ErrorCode } from '@keelson/component/http2'
import type { Http2Stream } from '../http2/stream.ts'
import { BaseContext, type OutgoingHeaders } from './base-context.ts'
import type { BodySink } from './body.ts'
import { httpDate } from './http-date.ts'

/** Over this many bytes on one connection its watches park, whichever of them the bytes are of. */
export const CONNECTION_BUDGET_BYTES = 8 * 1024 * 1024

/** One connection, and what its requests share. */
export class Http2Client implements ConnectionBudget {
  readonly connection: Http2Connection
  readonly remoteAddress: string
  readonly clientCertificate: ClientCertificate | undefined
  #waiters: (() => void)[] = []

  constructor(
    socket: TLSSocket,
    clientCertificate: ClientCertificate | undefined,
    onRequest: (context: Http2Context) => void,
    onClose: (error: Error | undefined) => void,
  ) {
    this.remoteAddress = socket.remoteAddress ?? ''
    this.clientCertificate = clientCertificate
    this.connection = new Http2Connection(socket, {
      onStream: (stream) => onRequest(new Http2Context(stream, this)),
      onTaken: () => this.#taken(),
      onClose: (error) => {
        this.#relieve()
        onClose(error)
      },
    })
  }

  get bufferedBytes(): number {
    return this.connection.bufferedBytes
  }

  onRelief(listener: () => void): void {
    this.#waiters.push(listener)
  }

  #taken(): void {
    if (this.#waiters.length > 0 && this.bufferedBytes < CONNECTION_BUDGET_BYTES / 2) this.#relieve()
  }

  #relieve(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter()
  }
}

export class Http2Context extends BaseContext {
  readonly httpVersion = '2'
  readonly #stream: Http2Stream
  readonly #client: Http2Client

  constructor(stream: Http2Stream, client: Http2Client) {
    const { method, path, headers } = stream.request
    super(method, path, headers)
    this.#stream = stream
    this.#client = client
    stream.onClose(() => this.finish(stream.aborted))
  }

  get remoteAddress(): string {
    return this.#client.remoteAddress
  }

  get clientCertificate(): ClientCertificate | undefined {
    return this.#client.clientCertificate
  }

  protected takeBody(sink: BodySink): void {
    this.#stream.readBody(sink)
  }

  protected send(code: number, body: Buffer): void {
    this.outgoing['content-length'] = body.length
    this.#stream.respond(code, dated(this.outgoing))
    this.#stream.end(this.method === 'HEAD' ? undefined : body)
  }

  protected open(code: number): ResponseStream {
    this.#stream.respond(code, dated(this.outgoing))
    return new Http2ResponseStream(this, this.#stream, this.#client)
  }

  destroy(): void {
    this.#stream.reset(ErrorCode.internalError)
  }
}

function dated(headers: OutgoingHeaders): OutgoingHeaders {
  headers['date'] = httpDate()
  return headers
}

class Http2ResponseStream implements ResponseStream {
  readonly framing = 'none'
  readonly connection: ConnectionBudget
  readonly #context: Http2Context
  readonly #stream: Http2Stream

  constructor(context: Http2Context, stream: Http2Stream, connection: ConnectionBudget) {
    this.#context = context
    this.#stream = stream
    this.connection = connection
  }

  get bufferedBytes(): number {
    return this.#stream.queuedBytes
  }

  get closed(): boolean {
    return this.#stream.closed
  }

  write(chunk: Buffer, taken?: () => void): boolean {
    if (this.#stream.closed) return false
    this.#context.responseBytes += chunk.length
    return this.#stream.write(chunk, taken)
  }

  writeFramed(chunk: Buffer): boolean {
    return this.write(chunk)
  }

  drained(): Promise<void> {
    return this.#stream.drained()
  }

  end(chunk?: Buffer): void {
    if (chunk !== undefined) this.write(chunk)
    this.#stream.end()
  }

  destroy(): void {
    this.#stream.reset(ErrorCode.cancel)
  }

  onClose(listener: () => void): void {
    this.#context.onFinish(listener)
  }

  onDrain(listener: () => void): void {
    this.#stream.onDrain(listener)
  }
}
