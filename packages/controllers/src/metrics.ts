// What controllers count, under upstream's names.
import type { QueueObserver } from '@keelson/client'
import type { Metrics } from '@keelson/component'

export interface ControllerMetrics {
  readonly observeQueue: (name: string) => QueueObserver
  readonly onAnswer: (method: string, code: number) => void
  readonly onSyncError: () => void
  readonly setLeading: (isLeading: boolean) => void
}

/** 10 ns to 10 s, as upstream's. */
const QUEUE_BUCKETS = Array.from({ length: 10 }, (_, power) => 10 ** (power - 8))

/** `host`: of the API server. `name`: of the Lease. */
export function controllerMetrics(metrics: Metrics, host: string, name: string): ControllerMetrics {
  const depth = metrics.gauge('workqueue_depth', 'Current depth of workqueue', ['name'])
  const adds = metrics.counter('workqueue_adds_total', 'Total number of adds handled by workqueue', ['name'])
  const retries = metrics.counter('workqueue_retries_total', 'Total number of retries handled by workqueue', ['name'])
  const waited = metrics.histogram(
    'workqueue_queue_duration_seconds',
    'How long in seconds an item stays in workqueue before being requested.',
    ['name'],
    QUEUE_BUCKETS,
  )
  const worked = metrics.histogram(
    'workqueue_work_duration_seconds',
    'How long in seconds processing an item from workqueue takes.',
    ['name'],
    QUEUE_BUCKETS,
  )
  const requests = metrics.counter(
    'rest_client_requests_total',
    'Number of HTTP requests, partitioned by status code, method, and host.',
    ['code', 'host', 'method'],
  )
  const syncErrors = metrics.counter(
    'garbagecollector_controller_resources_sync_error_total',
    'Number of garbage collector resources sync errors',
  )
  const leading = metrics.gauge(
    'leader_election_master_status',
    'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
    ['name'],
  )
  leading.child(name).set(0)
  return {
    observeQueue: (queue) => ({
      added(size) {
        adds.child(queue).inc()
        depth.child(queue).set(size)
      },
      taken(size, waitedMs) {
        depth.child(queue).set(size)
        waited.child(queue).observe(waitedMs / 1000)
      },
      done: (workedMs) => worked.child(queue).observe(workedMs / 1000),
      retried: () => retries.child(queue).inc(),
    }),
    onAnswer: (method, code) => requests.child(code === 0 ? '<error>' : String(code), host, method).inc(),
    onSyncError: () => syncErrors.child().inc(),
    setLeading: (isLeading) => leading.child(name).set(isLeading ? 1 : 0),
  }
}
