// The controllers inside a development server: clients of it like any other, over its own port, without an election.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, createHttp2Transport } from '@keelson/client'
import type { Logger } from '@keelson/component'
import { controllerNames, runControllers } from '@keelson/controllers'
import { VERSION } from './version.ts'

export interface InProcessControllersOptions {
  readonly url: string
  readonly pkiDirectory: string
  readonly logger: Logger
}

/**
 * There is one server and it sees its own writes at once: what is being created in a namespace while it is marked is in the store
 * long before this.
 */
const NAMESPACE_DELAY_MS = 250

/** Returns at once; `stop` resolves when nothing of them is left. */
export function startInProcessControllers({ url, pkiDirectory, logger }: InProcessControllersOptions): {
  stop(): Promise<void>
} {
  const read = (file: string): Buffer => readFileSync(join(pkiDirectory, file))
  const transport = createHttp2Transport({
    server: url,
    ca: read('ca.crt'),
    cert: read('admin.crt'),
    key: read('admin.key'),
    token: undefined,
  })
  const client = createClient(transport, { userAgent: `keelson-controllers/${VERSION}`, retries: true })
  const ending = new AbortController()
  const ended = runControllers(
    controllerNames(),
    { logger, client: () => client, namespaceDelayMs: NAMESPACE_DELAY_MS },
    ending.signal,
  ).catch((error: unknown) => logger.error({ err: error }, 'the controllers have ended'))
  return {
    async stop() {
      ending.abort(new Error('the server is stopping'))
      await ended
      transport.close()
    },
  }
}
