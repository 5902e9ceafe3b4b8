// Puts an API server together: storage → cache → registries → handlers → chain → transports.
import { readFile } from 'node:fs/promises'
import { builtinPlugins } from '@keelson/admission'
import { servedResources } from '@keelson/api'
import {
  type Authenticator,
  clientCertificateAuthenticator,
  firstOf,
  interimAuthorizer,
  staticTokenAuthenticator,
  tokenAuthenticator,
} from '@keelson/auth'
import { FeatureGates } from '@keelson/component'
import { unavailable } from '@keelson/apimachinery'
import { createWatchCache, type WatchCache } from '@keelson/storage'
import { createBackground } from './background.ts'
import { chain } from './chain.ts'
import type { RequestContext } from './context.ts'
import { discoveryHandlers } from './discovery/index.ts'
import { deadlines as makeDeadlines } from './filters/deadline.ts'
import { drain as makeDrain } from './filters/drain.ts'
import type { InFlightCounts } from './filters/max-in-flight.ts'
import { get } from './handlers/get.ts'
import { list } from './handlers/list.ts'
import { unstoredHandlers } from './handlers/unstored.ts'
import { watchHandler } from './handlers/watch.ts'
import { writeHandlers } from './handlers/write-handlers.ts'
import { healthHandlers, type ServerState } from './health/health.ts'
import { StorageRoom } from './health/storage-room.ts'
import { resolveVersion } from './health/version.ts'
import { listen } from './http/transports.ts'
import { identityName } from './identity/identity.ts'
import { serverMetrics } from './metrics.ts'
import { openApiHandlers } from './openapi/index.ts'
import { cachedResources } from './registry/cached-resource.ts'
import { createRegistries } from './registry/registry.ts'
import { RepeatedFailures } from './repeated-failures.ts'
import { respondStatus } from './representation/status.ts'
import { dispatcher } from './routes.ts'
import type { ApiServer, ApiServerOptions, ServerLogger } from './server-options.ts'
import { shutDown } from './shutdown.ts'
import { WatchService } from './watch/watch-service.ts'

const DEFAULT_PREFIX = '/registry'

/** A store that cannot be reached for this long is told on an open port (/readyz) instead of a closed one. */
const PATIENCE_MS = 5_000

