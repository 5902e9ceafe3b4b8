// A whole API server for tests: SQLite in memory, real TLS, a port of its own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStorage, type Storage } from '@keelson/storage'
import type { ApiServer, ApiServerOptions, ServerLogger } from '../server-options.ts'
import { createApiServer } from '../server.ts'
import { type Identity, TestAuthority } from './certificates.ts'
import { TestClient } from './test-client.ts'

export class TestServer {
  readonly api: ApiServer
  readonly storage: Storage
  readonly authority: TestAuthority
  readonly directory: string
  readonly #clients: TestClient[] = []

  private constructor(api: ApiServer, storage: Storage, authority: TestAuthority, directory: string) {
    this.api = api
    this.storage = storage
    this.authority = authority
    this.directory = directory
  }

  /** Resolves when the server is ready. `tokens`: the lines of a token file. */
  static async start(options: Partial<ApiServerOptions> & { readonly tokens?: string } = {}): Promise<TestServer> {
    const directory = await mkdtemp(join(tmpdir(), 'keelson-server-'))
    const authority = await TestAuthority.make()
    const storage = options.storage ?? (await createSqliteStorage({ file: ':memory:' }))
    const tokenAuthFile = join(directory, 'tokens.csv')
    await writeFile(tokenAuthFile, options.tokens ?? '')
    const api = await createApiServer({
      storage,
      bindAddress: '127.0.0.1',
      port: 0,
      tls: await authority.writeServerFiles(directory),
      tokenAuthFile,
      serviceClusterIpRange: '10.0.0.0/24',
      serviceNodePortRange: '30000-32767',
      endpointReconcilerType: 'none',
      shutdownDelayMs: 0,
      logger: quiet,
      ...options,
    })
    await api.ready
    return new TestServer(api, storage, authority, directory)
  }

  /** An administrator by default; `null`: nobody, a client without a certificate. */
  async client(httpVersion: '1.1' | '2', subject: string | null = 'CN=admin,O=system:masters'): Promise<TestClient> {
    const identity: Identity | undefined = subject === null ? undefined : await this.authority.sign(subject, 'client')
    const client = new TestClient(httpVersion, this.api.port, this.authority.caCertificate, identity)
    this.#clients.push(client)
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.api.shutdown()
    await this.storage[Symbol.asyncDispose]()
    await rm(this.directory, { recursive: true })
  }
}

const ignore = (): void => {}
const quiet: ServerLogger = { info: ignore, warn: ignore, error: (fields, message) => console.error(message, fields) }
