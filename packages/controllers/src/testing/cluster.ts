// A test server with the controllers in it, a client of it, and patience.
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { type KubeClient, createClient, createHttp2Transport } from '@keelson/client'

/** What startTestServer() gives. */
export interface ServerConnection {
  readonly url: string
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string
}

export function clientOf({ url, ca, clientCertificate, clientKey }: ServerConnection): KubeClient {
  return createClient(
    createHttp2Transport({
      server: url,
      ca: Buffer.from(ca),
      cert: Buffer.from(clientCertificate),
      key: Buffer.from(clientKey),
      token: undefined,
    }),
  )
}

/** Undefined: there is none. */
export async function find(client: KubeClient, path: string): Promise<KubeObject | undefined> {
  try {
    return await client.get(path)
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined
    throw error
  }
}

/** Asks until the answer is not undefined or false. Throws after 20 s, saying what it waited for. */
export async function until<Answer>(what: string, ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${what}`)
    await delay(20)
  }
}

export const gone = (client: KubeClient, path: string): Promise<true> =>
  until(`${path} is gone`, async () => (await find(client, path)) === undefined)
