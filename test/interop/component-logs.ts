// The real kube-controller-manager and kube-scheduler do the same work for some minutes on the real API server and on Keelson.
// What they log as an error on Keelson and not there is a fault of Keelson's.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient, createHttp1Transport, loadKubeconfig } from '@keelson/client'
import { type ServerForComponents, startComponents } from './component-processes.ts'
import { startKeelson } from './keelson.ts'
import { errorsIn } from './logged-errors.ts'
import { simulateNode } from './simulated-node.ts'
import { startUpstream } from './upstream.ts'

type Client = ReturnType<typeof createClient>

export interface ComparedLogs {
  /** Errors that are logged on Keelson only, each once, without what differs from run to run. */
  readonly onlyOnKeelson: readonly string[]
  readonly onBoth: readonly string[]
  readonly rounds: { readonly upstream: number; readonly keelson: number }
}

const NODES = 5
/** A round is begun this often; each is changed when the next begins, and deleted when the one after that does. */
const ROUND_MS = 6_000

export async function compareComponentLogs(port: number, minutes: number): Promise<ComparedLogs> {
  const upstream = await onUpstream(minutes)
  const keelson = await onKeelson(port, minutes)
  return {
    onlyOnKeelson: [...keelson.errors.difference(upstream.errors)],
    onBoth: [...keelson.errors.intersection(upstream.errors)],
    rounds: { upstream: upstream.rounds, keelson: keelson.rounds },
  }
}

async function onUpstream(minutes: number): Promise<Run> {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-upstream-'))
  await using upstream = await startUpstream(stateDir)
  return await run({ kubeconfig: upstream.kubeconfig, pki: join(stateDir, 'pki'), stateDir }, minutes)
}

async function onKeelson(port: number, minutes: number): Promise<Run> {
  await using keelson = await startKeelson(port, ['--controller-managers=0'])
  return await run(keelson, minutes)
}

interface Run {
  readonly errors: ReadonlySet<string>
  readonly rounds: number
}

async function run(server: ServerForComponents, minutes: number): Promise<Run> {
  const client = createClient(createHttp1Transport(await loadKubeconfig(server.kubeconfig)))
  const nodes = new AbortController()
  let logFiles: readonly string[]
  let rounds = 0
  {
    await using components = startComponents(server)
    logFiles = components.logFiles
    const simulated = Array.from({ length: NODES }, (_, index) => simulateNode(client, `node-${index}`, nodes.signal))
    const end = performance.now() + minutes * 60_000
    while (performance.now() < end) {
      await begin(client, `round-${rounds}`)
      if (rounds >= 1) await change(client, `round-${rounds - 1}`)
      if (rounds >= 2) await client.delete(`/api/v1/namespaces/round-${rounds - 2}`)
      rounds++
      await delay(ROUND_MS / 2)
      await playKubelet(client)
      // What takes the place of the ended pods settles before the next round deletes some of it.
      await delay(ROUND_MS / 2)
    }
    nodes.abort()
    await Promise.all(simulated)
  }
  client.transport.close()
  return { errors: errorsIn(logFiles), rounds }
}

async function begin(client: Client, namespace: string): Promise<void> {
  const app = { app: 'web' }
  const template = { metadata: { labels: app }, spec: { containers: [{ name: 'web', image: 'web:1' }] } }
  const onFailure = { ...template, spec: { ...template.spec, restartPolicy: 'OnFailure' } }
  const selector = { matchLabels: app }
  const metadata = { name: 'web' }
  await client.create('/api/v1/namespaces', { metadata: { name: namespace } })
  const root = (group: string): string => `/apis/${group}/v1/namespaces/${namespace}`
  await client.create(`/api/v1/namespaces/${namespace}/services`, {
    metadata,
    spec: { selector: app, ports: [{ port: 80 }] },
  })
  await client.create(`${root('apps')}/deployments`, { metadata, spec: { replicas: 2, selector, template } })
  await client.create(`${root('apps')}/statefulsets`, { metadata, spec: { serviceName: 'web', selector, template } })
  await client.create(`${root('apps')}/daemonsets`, { metadata, spec: { selector, template } })
  await client.create(`${root('batch')}/jobs`, { metadata, spec: { template: onFailure } })
  const jobTemplate = { spec: { template: onFailure } }
  await client.create(`${root('batch')}/cronjobs`, { metadata, spec: { schedule: '* * * * *', jobTemplate } })
  await client.create(`${root('policy')}/poddisruptionbudgets`, { metadata, spec: { selector, minAvailable: 1 } })
}

async function change(client: Client, namespace: string): Promise<void> {
  const apps = `/apis/apps/v1/namespaces/${namespace}`
  await client.patch(`${apps}/deployments/web`, { spec: { replicas: 3 } })
  await client.patch(`${apps}/statefulsets/web`, { spec: { replicas: 2 } })
  const image = { template: { metadata: { annotations: { rolled: 'out' } } } }
  await client.patch(`${apps}/daemonsets/web`, { spec: image })
}

/** Pods that are to end have ended: that is what their nodes would say. */
async function playKubelet(client: Client): Promise<void> {
  const { items } = await client.list('/api/v1/pods')
  for (const { metadata } of items) {
    if (metadata.deletionTimestamp === undefined) continue
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}?gracePeriodSeconds=0`
    await client.delete(path).catch(() => {}) // Gone already: its controller was faster.
  }
}
