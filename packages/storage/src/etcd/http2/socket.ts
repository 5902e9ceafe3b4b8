// The socket to a member: TCP, or TLS that has agreed on `h2`.
import { readFileSync } from 'node:fs'
import { type Socket, connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface TlsFiles {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export interface SocketEvents {
  /** It is connected, and the member is who it should be. */
  onConnect(): void
  onError(error: Error): void
}

/** `tls` is for https, read anew each time. @throws when a file cannot be read or the endpoint is none */
export function openSocket(endpoint: string, tls: TlsFiles | undefined, events: SocketEvents): Socket {
  const url = new URL(endpoint)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol !== 'https:') {
    const socket = connectTcp({ host, port: Number(url.port || 80), noDelay: true }, () => events.onConnect())
    return socket.on('error', (error) => events.onError(error))
  }
  const socket = connectTls({
    host,
    port: Number(url.port || 443),
    ALPNProtocols: ['h2'],
    // A name for SNI; the certificate is checked against the host either way.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(tls?.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) }),
    ...(tls?.certFile === undefined ? {} : { cert: readFileSync(tls.certFile) }),
    ...(tls?.keyFile === undefined ? {} : { key: readFileSync(tls.keyFile) }),
  })
  socket.setNoDelay(true)
  socket.once('secureConnect', () => {
    if (socket.alpnProtocol === 'h2') events.onConnect()
    else socket.destroy(new Error('the member does not speak HTTP/2'))
  })
  // A TLS alert after the handshake (a client certificate that is not accepted) comes here, too.
  return socket.on('error', (error) => events.onError(error))
}
