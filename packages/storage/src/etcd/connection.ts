// One HTTP/2 connection to one etcd member, and gRPC calls on it.
//
//   connecting ──SETTINGS received──> open ──GOAWAY──> draining
//       └────────────┴── refused, reset, silent, closed ──┴──> closed (for good: the pool makes another)
//
// It is known what became of a request: never wholly sent, refused, or sent and not answered.
//
// A member that hangs (paused, cut off) is noticed by its silence: when an open call has heard nothing for
// SILENCE_BEFORE_PROBE_MS, a read that needs no quorum is sent, and no answer to that ends the connection. HTTP/2 PINGs
// would not do: etcd takes more than a few within 5 s for abuse.
import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { ConnectionLost } from './faults.ts'
import { Http2ClientConnection } from './http2/client-connection.ts'
import type { ClientStream, ResponseSink } from './http2/client-stream.ts'
import { type TlsFiles, openSocket } from './http2/socket.ts'
import { MessageStream } from './message-stream.ts'
import { METHOD, ZERO_BYTE, encodeRange } from './messages.ts'
import { type CallListener, UnaryCall } from './unary-call.ts'

export interface ConnectionOptions {
  /** `https://127.0.0.1:2379` */
  readonly endpoint: string
  /** Read anew for each connection, so that rotated files are taken up. */
  readonly tls: TlsFiles | undefined
  readonly connectTimeoutMs: number
  /** How long a probe may stay unanswered. */
  readonly probeTimeoutMs: number
  readonly onOpen: () => void
  /** The member is going away: calls that it has taken go on, for others there should be another connection. */
  readonly onDrain: (reason: Error) => void
  readonly onClose: (reason: Error) => void
}

const SILENCE_BEFORE_PROBE_MS = 400
const TICK_MS = 100
/** Calls have ended by then; what is endless goes on elsewhere. */
const DRAIN_TIMEOUT_MS = 5_000

const PROBE = encodeRange({ key: ZERO_BYTE, serializable: true, countOnly: true })

export class Connection implements CallListener {
  readonly endpoint: string
  state: 'connecting' | 'open' | 'draining' | 'closed' = 'connecting'
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  #http2: Http2ClientConnection | undefined
  readonly #ticker: NodeJS.Timeout
  readonly #tooLate: NodeJS.Timeout
  #drainTimer: NodeJS.Timeout | undefined
  /** Calls that wait for something from the member. */
  #openCalls = 0
  #lastHeardMs = 0
  #probeSentMs = 0
  #lastTickMs = 0
  #error: Error | undefined

  /** Throws when a file of `tls` cannot be read. */
  constructor(options: ConnectionOptions) {
    this.#options = options
    this.endpoint = options.endpoint
    this.#socket = openSocket(options.endpoint, options.tls, {
      onConnect: () => this.#connected(),
      onError: (error) => this.#close(error),
    })
    this.#socket.once('close', () => this.#close(new Error('the connection was closed')))
    // A paused member's kernel accepts connections: only its SETTINGS show that it is alive.
    this.#tooLate = setTimeout(() => this.#close(new Error('no answer to the connection')), options.connectTimeoutMs)
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
  }

  /** One request, one response (the message without its prefix). Throws EtcdError or ConnectionLost. */
  unary(method: string, message: Buffer, timeoutMs: number): Promise<Buffer> {
    const call = new UnaryCall(this)
    const stream = this.#request(method, call)
    if (stream === undefined) return Promise.reject(this.#refusal())
    call.begin(stream, message, timeoutMs)
    return call.answer
  }

  /** A call with messages both ways. Throws ConnectionLost. */
  stream(method: string): MessageStream {
    const call = new MessageStream(this)
    const stream = this.#request(method, call)
    if (stream === undefined) throw this.#refusal()
    call.begin(stream)
    return call
  }

  destroy(): void {
    this.#close(new Error('the storage is closed'))
  }

  // ---- CallListener

  heard(): void {
    this.#lastHeardMs = performance.now()
  }

  done(): void {
    this.#openCalls--
  }

  #connected(): void {
    const { protocol, host } = new URL(this.endpoint)
    const pseudo = [
      [':method', 'POST'],
      [':scheme', protocol.slice(0, -1)],
      [':authority', host],
    ] as const
    this.#http2 = new Http2ClientConnection(this.#socket, pseudo, FIELDS, {
      onOpen: () => {
        clearTimeout(this.#tooLate)
        if (this.state !== 'connecting') return
        this.state = 'open'
        this.#options.onOpen()
      },
      onLeave: (reason) => this.#drain(reason),
      onClose: (reason) => this.#close(reason),
    })
  }

  #request(method: string, sink: ResponseSink): ClientStream | undefined {
    const stream = this.state === 'open' ? this.#http2?.request(method, sink) : undefined
    if (stream !== undefined && this.#openCalls++ === 0) this.heard()
    return stream
  }

  #refusal(): ConnectionLost {
    const state = this.state === 'open' ? 'too busy' : this.state
    return new ConnectionLost(`${this.endpoint} is ${state}`, false, this.#error)
  }

  #tick(): void {
    const now = performance.now()
    const wasBusy = now - this.#lastTickMs > 3 * TICK_MS
    this.#lastTickMs = now
    if (this.state !== 'open' || this.#openCalls === 0) return
    // Our own loop was held up: what the member said may still be unread.
    if (wasBusy) {
      this.heard()
      return
    }
    const probing = this.#probeSentMs > this.#lastHeardMs
    if (probing && now - this.#probeSentMs > this.#options.probeTimeoutMs) {
      this.#close(new Error(`no sign of life for ${Math.round(now - this.#lastHeardMs)} ms`))
    } else if (!probing && now - this.#lastHeardMs > SILENCE_BEFORE_PROBE_MS) {
      this.#probeSentMs = now
      // Any answer, an error too, is a sign of life, noted when it arrives.
      this.unary(METHOD.range, PROBE, 2 * this.#options.probeTimeoutMs).catch(() => undefined)
    }
  }

  #drain(reason: Error): void {
    if (this.state !== 'open') return
    this.state = 'draining'
    this.#drainTimer = setTimeout(() => this.#close(reason), DRAIN_TIMEOUT_MS)
    this.#options.onDrain(reason)
  }

  #close(reason: Error): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#error = reason
    clearInterval(this.#ticker)
    clearTimeout(this.#tooLate)
    clearTimeout(this.#drainTimer)
    this.#http2?.destroy(reason)
    this.#socket.destroy()
    this.#options.onClose(reason)
  }
}

const FIELDS = [
  ['content-type', 'application/grpc'],
  ['te', 'trailers'],
  // etcd then answers "no leader" at once, instead of letting the call hang.
  ['hasleader', 'true'],
] as const
