// What a supervisor and a load balancer see of an API server: TLS, /readyz, /readyz/balancer, draining on SIGTERM. For tests.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  strict: false,
  options: {
    'secure-port': { type: 'string' },
    'tls-cert-file': { type: 'string' },
    'tls-private-key-file': { type: 'string' },
  },
})
let draining = false
const server = createServer(
  { cert: readFileSync(String(values['tls-cert-file'])), key: readFileSync(String(values['tls-private-key-file'])) },
  (request, response) => {
    if (request.url === '/readyz/balancer' && draining) response.statusCode = 404
    response.end(`${process.pid}`)
  },
)
server.listen(Number(values['secure-port']), '127.0.0.1')
process.once('SIGTERM', () => {
  draining = true
  server.close()
  server.closeAllConnections()
})
