// startTestServer(): a real API server inside a test, on a free port, with nothing left behind.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDevServer } from './dev-server.ts'

export interface TestServerOptions {
  /** A file that outlives the server; `:memory:` by default. */
  readonly data?: string
  /** A free one by default. */
  readonly port?: number
  /** Users besides the administrator: lines of `token,user,uid,"group,group"`. */
  readonly tokenAuthFile?: string
  /** `10.96.0.0/16` by default. */
  readonly serviceClusterIpRange?: string
  /** As --runtime-config of kube-apiserver: `['apps/v1=false']`. */
  readonly runtimeConfig?: readonly string[]
  /** As --feature-gates: `['WatchList=false']`. */
  readonly featureGates?: readonly string[]
  /** True: deleted namespaces are emptied and end, owned objects go with their owners. False by default. */
  readonly controllers?: boolean
}

/** The administrator's credentials are PEM text, for any HTTP client. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly kubeconfigFile: string
  readonly ca: string
  readonly clientCertificate: string
  readonly clientKey: string
  stop(): Promise<void>
}

export async function startTestServer({
  data = ':memory:',
  port = 0,
  controllers = false,
  ...options
}: TestServerOptions = {}): Promise<TestServer> {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-test-'))
  const removeFiles = (): void => rmSync(stateDir, { recursive: true, force: true })
  try {
    const server = await startDevServer({ ...options, port, data, controllers, stateDir, logLevel: 'error' })
    const read = (file: string): string => readFileSync(join(server.pkiDirectory, file), 'utf8')
    const stop = async (): Promise<void> => {
      await server.stop()
      removeFiles()
    }
    return {
      url: server.url,
      kubeconfigFile: server.kubeconfigFile,
      ca: read('ca.crt'),
      clientCertificate: read('admin.crt'),
      clientKey: read('admin.key'),
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    removeFiles()
    throw error
  }
}
