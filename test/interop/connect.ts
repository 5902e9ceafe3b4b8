// Connections of the administrator to both servers.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Connection } from '../conformance/connection.ts'
import type { BothServers } from './both-servers.ts'
import type { Pair } from './fuzz/pair.ts'

const TOKENS = join(import.meta.dirname, '../conformance/tokens.csv')

export function connect(
  { upstream: real, keelson: ours }: BothServers,
  { ignoreManagedFields }: Pick<Pair, 'ignoreManagedFields'>,
): Pair & AsyncDisposable {
  const read = (file: string): Buffer => readFileSync(join(real.pki, file))
  const credentials = { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key'), tokensFile: TOKENS }
  const upstream = new Connection({ server: real.url, ...credentials })
  const keelson = new Connection({
    server: ours.url,
    ca: ours.ca,
    cert: ours.clientCertificate,
    key: ours.clientKey,
    tokensFile: TOKENS,
  })
  return {
    upstream,
    keelson,
    ignoreManagedFields,
    async [Symbol.asyncDispose]() {
      upstream.close()
      keelson.close()
    },
  }
}
