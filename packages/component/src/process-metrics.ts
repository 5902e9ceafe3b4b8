// What every process says of itself: memory, processor time, open files, garbage collection, and how late its event loop is.
import { readdirSync } from 'node:fs'
import { PerformanceObserver, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

/** How often the loop's delay is sampled; gaps shorter than this are not seen. */
const RESOLUTION_MS = 5

export interface ProcessMetricsOptions {
  /** The sampler wakes the process 200 times a second: half a percent of a core, too much for one that idles. True by default. */
  readonly loopDelay?: boolean
}

/** Registers the metrics. Dispose to stop the samplers (they do not keep the process alive). */
export function registerProcessMetrics(metrics: Metrics, options: ProcessMetricsOptions = {}): Disposable {
  const startedAt = Date.now() / 1000 - process.uptime()
  metrics.gaugeFunction(
    'process_start_time_seconds',
    'Start time of the process since the Unix epoch in seconds.',
    () => startedAt,
  )
  metrics.counterFunction('process_cpu_seconds_total', 'User and system processor time spent, in seconds.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gaugeFunction('process_resident_memory_bytes', 'Resident memory in bytes.', () => process.memoryUsage.rss())
  metrics.gaugeFunction('process_open_fds', 'Open file descriptors.', openFiles)
  metrics.gaugeFunction('nodejs_heap_used_bytes', 'Heap in use, in bytes.', () => process.memoryUsage().heapUsed)
  const pauses = metrics.histogram(
    'keelson_gc_pause_seconds',
    'Pauses of the garbage collector.',
    [],
    [0.001, 0.005, 0.01, 0.02, 0.05, 0.1],
  )
  const pause = pauses.child()
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) pause.observe(entry.duration / 1000)
  })
  observer.observe({ entryTypes: ['gc'] })
  const loopDelay = options.loopDelay === false ? undefined : watchLoopDelay(metrics)
  return {
    [Symbol.dispose]: () => {
      observer.disconnect()
      loopDelay?.disable()
    },
  }
}

/** Of the time since the scrape before: the 99th percentile and the longest delay. */
function watchLoopDelay(metrics: Metrics): { disable(): void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  // The sampler's own period is part of what it measures.
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000)
  metrics.gaugeFamily(
    'keelson_event_loop_delay_seconds',
    'Delay of the event loop since the last scrape.',
    'quantile',
    () => {
      const { count } = histogram
      const delays =
        count === 0 ? { '0.99': 0, '1': 0 } : { '0.99': seconds(histogram.percentile(99)), '1': seconds(histogram.max) }
      histogram.reset()
      return delays
    },
  )
  return histogram
}

/** Linux only; elsewhere 0. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}
