// HTTP/2: many streams over few sessions. A session takes as many streams as the server allows (a garbage collector has a watch
// for every resource, and servers allow 100); the next stream opens another one. A session that said GOAWAY gets no new
// streams; one that does not answer a PING is cut, so that its watches are opened elsewhere (a paused server, a lost network).
import http2 from 'node:http2'
import type { ConnectionConfig } from './kubeconfig.ts'
import { ConnectionError, type Transport, type TransportResponse } from './transport.ts'

/** client-go's figures: a PING after 30 s, and 15 s for its answer. */
const PING_EVERY_MS = 30_000
const PING_TIMEOUT_MS = 15_000
/** Until the server has said how many streams it allows. */
const USUAL_STREAM_LIMIT = 100

export interface Http2Options {
  readonly pingEveryMs?: number
  readonly pingTimeoutMs?: number
}

export function createHttp2Transport(config: ConnectionConfig, options: Http2Options = {}): Transport {
  const authorization = config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }
  const sessions = new Set<Session>()
  let isClosed = false
  const open = (): Session => {
    for (const session of sessions) if (session.hasRoom) return session
    const fresh = new Session(config, options, () => sessions.delete(fresh))
    sessions.add(fresh)
    return fresh
  }
  return {
    request({ method, path, headers, body, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>()
      if (isClosed) return Promise.reject(new ConnectionError(new Error('the transport is closed'), false))
      const session = open()
      let stream: http2.ClientHttp2Stream
      try {
        stream = session.http.request(
          { ':method': method, ':path': path, ...authorization, ...headers },
          { ...(signal && { signal }), endStream: body === undefined },
        )
      } catch (error) {
        sessions.delete(session)
        return Promise.reject(new ConnectionError(error as Error, false)) // request() throws Errors only.
      }
      session.streams++
      stream.on('response', (found) =>
        resolve({ status: found[':status'] ?? 0, headers: found as TransportResponse['headers'], body: stream }),
      ) // Node's header type, less its numeric pseudo-header.
      stream.on('error', (error) => reject(new ConnectionError(error, session.isConnected)))
      stream.on('close', () => {
        session.streams--
        if (session.streams === 0 && sessions.size > 1) session.http.close()
        reject(new ConnectionError(new Error('stream closed without an answer'), session.isConnected))
      })
      if (body !== undefined) stream.end(body)
      return promise
    },
    close() {
      isClosed = true
      for (const { http } of sessions) http.destroy()
    },
  }
}

class Session {
  readonly http: http2.ClientHttp2Session
  /** Open now. */
  streams = 0
  isConnected = false
  #isLeaving = false

  constructor(config: ConnectionConfig, options: Http2Options, ended: () => void) {
    this.http = http2.connect(config.server, {
      ...(config.ca && { ca: config.ca }),
      ...(config.cert && { cert: config.cert }),
      ...(config.key && { key: config.key }),
      settings: { initialWindowSize: 1 << 20 },
    })
    this.http.setMaxListeners(0) // Each request that comes before the connection is there waits for `connect`.
    this.http.on('error', () => {}) // Every stream of the session gets the error too, and reports it.
    this.http.once('connect', () => (this.isConnected = true))
    this.http.on('goaway', () => (this.#isLeaving = true)) // Streams that are open go on; new ones take another session.
    const pinging = setInterval(
      () => this.#ping(options.pingTimeoutMs ?? PING_TIMEOUT_MS),
      options.pingEveryMs ?? PING_EVERY_MS,
    )
    pinging.unref()
    this.http.once('close', () => {
      clearInterval(pinging)
      ended()
    })
  }

  get hasRoom(): boolean {
    const { closed, destroyed, remoteSettings } = this.http
    if (this.#isLeaving || closed || destroyed) return false
    const allowed = this.isConnected ? remoteSettings?.maxConcurrentStreams : undefined
    return this.streams < (allowed ?? USUAL_STREAM_LIMIT)
  }

  #ping(timeoutMs: number): void {
    if (!this.isConnected || this.http.destroyed) return
    const late = setTimeout(() => this.http.destroy(new Error('the server did not answer a PING')), timeoutMs)
    late.unref()
    this.http.ping(() => clearTimeout(late))
  }
}
