// One way to send a request, two transports: HTTP/1.1 (a keep-alive agent, a connection a watch) and HTTP/2 (one session,
// many streams; a new session when the old one has ended or says goodbye).
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { Readable } from 'node:stream'
import type { ConnectionConfig } from './kubeconfig.ts'

export interface TransportRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  readonly signal?: AbortSignal
}

export interface TransportResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Ends with an error when the connection is cut. Must be read or destroyed. */
  readonly body: Readable
}

export interface Transport {
  /** Rejects with the socket's error when no answer came (ConnectionError.sent says whether the request went out). */
  request(request: TransportRequest): Promise<TransportResponse>
  close(): void
}

/** The request got no answer. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** False: the connection was never made, the server cannot have seen the request. */
  readonly sent: boolean
  constructor(cause: Error, sent: boolean) {
    super(cause.message, { cause })
    this.sent = sent
  }
}

const isBeforeConnect = (error: NodeJS.ErrnoException): boolean =>
  error.syscall === 'connect' || error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND'

/** On a connection used before: the server closed it while the request was on its way. Go's client sends a GET again, too. */
const isReset = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNRESET' || error.code === 'EPIPE'

export function createHttp1Transport(config: ConnectionConfig): Transport {
  const url = new URL(config.server)
  const secure = url.protocol === 'https:'
  const agentOptions = { keepAlive: true, maxSockets: Infinity, ca: config.ca, cert: config.cert, key: config.key }
  const agent = secure ? new https.Agent(agentOptions) : new http.Agent({ keepAlive: true })
  const authorization = config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }
  return {
    request({ method, path, headers, body, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>()
      const send = (isAgain: boolean): void => {
        const request = (secure ? https : http).request(
          {
            hostname: url.hostname,
            port: url.port,
            path,
            method,
            agent,
            ...(signal && { signal }),
            headers: {
              ...authorization,
              ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
              ...headers,
            },
          },
          (response) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response }),
        )
        request.on('error', (error) => {
          if (!isAgain && method === 'GET' && request.reusedSocket && isReset(error)) send(true)
          else reject(new ConnectionError(error, !isBeforeConnect(error)))
        })
        request.end(body)
      }
      send(false)
      return promise
    },
    close: () => agent.destroy(),
  }
}

export function createHttp2Transport(config: ConnectionConfig): Transport {
  const authorization = config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }
  let session: http2.ClientHttp2Session | undefined
  const open = (): http2.ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session
    const fresh = http2.connect(config.server, {
      ...(config.ca && { ca: config.ca }),
      ...(config.cert && { cert: config.cert }),
      ...(config.key && { key: config.key }),
      settings: { initialWindowSize: 1 << 20 },
    })
    fresh.setMaxListeners(0) // Each request that comes before the connection is there waits for `connect`.
    fresh.on('error', () => {}) // Every stream of the session gets the error too, and reports it.
    fresh.on('goaway', () => {
      if (session === fresh) session = undefined // Streams that are open go on; new ones take a new session.
    })
    session = fresh
    return fresh
  }
  return {
    request({ method, path, headers, body, signal }) {
      const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>()
      const used = open()
      let connected = !used.connecting
      if (!connected) used.once('connect', () => (connected = true))
      let stream: http2.ClientHttp2Stream
      try {
        stream = used.request(
          { ':method': method, ':path': path, ...authorization, ...headers },
          { ...(signal && { signal }), endStream: body === undefined },
        )
      } catch (error) {
        if (session === used) session = undefined
        return Promise.reject(new ConnectionError(error as Error, false)) // request() throws Errors only.
      }
      stream.on('response', (found) =>
        resolve({ status: found[':status'] ?? 0, headers: found as TransportResponse['headers'], body: stream }),
      ) // Node's header type, less its numeric pseudo-header.
      stream.on('error', (error) => reject(new ConnectionError(error, connected)))
      stream.on('close', () => reject(new ConnectionError(new Error('stream closed without an answer'), connected)))
      if (body !== undefined) stream.end(body)
      return promise
    },
    close: () => session?.destroy(),
  }
}
