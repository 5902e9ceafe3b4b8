// The real kube-controller-manager and kube-scheduler against Keelson: a Deployment must get its ReplicaSet and its Pods, and
// the Pods must be bound to simulated Nodes.
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeObject } from '@keelson/apimachinery'
import { createClient, createHttp1Transport, loadKubeconfig } from '@keelson/client'
import { type ServerForComponents, startComponents } from './component-processes.ts'
import { simulateNode } from './simulated-node.ts'

export interface CheckResult {
  readonly name: string
  readonly same: boolean
  readonly detail: string
}

const NODES = 3
const TIMEOUT_MS = 90_000
const NAMESPACE = 'components'

export async function runComponents(keelson: ServerForComponents): Promise<CheckResult[]> {
  const client = createClient(createHttp1Transport(await loadKubeconfig(keelson.kubeconfig)))
  await using _components = startComponents(keelson)
  await client.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  const nodes = new AbortController()
  const beating = Array.from({ length: NODES }, (_, i) => simulateNode(client, `node-${i + 1}`, nodes.signal))
  await client.create(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, deployment())
  const results: CheckResult[] = []
  const check = async (name: string, ask: () => Promise<string | undefined>): Promise<void> => {
    const startedMs = performance.now()
    let detail: string | undefined
    while (detail === undefined && performance.now() - startedMs < TIMEOUT_MS) {
      detail = await ask().catch((error: unknown) => (console.error(String(error)), undefined))
      if (detail === undefined) await delay(200)
    }
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    results.push({
      name,
      same: detail !== undefined,
      detail: detail === undefined ? `not within ${seconds} s` : `${detail} (after ${seconds} s)`,
    })
  }
  const list = async (path: string): Promise<KubeObject[]> => (await client.list(path)).items
  await check('the Deployment has its ReplicaSet', async () => {
    const sets = await list(`/apis/apps/v1/namespaces/${NAMESPACE}/replicasets`)
    return sets.length === 1 ? sets[0]?.metadata.name : undefined
  })
  await check('the ReplicaSet has three Pods, each bound to a Node', async () => {
    const pods = await list(`/api/v1/namespaces/${NAMESPACE}/pods`)
    const bound = pods.map(({ spec }) => (spec as { nodeName?: string }).nodeName) // A pod's spec.
    return pods.length === 3 && bound.every((name) => name !== undefined) ? bound.join(', ') : undefined
  })
  await check('the status of the Deployment is kept by its controller', async () => {
    const found = await client.get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/nginx`)
    const { replicas, observedGeneration } = found.status as { replicas?: number; observedGeneration?: number } // A deployment's status.
    return replicas === 3 && observedGeneration === 1 ? 'replicas 3, observedGeneration 1' : undefined
  })
  await check('the default ServiceAccount is made by its controller', async () => {
    return (await client.get(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`)).metadata.name
  })
  await check('deleting the Deployment collects its ReplicaSet and Pods', async () => {
    await client.delete(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/nginx`).catch(() => {}) // Gone at the second try.
    const left = [
      ...(await list(`/apis/apps/v1/namespaces/${NAMESPACE}/replicasets`)),
      ...(await list(`/api/v1/namespaces/${NAMESPACE}/pods`)),
    ]
    // A bound pod waits for its kubelet, which the simulated nodes play here.
    for (const { kind, metadata } of left) {
      if (kind !== 'ReplicaSet' && metadata.deletionTimestamp) {
        await client
          .delete(`/api/v1/namespaces/${NAMESPACE}/pods/${metadata.name}?gracePeriodSeconds=0`)
          .catch(() => {})
      }
    }
    return left.length === 0 ? 'nothing left' : undefined
  })
  nodes.abort()
  await Promise.all(beating)
  client.transport.close()
  return results
}

const deployment = (): unknown => ({
  metadata: { name: 'nginx' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'nginx' } },
    template: {
      metadata: { labels: { app: 'nginx' } },
      spec: { containers: [{ name: 'nginx', image: 'nginx:1.7.9' }] },
    },
  },
})
