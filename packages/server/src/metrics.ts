// The API server's metrics, by upstream's names; our own begin with keelson_.
import { type FeatureGates, Metrics, knownFeatureGates, registerProcessMetrics } from '@keelson/component'
import type { WatchCache } from '@keelson/storage'
import type { Handler, Middleware, RequestContext } from './context.ts'
import type { InFlightCounts } from './filters/max-in-flight.ts'
import type { StorageRoom } from './health/storage-room.ts'
import { registerBuildMetrics } from './health/version.ts'
import type { WatchService } from './watch/watch-service.ts'

const REQUEST_LABELS = ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component']
/** Seconds. Fewer than upstream's: each costs a line for every verb and resource at every scrape. */
const DURATION_BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 1, 2, 5, 10, 30, 60]
const WATCH_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

export interface ServerMetrics {
  /** Counts and times each request until its answer is out. */
  readonly filter: Middleware
  /** GET /metrics. */
  resolve(path: string): Handler | undefined
  /** How long an event took from the cache to the sockets of a group's watchers, in seconds. */
  watchDelivered(seconds: number): void
  close(): void
}

export interface MeasuredParts {
  readonly cache: WatchCache
  readonly watches: WatchService
  readonly inFlight: InFlightCounts
  readonly room: StorageRoom
  readonly connections: () => number
  readonly gates: FeatureGates
}

/** prom-client is loaded with the first use of what this gives: not before the server answers. */
export function serverMetrics(parts: MeasuredParts): ServerMetrics {
  let made: Instruments | undefined
  const instruments = (): Instruments => (made ??= new Instruments(parts))
  return {
    filter: (context, next) => {
      context.onFinish(() => instruments().observe(context))
      return next()
    },
    resolve: (path) => (path === '/metrics' ? (context) => instruments().expose(context) : undefined),
    watchDelivered: (seconds) => instruments().watchDelivery.observe(seconds),
    close: () => made?.close(),
  }
}

class Instruments {
  readonly #metrics = new Metrics()
  readonly #processMetrics = registerProcessMetrics(this.#metrics)
  readonly #requests = this.#metrics.counter('apiserver_request_total', 'Requests by verb, resource and answer.', [
    ...REQUEST_LABELS,
    'code',
  ])
  readonly #durations = this.#metrics.histogram(
    'apiserver_request_duration_seconds',
    'Time from a request to the end of its answer, watches aside.',
    REQUEST_LABELS,
    DURATION_BUCKETS,
  )
  readonly watchDelivery = this.#metrics
    .histogram(
      'keelson_watch_delivery_seconds',
      'Time from an event in the cache to the sockets of its watchers.',
      [],
      WATCH_BUCKETS,
    )
    .child()

  constructor({ cache, watches, inFlight, room, connections, gates }: MeasuredParts) {
    const metrics = this.#metrics
    registerBuildMetrics(metrics)
    metrics.gaugeFamily('apiserver_current_inflight_requests', 'Requests being worked on.', 'request_kind', () => ({
      ...inFlight,
    }))
    metrics.gaugeFamily('apiserver_longrunning_requests', 'Watches that are open.', 'verb', () => ({
      WATCH: watches.size,
    }))
    metrics.gaugeFunction(
      'apiserver_storage_size_bytes',
      'Size of the database of the store.',
      () => room.databaseBytes,
    )
    metrics.gaugeFamily('keelson_storage_alarms', '1 while the store has raised the alarm.', 'alarm', () => room.alarms)
    metrics.gaugeFunction('keelson_open_connections', 'TLS connections that are open.', connections)
    const enabled = metrics.gauge('kubernetes_feature_enabled', 'Feature gates: 1 is on.', ['name', 'stage'])
    for (const [name, { stage }] of Object.entries(knownFeatureGates()))
      enabled.child(name, stage === 'GA' ? '' : stage).set(gates.enabled(name) ? 1 : 0)
    metrics.gaugeFamily('apiserver_resource_objects', 'Objects in the cache.', 'resource', () => {
      const sizes: Record<string, number> = {}
      for (const resource of cache.resources()) sizes[resource.resource.name] = resource.size
      return sizes
    })
  }

  observe(context: RequestContext): void {
    const { info } = context
    const verb = verbOf(context)
    const dryRun = info.isResourceRequest && info.verb !== 'get' && context.query.get('dryRun') !== null ? 'All' : ''
    // Only names that the server knows become labels: a client could else make one with every request.
    const known = context.resource !== undefined
    const [group, version, resource] = known ? [info.group, info.version, info.resource] : ['', '', '']
    const subresource = known ? (context.subresource?.name ?? '') : rootOf(info.path)
    const labels = [verb, dryRun, group, version, resource, subresource, scopeOf(context), 'apiserver']
    this.#requests.child(...labels, String(context.responseCode)).inc()
    if (verb !== 'WATCH') this.#durations.child(...labels).observe((performance.now() - context.receivedAt) / 1000)
  }

  async expose(context: RequestContext): Promise<void> {
    const { body } = await this.#metrics.expose()
    context.respond(200, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores', body)
  }

  close(): void {
    this.#processMetrics[Symbol.dispose]()
  }
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

function verbOf({ info, method }: RequestContext): string {
  if (info.isResourceRequest && (info.verb === 'list' || info.verb === 'watch' || info.verb === 'deletecollection'))
    return info.verb.toUpperCase()
  return METHODS.has(method) ? method : 'other'
}

const ROOTS = new Set(['/api', '/apis', '/healthz', '/livez', '/metrics', '/openapi', '/readyz', '/version'])

/** Upstream's label for a path that is no resource's; the first part tells enough. */
function rootOf(path: string): string {
  const end = path.indexOf('/', 1)
  const root = end < 0 ? path : path.slice(0, end)
  return ROOTS.has(root) ? root : ''
}

function scopeOf({ info, resource }: RequestContext): string {
  if (resource === undefined) return ''
  if (info.name !== '') return 'resource'
  return info.namespace !== '' ? 'namespace' : 'cluster'
}
