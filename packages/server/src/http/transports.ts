// The one TLS port. ALPN decides what a connection speaks; node:http (for HTTP/1.1) and ../http2 are given finished TLS
// sockets. Either way a request becomes a RequestContext.
//
//   socket → TLS (1.2+, client certificate asked for, not required) → ALPN ─ h2 ──────→ Http2Context ─┐
//                                                                          └ http/1.1 → Http1Context ─┴→ onRequest
import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { yieldToLoop } from '@keelson/component'
import type { ClientCertificate, RequestContext } from '../context.ts'
import type { ServerLogger, TlsFiles } from '../server-options.ts'
import { clientCertificateOf, readTlsMaterial, type TlsMaterial, watchTlsFiles } from './certificates.ts'
import { HandshakeQueue } from './handshake-queue.ts'
import { IDLE_TIMEOUT_MS } from '../http2/limits.ts'
import { Http1Context } from './http1.ts'
import { Http2Client } from './http2.ts'

export interface TransportOptions {
  readonly bindAddress: string
  readonly port: number
  readonly tls: TlsFiles
  readonly logger: ServerLogger
  /** Must not throw. */
  readonly onRequest: (context: RequestContext) => void
}

export interface Transports {
  readonly port: number
  readonly connections: number
  /** The answers of HTTP/1.1 say `connection: close` from now on: a connection closed while idle could meet a request on its way. */
  sendAway(): void
  /** No new connections. */
  stopListening(): void
  /** HTTP/2: GOAWAY with the maximum stream id, a PING round trip, then close. HTTP/1.1: idle connections are closed. */
  drain(): Promise<void>
  /** Resolves when what was written is with the clients, or a second later. */
  flushed(): Promise<void>
  /** Cuts what is left. */
  close(): Promise<void>
}

/** Headers must be here this long after the first byte; and a whole HTTP/1.1 request after REQUEST_TIMEOUT_MS. */
const HEADERS_TIMEOUT_MS = 32_000
const REQUEST_TIMEOUT_MS = 65_000
const MAX_HEADER_BYTES = 1024 * 1024

const FLUSH_PATIENCE_MS = 1_000
const LOOK_AT_TIMEOUTS_MS = 5_000

export async function listen(options: TransportOptions): Promise<Transports> {
  const { logger, onRequest } = options
  const sockets = new Set<TLSSocket>()
  const http2Clients = new Set<Http2Client>()
  const certificates = new WeakMap<object, ClientCertificate>()
  let draining = false
  const isDraining = (): boolean => draining

  const http1 = createHttp1Server(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
    },
    (request: IncomingMessage, response: ServerResponse) => {
      if (draining) response.shouldKeepAlive = false
      onRequest(
        new Http1Context(request, response, originForm(request.url), certificates.get(request.socket), isDraining),
      )
    },
  )
  // Node begins to check header and request timeouts when a server listens. This one never does: it is handed its sockets.
  http1.emit('listening')

  const acceptHttp2 = (socket: TLSSocket, certificate: ClientCertificate | undefined): void => {
    const client = new Http2Client(socket, certificate, onRequest, (error) => {
      http2Clients.delete(client)
      if (error !== undefined) logger.info({ err: error }, 'an HTTP/2 connection broke')
    })
    http2Clients.add(client)
  }
  const timeouts = setInterval(() => {
    const now = performance.now()
    for (const { connection } of http2Clients) connection.checkTimeouts(now)
  }, LOOK_AT_TIMEOUTS_MS)
  timeouts.unref()

  const tlsServer = createTlsServer({
    ...secureContext(await readTlsMaterial(options.tls)),
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: options.tls.clientCaFile !== undefined,
    rejectUnauthorized: false,
    handshakeTimeout: 10_000,
  })
  tlsServer.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const certificate = clientCertificateOf(socket)
    if (socket.alpnProtocol === 'h2') return acceptHttp2(socket, certificate)
    if (certificate !== undefined) certificates.set(socket, certificate)
    http1.emit('connection', socket)
  })
  const stopWatching = watchTlsFiles(
    options.tls,
    (material) => tlsServer.setSecureContext(secureContext(material)),
    logger,
  )

  // node:tls wraps what it is handed as it wraps what it accepts itself.
  const handshakes = new HandshakeQueue((socket) => tlsServer.emit('connection', socket))
  const tcpServer = createTcpServer(
    { pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 },
    (socket) => handshakes.add(socket),
  )
  tcpServer.listen(options.port, options.bindAddress)
  await once(tcpServer, 'listening')

  return {
    // A server that listens on TCP has an AddressInfo.
    port: (tcpServer.address() as AddressInfo).port,
    get connections() {
      return sockets.size
    },
    sendAway() {
      draining = true
    },
    stopListening() {
      tcpServer.close()
    },
    async drain() {
      draining = true
      // A busy server has not read all that has arrived: a connection may only look idle. Two turns of the loop read it.
      await yieldToLoop()
      await yieldToLoop()
      http1.closeIdleConnections()
      await Promise.all([...http2Clients].map(({ connection }) => connection.leave()))
    },
    async flushed() {
      const end = performance.now() + FLUSH_PATIENCE_MS
      const busy = (): boolean =>
        [...sockets].some((socket) => socket.writableLength > 0) ||
        [...http2Clients].some(({ bufferedBytes }) => bufferedBytes > 0)
      while (busy() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    async close() {
      stopWatching()
      tcpServer.close()
      handshakes.close()
      http1.close()
      clearInterval(timeouts)
      for (const { connection } of http2Clients) connection.destroy()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const secureContext = ({ cert, key, ca }: TlsMaterial): object => ({
  cert,
  key,
  ...(ca && { ca }),
  minVersion: 'TLSv1.2',
})

/** A proxy's `GET https://host/path` is the same request as `GET /path`. */
function originForm(url: string | undefined): string {
  if (url === undefined || url.startsWith('/')) return url ?? '/'
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(url)
  return scheme === null ? url : url.slice(scheme[0].length) || '/'
}
