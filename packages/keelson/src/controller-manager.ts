// One controller manager as a process: flags, election, controllers, health and metrics, and an orderly end on SIGTERM.
//
// A leader that loses its lease ends with code 1, as upstream's does: whoever started it starts it again, and nothing of the time
// when it led is left in memory.
import {
  type ClientOptions,
  type ConnectionConfig,
  type KubeClient,
  TokenBucket,
  createClient,
  createHttp2Transport,
  loadKubeconfig,
  runLeaderElection,
} from '@keelson/client'
import {
  HealthChecks,
  type HealthCheck,
  Metrics,
  Shutdown,
  createLogger,
  pingCheck,
  registerProcessMetrics,
} from '@keelson/component'
import { controllerMetrics, runControllers } from '@keelson/controllers'
import {
  type ControllerManagerSettings,
  controllerManagerHelp,
  controllerManagerSettings,
} from './controller-manager-flags.ts'
import { serve } from './controller-manager-serving.ts'
import { UserError } from './user-error.ts'
import { VERSION } from './version.ts'

/** Resolves when it works; the process lives on until a signal, or the loss of its lease, ends it. Throws FlagError and UserError. */
export async function runControllerManager(args: readonly string[]): Promise<void> {
  const settings = controllerManagerSettings(args)
  if (settings === 'help') return console.log(controllerManagerHelp())
  if (settings === 'version') return console.log(`Keelson ${VERSION}`)
  const connection = await connectionOf(settings.kubeconfig)
  const process_ = new ControllerManager(settings, connection)
  await process_.start()
}

async function connectionOf(file: string): Promise<ConnectionConfig> {
  try {
    return await loadKubeconfig(file)
  } catch (error) {
    throw new UserError(
      `--kubeconfig ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

class ControllerManager {
  readonly #settings: ControllerManagerSettings
  readonly #connection: ConnectionConfig
  readonly #logger
  readonly #metrics = new Metrics()
  readonly #counters
  readonly #shutdown
  readonly #client: (options?: ClientOptions) => KubeClient
  /** Undefined: this one does not lead. */
  #mayAct: (() => boolean) | undefined

  constructor(settings: ControllerManagerSettings, connection: ConnectionConfig) {
    this.#settings = settings
    this.#connection = connection
    this.#logger = createLogger({ component: 'controller-manager', level: settings.isVerbose ? 'debug' : 'info' })
    this.#shutdown = new Shutdown(this.#logger)
    this.#counters = controllerMetrics(this.#metrics, new URL(connection.server).host, settings.election?.name ?? '')
    const transport = createHttp2Transport(connection)
    const shared = { userAgent: `keelson-controller-manager/${VERSION}`, onAnswer: this.#counters.onAnswer }
    this.#client = (options) => createClient(transport, { ...shared, ...options })
  }

  async start(): Promise<void> {
    const { serving } = this.#settings
    registerProcessMetrics(this.#metrics, { loopDelay: false })
    const working = this.#work()
    this.#shutdown.add({ name: 'controllers', run: () => working })
    if (serving !== undefined) {
      const health = ['healthz', 'livez', 'readyz'].map((name) => new HealthChecks(name, this.#checks()))
      const server = await serve({ settings: serving, clusterCa: this.#connection.ca, health, metrics: this.#metrics })
      this.#shutdown.add({
        name: 'serving',
        run: () => {
          server.close()
          server.closeAllConnections()
        },
      })
    }
    this.#shutdown.listen()
    this.#logger.info({ controllers: this.#settings.controllers }, 'started')
  }

  async #work(): Promise<void> {
    const { signal } = this.#shutdown
    const { election } = this.#settings
    try {
      if (election === undefined) await this.#lead(signal, () => !signal.aborted)
      else {
        const onError = (error: unknown): void =>
          this.#logger.warn({ err: error }, 'the lease could not be looked at or renewed')
        const onNewLeader = (leader: string): void => this.#logger.info({ leader }, 'there is a leader')
        const client = this.#client()
        const lead = (leading: AbortSignal, mayAct: () => boolean): Promise<void> => this.#lead(leading, mayAct)
        await runLeaderElection({ ...election, client, lead, onError, onNewLeader }, signal)
      }
      if (signal.aborted) return
      this.#logger.error({}, 'the lease was lost')
    } catch (error) {
      this.#logger.error({ err: error }, 'the controllers have failed')
    }
    process.exit(1)
  }

  async #lead(signal: AbortSignal, mayAct: () => boolean): Promise<void> {
    const { controllers, workers, queriesPerSecond, burst } = this.#settings
    this.#mayAct = mayAct
    this.#counters.setLeading(true)
    const guard = (): void => {
      if (!mayAct()) throw new Error('this controller manager leads no longer')
    }
    await runControllers(
      controllers,
      {
        logger: this.#logger,
        workers,
        observeQueue: this.#counters.observeQueue,
        onSyncError: this.#counters.onSyncError,
        client: ({ queriesFactor, burstFactor }) => {
          const limiter = new TokenBucket(queriesPerSecond * queriesFactor, burst * burstFactor)
          return this.#client({ limiter, guard, retries: true })
        },
      },
      signal,
    )
    this.#counters.setLeading(false)
  }

  /** A leader whose lease has run out is not well: it should have ended. */
  #checks(): HealthCheck[] {
    const leaderElection: HealthCheck = {
      name: 'leaderElection',
      check: () => {
        if (this.#mayAct?.() === false) throw new Error('failed election to renew leadership')
      },
    }
    return [pingCheck, leaderElection]
  }
}
