// A call with one request and one answer.
import { ConnectionLost, EtcdError } from './faults.ts'
import { GrpcFrames } from './grpc-frames.ts'
import type { ClientStream, ResponseSink, StreamEnd } from './http2/client-stream.ts'
import type { ResponseHeaders } from './http2/response-headers.ts'

/** Who waits, and what the connection learns on the way. */
export interface CallListener {
  /** The member gave a sign of life. */
  heard(): void
  /** Once. */
  done(): void
  /** In front of what is said of a lost call. */
  readonly endpoint: string
}

export class UnaryCall implements ResponseSink {
  readonly answer: Promise<Buffer>
  readonly #listener: CallListener
  readonly #frames = new GrpcFrames()
  #resolve!: (message: Buffer) => void
  #reject!: (error: Error) => void
  #stream: ClientStream | undefined
  #timer: NodeJS.Timeout | undefined
  #headers: ResponseHeaders | undefined
  #message: Buffer | undefined

  constructor(listener: CallListener) {
    this.#listener = listener
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** The request is `message`; after `timeoutMs` nobody waits any more. */
  begin(stream: ClientStream, message: Buffer, timeoutMs: number): void {
    this.#stream = stream
    this.#timer = setTimeout(expire, timeoutMs, stream, timeoutMs)
    stream.write(message)
    stream.end()
  }

  headers(headers: ResponseHeaders): void {
    this.#listener.heard()
    this.#headers = headers
  }

  data(chunk: Buffer): void {
    this.#listener.heard()
    this.#stream?.consumed(chunk.length)
    try {
      for (const message of this.#frames.push(chunk)) {
        if (this.#message !== undefined) throw new RangeError('a second answer to one request')
        this.#message = message
      }
    } catch (error) {
      this.#stream?.cancel(error instanceof Error ? error : new Error(String(error)))
    }
  }

  close(end: StreamEnd): void {
    clearTimeout(this.#timer)
    this.#listener.done()
    if (end.how === 'lost') this.#reject(this.#lost(end.sent, end.reason))
    else if (this.#headers?.grpcStatus === undefined) this.#reject(this.#lost(true, notGrpc(this.#headers)))
    else if (this.#headers.grpcStatus !== '0') this.#reject(statusError(this.#headers))
    else if (this.#message === undefined) this.#reject(this.#lost(true, new Error('an answer without a message')))
    else this.#resolve(this.#message)
  }

  #lost(sent: boolean, reason: Error): ConnectionLost {
    return new ConnectionLost(`${this.#listener.endpoint}: ${reason.message}`, sent, reason)
  }
}

function expire(stream: ClientStream, timeoutMs: number): void {
  stream.cancel(new Error(`no answer within ${timeoutMs} ms`))
}

function notGrpc(headers: ResponseHeaders | undefined): Error {
  const status = headers?.status ?? ''
  return new Error(status === '200' || status === '' ? 'the answer broke off' : `HTTP ${status} instead of an answer`)
}

function statusError(headers: ResponseHeaders): EtcdError {
  return new EtcdError(Number(headers.grpcStatus), percentDecoded(headers.grpcMessage))
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A message with a lone percent sign: shown as it came.
  }
}
