// HTTP/1.1: a keep-alive agent, and a connection for every watch.
import http from 'node:http'
import https from 'node:https'
import type { ConnectionConfig } from './kubeconfig.ts'
import { ConnectionError, type Transport, type TransportResponse } from './transport.ts'

export function createHttp1Transport(config: ConnectionConfig): Transport {
  const url = new URL(config.server)
  const secure = url.protocol === 'https:'
  const agentOptions = { keepAlive: true, maxSockets: Infinity, ca: config.ca, cert: config.cert, key: config.key }
  const agent = secure ? new https.Agent(agentOptions) : new http.Agent({ keepAlive: true })
  let isClosed = false
  const authorization = config.token === undefined ? {} : { authorization: `Bearer ${config.token}` }
  return {
    request({ method, path, headers, body, signal }) {
      if (isClosed) return Promise.reject(new ConnectionError(new Error('the transport is closed'), false))
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
    close() {
      isClosed = true
      agent.destroy()
    },
  }
}

const isBeforeConnect = (error: NodeJS.ErrnoException): boolean =>
  error.syscall === 'connect' || error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND'

/** On a connection used before: the server closed it while the request was on its way. Go's client sends a GET again, too. */
const isReset = (error: NodeJS.ErrnoException): boolean => error.code === 'ECONNRESET' || error.code === 'EPIPE'
