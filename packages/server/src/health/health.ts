// /healthz, /livez, /readyz, and /readyz/balancer for load balancers.
import { type HealthCheck, HealthChecks, pingCheck } from '@keelson/component'
import type { WatchCache } from '@keelson/storage'
import type { Handler } from '../context.ts'
import type { ServerLogger } from '../server-options.ts'
import type { StorageRoom } from './storage-room.ts'

/** How a server is doing, in the order in which these become true. */
export interface ServerState {
  /** The cache was filled and the default objects were there, once. It stays true when the store is lost later. */
  primed: boolean
  /** The server was told to stop. */
  draining: boolean
}

/** Upstream's names of what this server does when it starts; they are done when the default objects exist. */
const START_HOOKS = [
  'start-apiserver-admission-initializer',
  'start-system-namespaces-controller',
  'start-kube-apiserver-identity-lease-controller',
  'storage-readiness',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
]

export function healthHandlers(
  cache: WatchCache,
  state: ServerState,
  room: StorageRoom,
  logger: ServerLogger,
): (path: string) => Handler | undefined {
  const etcd: HealthCheck = { name: 'etcd', check: async () => void (await cache.consistentRevision()) }
  const log: HealthCheck = { name: 'log', check: () => {} }
  const hooks = START_HOOKS.map((name): HealthCheck => ({
    name: `poststarthook/${name}`,
    check: () => mustBe(state.primed, 'not finished'),
  }))
  const started = [pingCheck, log, etcd, ...hooks]
  // Upstream's /livez fails while etcd is lost or not there yet, and probes then kill a server that does nothing wrong: a
  // restart brings no etcd back. Here it tells of this process; the rest answers when it is named.
  const live = [pingCheck, log, ...[etcd, ...hooks].map((check): HealthCheck => ({ ...check, aside: true }))]
  const ready = [
    pingCheck,
    log,
    etcd,
    { name: 'etcd-readiness', check: etcd.check },
    room.check,
    { name: 'informer-sync', check: () => mustBe(cache.ready, 'the watch cache is not filled') },
    { name: 'resources', check: () => checkResources(cache) },
    ...hooks,
    { name: 'shutdown', check: () => mustBe(!state.draining, 'the server is shutting down') },
  ]
  const endpoints = [
    new HealthChecks('healthz', started),
    new HealthChecks('livez', live),
    new HealthChecks('readyz', ready),
  ]
  return (path) => {
    if (path === '/readyz/balancer') return balancer(state)
    for (const checks of endpoints) {
      if (path === `/${checks.endpoint}`) return answer(checks, '', logger)
      if (path.startsWith(`/${checks.endpoint}/`) && path.length > checks.endpoint.length + 2) {
        return answer(checks, path.slice(checks.endpoint.length + 2), logger)
      }
    }
    return undefined
  }
}

function answer(checks: HealthChecks, check: string, logger: ServerLogger): Handler {
  return async (context) => {
    const { code, body, failed } = await checks.answer(check, context.query)
    if (failed.length > 0) {
      const reasons = failed.map(
        ({ name, error }) => `${name}: ${error instanceof Error ? error.message : String(error)}`,
      )
      logger.info({ endpoint: checks.endpoint, reasons }, 'a health check failed')
    }
    context.setHeader('x-content-type-options', 'nosniff')
    context.respond(code, 'text/plain; charset=utf-8', body)
  }
}

/**
 * 200: send clients here, also while the store is lost (the cache answers, and no other replica can do better). 404: not
 * yet, or not any more. Never 5xx: a balancer in TCP mode would cut the connections that it holds.
 */
function balancer(state: ServerState): Handler {
  return async (context) => {
    const serves = state.primed && !state.draining
    context.respond(
      serves ? 200 : 404,
      'text/plain; charset=utf-8',
      serves ? 'ok' : state.draining ? 'draining' : 'not primed',
    )
  }
}

function checkResources(cache: WatchCache): void {
  for (const resource of cache.resources())
    mustBe(resource.ready, `${resource.resource.name}: ${resource.notReadyReason ?? 'not filled'}`)
}

function mustBe(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise)
}
