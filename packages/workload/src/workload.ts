// The checked workload: starts writers, readers and watchers against one server (or load balancer), stops them, and judges.
//
//   startWorkload ──► … faults happen … ──► stop(): writers end ─► fence write ─► all watchers reach it ─► checkHistory ─► Report
import { StatusError } from '@keelson/apimachinery'
import {
  type ConnectionConfig,
  createClient,
  createHttp1Transport,
  createHttp2Transport,
  type KubeClient,
} from '@keelson/client'
import { setTimeout as delay } from 'node:timers/promises'
import { checkHistory, type FinalObject } from './checker.ts'
import { History, type Violation } from './history.ts'
import { runReader } from './readers.ts'
import { startWatcher, type Watcher } from './watchers.ts'
import { runCountingWriter, runUniqueWriter } from './writers.ts'

export interface WorkloadOptions {
  readonly connection: ConnectionConfig
  /** Made if missing; the workload's objects are its ConfigMaps. */
  readonly namespace?: string
  /** Default 100, dealt out in turn to `transports`. */
  readonly watchers?: number
  /** HTTP/1.1 takes a connection a watch, HTTP/2 ten watches a connection. Default both. */
  readonly transports?: readonly ('h1' | 'h2')[]
  /** Half of them increments of shared counters. Default 50. */
  readonly writesPerSecond?: number
  readonly readsPerSecond?: number
  readonly padBytes?: number
}

export interface Report {
  readonly writes: { readonly ok: number; readonly failed: number; readonly unknown: number }
  readonly reads: number
  readonly events: number
  readonly delivered: number
  readonly reconnects: number
  /** Watches that were told 410, and lists beyond the first one of each watcher. */
  readonly gone: number
  readonly relists: number
  readonly failures: number
  readonly violations: readonly Violation[]
}

export interface Workload {
  readonly history: History
  readonly watchers: readonly Watcher[]
  /** Longest silence of any watcher since the last reset, in ms. */
  longestGapMs(): number
  resetGaps(): void
  stop(): Promise<Report>
}

const WRITERS_EACH = 10
const COUNTERS = 5
const STREAMS_A_SESSION = 10
/** After the writers stopped, watchers get this long to reach the fence. */
const SETTLE_MS = 30_000

export async function startWorkload(options: WorkloadOptions): Promise<Workload> {
  const {
    connection,
    namespace = 'workload',
    watchers = 100,
    transports = ['h1', 'h2'],
    writesPerSecond = 50,
    readsPerSecond = 5,
    padBytes = 200,
  } = options
  const history = new History()
  const collection = `/api/v1/namespaces/${namespace}/configmaps`
  const clients = clientPool(connection)
  const control = clients.http1()
  await ensureNamespace(control, namespace)
  const existing = await control.list(collection) // Left by an earlier run: its events would be nobody's writes.
  for (const item of existing.items)
    if (item.metadata.labels?.writer) await control.delete(`${collection}/${item.metadata.name}`)

  const watching = new AbortController()
  const writing = new AbortController()
  const followers = Array.from({ length: watchers }, (_, i) => {
    const transport = transports[i % transports.length] ?? 'h1'
    const client = transport === 'h1' ? clients.http1() : clients.http2()
    return startWatcher(client, history, collection, `watcher-${i}-${transport}`, watching.signal)
  })
  await until(() => followers.every(({ revision }) => revision > 0), SETTLE_MS)

  const shared = {
    history,
    collection,
    padBytes,
    signal: writing.signal,
    writesPerSecond: writesPerSecond / 2 / WRITERS_EACH,
  }
  const running = Array.from({ length: WRITERS_EACH }, (_, i) => [
    runUniqueWriter({ ...shared, client: clients.http1(), name: `unique-${i}` }),
    runCountingWriter({
      ...shared,
      client: clients.http1(),
      name: `counting-${i}`,
      counter: `counter-${i % COUNTERS}`,
    }),
  ]).flat()
  running.push(runReader({ client: clients.http1(), history, collection, readsPerSecond, signal: writing.signal }))

  return {
    history,
    watchers: followers,
    longestGapMs: () => Math.max(...followers.map((watcher) => watcher.longestGapMs())),
    resetGaps() {
      for (const watcher of followers) watcher.resetGap()
    },
    async stop() {
      writing.abort()
      await Promise.all(running)
      const fence = await writeFence(control, history, collection)
      await until(() => followers.every(({ revision }) => revision >= fence), SETTLE_MS)
      const final = await control.list(collection)
      watching.abort()
      await Promise.all(followers.map(({ finished }) => finished))
      clients.close()
      for (const segment of history.segments) {
        const isLast = history.segments.findLast(({ watcher }) => watcher === segment.watcher) === segment
        if (isLast) segment.upTo = Math.max(segment.upTo, fence) // Everything up to the fence was due.
      }
      return report(history, watchers, checkHistory(history, final.items.map(finalObject)))
    },
  }
}

function clientPool(connection: ConnectionConfig): { http1(): KubeClient; http2(): KubeClient; close(): void } {
  const all: KubeClient[] = []
  const add = (client: KubeClient): KubeClient => {
    all.push(client)
    return client
  }
  let shared: KubeClient | undefined
  let streams = 0
  return {
    http1: () => add(createClient(createHttp1Transport(connection))),
    http2() {
      if (shared === undefined || streams++ % STREAMS_A_SESSION === 0)
        shared = add(createClient(createHttp2Transport(connection)))
      return shared
    },
    close() {
      for (const client of all) client.transport.close()
    },
  }
}

async function ensureNamespace(client: KubeClient, name: string): Promise<void> {
  try {
    await client.create('/api/v1/namespaces', { metadata: { name } })
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 409) throw error
  }
}

/** The last write of the run: when a watcher has seen it, it has seen everything. Repeated until acknowledged. */
async function writeFence(client: KubeClient, history: History, collection: string): Promise<number> {
  for (let n = 0; ; n++) {
    const name = `fence-${Date.now()}-${n}`
    const record = history.write(name, 'create', name)
    try {
      const object = await client.create(collection, {
        metadata: { name, labels: { writer: 'fence' } },
        data: { op: name },
      })
      record.outcome = 'ok'
      record.revision = Number(object.metadata.resourceVersion)
      record.completedMs = performance.now()
      return record.revision
    } catch (error) {
      if (n >= 60) throw error
      await delay(500)
    }
  }
}

const finalObject = (item: { metadata: { name?: string; resourceVersion?: string }; data?: unknown }): FinalObject => ({
  key: item.metadata.name ?? '',
  revision: Number(item.metadata.resourceVersion),
  op: ((item.data ?? {}) as Record<string, string>).op ?? '', // The workload's own objects: data holds strings.
})

async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) return false
    await delay(10)
  }
  return true
}

function report(history: History, watchers: number, violations: readonly Violation[]): Report {
  const count = (outcome: string): number => history.writes.filter((write) => write.outcome === outcome).length
  return {
    writes: { ok: count('ok'), failed: count('failed'), unknown: count('unknown') },
    reads: history.reads.length,
    events: history.events.size,
    delivered: history.delivered,
    reconnects: history.reconnects,
    gone: history.gone,
    relists: history.relists - watchers,
    failures: history.failures.length,
    violations,
  }
}
