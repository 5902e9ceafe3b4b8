// What a controller manager answers over HTTPS: /healthz, /livez and /readyz to everyone, /metrics to whoever has a certificate
// of the clients' authority.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import https from 'node:https'
import type { ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { HealthChecks, Metrics } from '@keelson/component'
import type { ServingSettings } from './controller-manager-flags.ts'

export interface Serving {
  readonly settings: ServingSettings
  readonly clusterCa: Buffer | undefined
  readonly health: readonly HealthChecks[]
  readonly metrics: Metrics
}

/** Resolves when it listens; rejects when it cannot. */
export async function serve({ settings, clusterCa, health, metrics }: Serving): Promise<https.Server> {
  const { pair, clientCaFile, address, port } = settings
  const ca = clientCaFile === undefined ? clusterCa : await readFile(clientCaFile)
  const certificate =
    pair === undefined ? await selfSigned() : { cert: await readFile(pair.certFile), key: await readFile(pair.keyFile) }
  const server = https.createServer({
    ...certificate,
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: false }),
  })
  server.on('request', (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost')
    const answer = async (): Promise<void> => {
      const checks = health.find(({ endpoint }) => pathname === `/${endpoint}` || pathname.startsWith(`/${endpoint}/`))
      if (request.method !== 'GET' && request.method !== 'HEAD') end(response, 405, 'Method Not Allowed\n')
      else if (checks !== undefined) {
        const { code, body } = await checks.answer(pathname.slice(checks.endpoint.length + 2), searchParams)
        end(response, code, body)
      } else if (pathname !== '/metrics') end(response, 404, '404 page not found\n')
      // A server over TLS has TLS sockets.
      else if (!(request.socket as TLSSocket).authorized) end(response, 401, 'Unauthorized\n')
      else {
        const { contentType, body } = await metrics.expose()
        end(response, 200, body, contentType)
      }
    }
    answer().catch((error: unknown) => end(response, 500, `${String(error)}\n`))
  })
  server.listen(port, address)
  await once(server, 'listening')
  return server
}

function end(response: ServerResponse, code: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(code, { 'content-type': contentType, 'x-content-type-options': 'nosniff' }).end(body)
}

async function selfSigned(): Promise<{ cert: string; key: string }> {
  const { issueCertificate } = await import('@keelson/cluster/certificates')
  const { certificate, key } = await issueCertificate({
    commonName: 'localhost',
    uses: ['server'],
    names: ['localhost', '127.0.0.1', '::1'],
  })
  return { cert: certificate, key }
}
