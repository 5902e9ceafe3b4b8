// One API server on an embedded store: what `keelson dev` runs and what startTestServer() gives to tests.
import { closeSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
// Not the whole package: loading the supervisor would cost each start 30 ms.
import { makeFolder } from '@keelson/cluster/folder'
import { ensureCertificates } from '@keelson/cluster/certificates'
import { writeKubeconfig } from '@keelson/cluster/kubeconfig'
import type { Logger, LogLevel } from '@keelson/component'
import { createLogger } from '@keelson/component'
import { createApiServer } from '@keelson/server'
import type { Storage } from '@keelson/storage'
import { createSqliteStorage } from '@keelson/storage'
import { featureGates as gatesOf, served } from './switches.ts'
import { UserError } from './user-error.ts'

export interface DevServerOptions {
  /** 0: any free one. */
  readonly port: number
  /** A file or `:memory:`; undefined: dev.db in the state folder. */
  readonly data: string | undefined
  readonly stateDir: string
  readonly logLevel?: LogLevel
  /** Lines of `token,user,uid,"group,group"`. */
  readonly tokenAuthFile?: string
  readonly serviceClusterIpRange?: string
  /** As --runtime-config and --feature-gates of kube-apiserver: `apps/v1=false`, `WatchList=false`. */
  readonly runtimeConfig?: readonly string[]
  readonly featureGates?: readonly string[]
  /** Namespaces are emptied and garbage is collected; from the moment that the server is ready. True by default. */
  readonly controllers?: boolean
}

export interface DevServer {
  /** `https://127.0.0.1:PORT` */
  readonly url: string
  readonly kubeconfigFile: string
  readonly pkiDirectory: string
  stop(): Promise<void>
}

/** Resolves when the server is ready. */
export async function startDevServer({
  port,
  data,
  stateDir,
  logLevel = 'warn',
  tokenAuthFile,
  serviceClusterIpRange = '10.96.0.0/16',
  runtimeConfig = [],
  featureGates = [],
  controllers = true,
}: DevServerOptions): Promise<DevServer> {
  const switches = { served: served(runtimeConfig), featureGates: gatesOf(featureGates) }
  const directory = resolve(stateDir)
  const pki = join(directory, 'pki')
  makeFolder(directory, 0o700)
  await ensureCertificates(pki, { only: ['ca', 'apiserver', 'admin'] })
  const storage = await openStore(data ?? join(directory, 'dev.db'))
  const logger = createLogger({ component: 'apiserver', level: logLevel })
  try {
    const server = await createApiServer({
      storage,
      bindAddress: '127.0.0.1',
      port,
      tls: {
        certFile: join(pki, 'apiserver.crt'),
        keyFile: join(pki, 'apiserver.key'),
        clientCaFile: join(pki, 'ca.crt'),
      },
      ...(tokenAuthFile !== undefined && { tokenAuthFile }),
      serviceClusterIpRange,
      serviceNodePortRange: '30000-32767',
      // Loopback may not be in Endpoints, and this server listens nowhere else.
      endpointReconcilerType: 'none',
      shutdownDelayMs: 0,
      ...switches,
      logger,
    })
    await server.ready
    const url = `https://127.0.0.1:${server.port}`
    const running = controllers ? controllersOf(url, pki, logger) : undefined
    return {
      url,
      pkiDirectory: pki,
      kubeconfigFile: writeKubeconfig(directory, 'dev', { server: url, user: 'admin', certificate: 'admin' }),
      async stop() {
        await (await running)?.stop()
        await server.shutdown()
        await storage[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await storage[Symbol.asyncDispose]()
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new UserError(`Port ${port} is taken: stop what uses it or choose another --port.`)
    }
    throw error
  }
}

/** Loaded only now: a server is ready without them. */
async function controllersOf(url: string, pkiDirectory: string, logger: Logger): Promise<{ stop(): Promise<void> }> {
  // The turn in which the server became ready belongs to whoever waits for that.
  await new Promise(setImmediate)
  const { startInProcessControllers } = await import('./in-process-controllers.ts')
  return startInProcessControllers({ url, pkiDirectory, logger })
}

async function openStore(file: string): Promise<Storage> {
  try {
    // It holds Secrets; SQLite gives its journals the mode of the database.
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))
    return await createSqliteStorage({ file })
  } catch (error) {
    throw new UserError(`The store ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Until `stopped`. */
export async function runDevServer(options: DevServerOptions, stopped: Promise<unknown>): Promise<void> {
  const server = await Promise.race([startDevServer(options), stopped.then(() => undefined)])
  // Stopped before it was ready: nobody is being served, and the store survives any end.
  if (server === undefined) process.exit(1)
  // uptime counts from the start of the process, so the time that Node needs is in it.
  const tookMs = Math.round(process.uptime() * 1000)
  console.log(`Keelson is ready after ${tookMs} ms: ${server.url}  export KUBECONFIG=${server.kubeconfigFile}`)
  await stopped
  await server.stop()
  process.exit(0)
}