/** Resolves when the port is listened on: when the cache is primed, or PATIENCE_MS later without it; `ready` tells the rest. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { storage, logger } = options
  const prefix = options.storagePrefix ?? DEFAULT_PREFIX
  const cache = createCache(options, prefix)
  const registries = createRegistries({ storage, cache, storagePrefix: prefix, plugins: builtinPlugins() })

  const served = options.served ?? servedResources()

  const gates = options.featureGates ?? FeatureGates.parse([])
  const state: ServerState = { primed: false, draining: false }
  const watches = new WatchService((seconds) => metrics.watchDelivered(seconds))
  const inFlight: InFlightCounts = { readOnly: 0, mutating: 0 }
  const deadlines = makeDeadlines(options.requestTimeoutMs ?? 60_000)
  const drain = makeDrain()

  const clientCa = await readClientCa(options)
  await primedOrPatient(cache, logger)
  // A request cannot come in between: what follows `listen` runs before the loop's next turn.
  let serve = (context: RequestContext): unknown => respondStatus(context, unavailable('the server is starting'))
  const transports = await listen({ ...options, onRequest: (context) => void serve(context) })
  const room = new StorageRoom(storage)
  const metrics = serverMetrics({ cache, watches, inFlight, room, connections: () => transports.connections, gates })
  const background = createBackground({
    ...options,
    served,
    registries,
    prefix,
    host: options.bindAddress,
    port: transports.port,
    advertiseAddress: options.advertiseAddress,
    advertisePort: options.advertisePort,
    identity: options.identity ?? identityName(transports.port),
    clientCa,
    failures: new RepeatedFailures(logger, 'a background task failed and will be repeated'),
  })
  const watch = watchHandler({ cache, watches, minRequestTimeoutMs: options.minRequestTimeoutMs ?? 30 * 60_000 })
  serve = chain({
    logger,
    metrics: metrics.filter,
    deadlines,
    drain,
    authenticator: authenticatorOf(options),
    authorizer: interimAuthorizer,
    maxRequestsInflight: options.maxRequestsInflight ?? 400,
    maxMutatingRequestsInflight: options.maxMutatingRequestsInflight ?? 200,
    inFlight,
    dispatch: dispatcher({
      served,
      registries,
      get,
      list,
      watch,
      write: writeHandlers({ registries }),
      unstored: unstoredHandlers(registries, cache),
      nonResource: [
        healthHandlers(cache, state, room, logger),
        resolveVersion,
        metrics.resolve,
        discoveryHandlers(served),
        openApiHandlers(served),
      ],
    }),
  })

  const stopping = new AbortController()
  const ready = becomeReady()
  // Whoever does not wait for readiness need not handle that it never came.
  ready.catch(() => {})
  let stopped: Promise<void> | undefined
  return {
    port: transports.port,
    ready,
    shutdown: () => (stopped ??= stop()),
  }

  async function becomeReady(): Promise<void> {
    await cache.whenReady(stopping.signal)
    await background.start(stopping.signal)
    stopping.signal.throwIfAborted()
    state.primed = true
    logger.info({ port: transports.port }, 'ready')
  }

  async function stop(): Promise<void> {
    await shutDown({ state, transports, watches, drain, deadlines, shutdownDelayMs: options.shutdownDelayMs, logger })
    stopping.abort(new Error('the server was shut down'))
    metrics.close()
    room.close()
    await cache[Symbol.asyncDispose]()
  }
}

/**
 * A replica that listens before it can answer draws a balancer's clients (it has the fewest connections) and lets them wait
 * for its cache: watches were silent for 2.4 s after a kill -9. A closed port sends them to another replica at once.
 */
async function primedOrPatient(cache: WatchCache, logger: ServerLogger): Promise<void> {
  try {
    await cache.whenReady(AbortSignal.timeout(PATIENCE_MS))
  } catch {
    // becomeReady goes on waiting, and /readyz says what for.
    logger.warn({}, 'waiting for the store: not ready before everything was read from it')
  }
}

function createCache({ storage, logger, watchCacheSizes }: ApiServerOptions, prefix: string): WatchCache {
  const failures = new RepeatedFailures(logger, 'the watch cache will try again')
  return createWatchCache({
    storage,
    prefix: `${prefix}/`,
    resources: cachedResources(prefix, watchCacheSizes),
    observer: {
      failed: (error, doing) => failures.failed(doing, error),
      succeeded: (doing) => failures.succeeded(doing),
      reset: (resource, why) => logger.warn({ resource, why }, 'watches of a resource end: it is read anew'),
      undecodable: (resource, key, reason) =>
        logger.error({ resource, key, reason }, 'a stored object cannot be decoded'),
      mismatch: (resource, key) => logger.error({ resource, key }, 'the watch cache differed from the store'),
    },
  })
}

function authenticatorOf({ tokenAuthFile, tls }: ApiServerOptions): Authenticator {
  const authenticators: Authenticator[] = []
  if (tls.clientCaFile !== undefined) authenticators.push(clientCertificateAuthenticator())
  if (tokenAuthFile !== undefined) authenticators.push(staticTokenAuthenticator(tokenAuthFile))
  // Without a token file a bearer token is still a credential, and one that nobody knows: 401, not anonymous.
  else authenticators.push(tokenAuthenticator(new Map()))
  return firstOf(authenticators)
}

async function readClientCa({ tls }: ApiServerOptions): Promise<string | undefined> {
  return tls.clientCaFile === undefined ? undefined : readFile(tls.clientCaFile, 'utf8')
}
