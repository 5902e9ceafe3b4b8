// One HTTP/2 connection to one etcd member, and gRPC calls on it.
//
// Straight on node:http2: half the CPU per call of a general gRPC library, 8 MB windows, and it is known what became of
// a request: never sent, refused, or sent and not answered.
//
//   connecting ──SETTINGS received──> open ──GOAWAY──> draining
//       └────────────┴── refused, reset, silent, closed ──┴──> closed (for good: the pool makes another)
//
// A member that hangs (paused, cut off) is noticed by its silence: when an open call has heard nothing for
// SILENCE_BEFORE_PROBE_MS, a read that needs no quorum is sent, and no answer to that ends the connection. HTTP/2 PINGs
// would not do: etcd takes more than a few within 5 s for abuse.
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { ConnectionLost, EtcdError } from './faults.ts'
import { METHOD, ZERO_BYTE, encodeRange } from './messages.ts'

export interface TlsFiles {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export interface ConnectionOptions {
  /** `https://127.0.0.1:2379` */
  readonly endpoint: string
  /** Read anew for each connection, so that rotated files are taken up. */
  readonly tls: TlsFiles | undefined
  readonly connectTimeoutMs: number
  /** How long a probe may stay unanswered. */
  readonly probeTimeoutMs: number
  readonly onOpen: () => void
  readonly onClose: (error: Error) => void
}

const WINDOW_BYTES = 8 * 1024 * 1024
const CONNECTION_WINDOW_BYTES = 64 * 1024 * 1024
const SESSION_MEMORY_MB = 512
const SILENCE_BEFORE_PROBE_MS = 400
const TICK_MS = 100

const PROBE = encodeRange({ key: ZERO_BYTE, serializable: true, countOnly: true })

export class Connection {
  readonly endpoint: string
  state: 'connecting' | 'open' | 'draining' | 'closed' = 'connecting'
  readonly #options: ConnectionOptions
  readonly #session: ClientHttp2Session
  readonly #ticker: NodeJS.Timeout
  /** Calls that wait for something from the member. */
  #openCalls = 0
  #lastHeardMs = 0
  #probeSentMs = 0
  #lastTickMs = 0
  #error: Error | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.endpoint = options.endpoint
    this.#session = connect(options)
    const tooLate = setTimeout(() => this.#close(new Error('no answer to the connection')), options.connectTimeoutMs)
    // A paused member's kernel accepts connections: only its SETTINGS show that it is alive.
    this.#session.once('remoteSettings', () => {
      clearTimeout(tooLate)
      if (this.state !== 'connecting') return
      this.state = 'open'
      options.onOpen()
    })
    this.#session.once('connect', () => {
      if (this.state === 'connecting') this.#session.setLocalWindowSize(CONNECTION_WINDOW_BYTES)
    })
    this.#session.on('error', (error) => this.#close(error))
    // A TLS alert after the handshake (a client certificate that is not accepted) is told only here.
    this.#session.socket.on('error', (error) => this.#close(error))
    this.#session.on('goaway', () => {
      if (this.state === 'open') this.state = 'draining'
    })
    this.#session.once('close', () => {
      clearTimeout(tooLate)
      this.#close(new Error('the connection was closed'))
    })
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
  }

  /** One request, one response (the message without its prefix). Throws EtcdError or ConnectionLost. */
  unary(method: string, message: Buffer, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = this.#request(method)
      const chunks: Buffer[] = []
      let status: IncomingHttpHeaders | undefined
      const timer = setTimeout(() => stream.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
      stream.on('response', (headers) => {
        this.heard()
        if (headers['grpc-status'] !== undefined) status = headers
      })
      stream.on('trailers', (headers) => {
        status = headers
      })
      stream.on('data', (chunk: Buffer) => {
        this.heard()
        chunks.push(chunk)
      })
      let failure: unknown
      stream.on('error', (error) => {
        failure = error
      })
      stream.on('close', () => {
        clearTimeout(timer)
        this.#openCalls--
        if (status === undefined) reject(this.#lost(stream, failure))
        else if (status['grpc-status'] !== '0') reject(statusError(status))
        else resolve(Buffer.concat(chunks).subarray(5))
      })
      stream.end(message)
    })
  }

  /** A call with messages both ways. The caller reads the stream, tells heard(), and destroys it. Throws ConnectionLost. */
  stream(method: string): ClientHttp2Stream {
    const stream = this.#request(method)
    stream.on('response', () => this.heard())
    stream.on('close', () => this.#openCalls--)
    return stream
  }

  /** The member gave a sign of life. */
  heard(): void {
    this.#lastHeardMs = performance.now()
  }

  destroy(): void {
    this.#close(new Error('the storage is closed'))
  }

  #request(method: string): ClientHttp2Stream {
    if (this.state !== 'open') throw new ConnectionLost(`${this.endpoint} is ${this.state}`, false, this.#error)
    try {
      const stream = this.#session.request({
        ':method': 'POST',
        ':path': method,
        'content-type': 'application/grpc',
        te: 'trailers',
        // etcd then answers "no leader" at once, instead of letting the call hang.
        hasleader: 'true',
      })
      if (this.#openCalls++ === 0) this.heard()
      return stream
    } catch (error) {
      throw new ConnectionLost(`${this.endpoint}: ${String(error)}`, false, error)
    }
  }

  #lost(stream: ClientHttp2Stream, failure: unknown): ConnectionLost {
    const reason = failure ?? this.#error ?? 'the connection was closed'
    const refused = stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM
    return new ConnectionLost(
      `${this.endpoint}: ${reason instanceof Error ? reason.message : String(reason)}`,
      !refused,
      reason,
    )
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

  #close(error: Error): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#error = error
    clearInterval(this.#ticker)
    this.#session.destroy()
    this.#options.onClose(error)
  }
}

function connect(options: ConnectionOptions): ClientHttp2Session {
  const { tls } = options
  return http2.connect(options.endpoint, {
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    maxSessionMemory: SESSION_MEMORY_MB,
    ...(tls?.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) }),
    ...(tls?.certFile === undefined ? {} : { cert: readFileSync(tls.certFile) }),
    ...(tls?.keyFile === undefined ? {} : { key: readFileSync(tls.keyFile) }),
  })
}

export function statusError(headers: IncomingHttpHeaders): EtcdError {
  return new EtcdError(Number(headers['grpc-status']), percentDecoded(String(headers['grpc-message'] ?? '')))
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A message with a lone percent sign: shown as it came.
  }
}
