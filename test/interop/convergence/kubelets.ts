// The kubelets of all simulated nodes in one process: they register their Nodes, renew their Leases, run and end the Pods that are
// bound to them, and let go of those that are deleted. One informer of Pods serves them all.
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import {
  Informer,
  type KubeClient,
  type Reconciled,
  WorkQueue,
  exponentialPerItem,
  keyOf,
  workOff,
} from '@keelson/client'
import { endedStatus, nodeOf, outcomeOf, runningStatus, saysReady, saysTheSame } from './pod-status.ts'

const RENEW_MS = 10_000
const WORKERS = 8

export class Kubelets {
  readonly #client: KubeClient
  /** Of nodes whose kubelet runs. */
  readonly #alive = new Set<string>()
  readonly #pods: Informer
  readonly #queue = new WorkQueue<string>({ limiter: exponentialPerItem(200, 5_000) })
  readonly #onError: (error: unknown) => void
  readonly #registered = Promise.withResolvers<void>()

  constructor(client: KubeClient, onError: (error: unknown) => void) {
    this.#client = client
    this.#onError = onError
    const indexers = { node: (pod: KubeObject) => [nodeOf(pod)] }
    // The real server does not stream lists on the etcd that both use.
    this.#pods = new Informer(client, '/api/v1/pods', { indexers, onError, watchList: false })
    const look = (pod: KubeObject): void => this.#queue.add(keyOf(pod))
    this.#pods.addHandlers({ added: look, updated: (_, pod) => look(pod) })
  }

  /** Until the signal aborts. `nodes`: the names, with what their Nodes say of themselves. */
  async run(nodes: ReadonlyMap<string, NodeDescription>, signal: AbortSignal): Promise<void> {
    for (const [name, description] of nodes) await this.#register(name, description)
    this.#registered.resolve()
    const reconcile = (key: string): Promise<Reconciled> => this.#sync(key)
    await Promise.all([
      this.#pods.run(signal),
      workOff(this.#queue, { workers: WORKERS, reconcile, onError: this.#onError }, signal),
      ...[...nodes.keys()].map((name, index) => this.#renew(name, (RENEW_MS * index) / nodes.size, signal)),
    ])
  }

  /** All nodes are there: what is rolled out from now on finds them all. */
  get registered(): Promise<void> {
    return this.#registered.promise
  }

  /** The node goes silent: its Lease gets old, its Pods stay as they are. */
  stop(node: string): void {
    this.#alive.delete(node)
  }

  /** It comes back and looks at its Pods again. */
  start(node: string): void {
    this.#alive.add(node)
    for (const pod of this.#pods.store.byIndex('node', node)) this.#queue.add(keyOf(pod))
  }

  async #register(name: string, { labels, taints }: NodeDescription): Promise<void> {
    const resources = { cpu: '16', memory: '32Gi', pods: '110', 'ephemeral-storage': '100Gi' }
    await this.#client.create('/api/v1/nodes', {
      metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } },
      spec: { taints },
      status: {
        conditions: [
          healthy('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
          healthy('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
          healthy('PIDPressure', 'False', 'KubeletHasSufficientPID'),
          healthy('Ready', 'True', 'KubeletReady'),
        ],
        addresses: [{ type: 'Hostname', address: name }],
        capacity: resources,
        allocatable: resources,
        nodeInfo: NODE_INFO,
      },
    })
    this.#alive.add(name)
  }

  async #renew(node: string, firstAfterMs: number, signal: AbortSignal): Promise<void> {
    await delay(firstAfterMs, undefined, { signal }).catch(() => {}) // Ended before its first turn.
    let wasAlive = true
    while (!signal.aborted) {
      const isAlive = this.#alive.has(node)
      try {
        if (isAlive) await this.#beat(node, !wasAlive)
        wasAlive = isAlive
      } catch (error) {
        this.#onError(error) // The next beat is soon enough.
      }
      await delay(RENEW_MS, undefined, { signal }).catch(() => {}) // Ended meanwhile.
    }
  }

  /** `isBack`: the control plane has given the node up meanwhile; it says that it is well. */
  async #beat(node: string, isBack: boolean): Promise<void> {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
    const spec = {
      holderIdentity: node,
      leaseDurationSeconds: 40,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    }
    try {
      await this.#client.patch(`${leases}/${node}`, { spec })
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 404) throw error
      await this.#client.create(leases, { metadata: { name: node }, spec })
    }
    if (!isBack) return
    const conditions = [healthy('Ready', 'True', 'KubeletReady')]
    await this.#client.patch(`/api/v1/nodes/${node}/status`, { status: { conditions } }, STRATEGIC)
  }

  async #sync(key: string): Promise<Reconciled> {
    const pod = this.#pods.store.get(key)
    if (pod === undefined || !this.#alive.has(nodeOf(pod))) return
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`
    try {
      return await this.#act(pod, path)
    } catch (error) {
      // Deleted, replaced or changed meanwhile: the informer tells.
      if (!(error instanceof StatusError) || (error.code !== 404 && error.code !== 409)) throw error
    }
  }

  async #act(pod: KubeObject, path: string): Promise<Reconciled> {
    const { uid, deletionTimestamp } = pod.metadata
    const say = async (status: object): Promise<void> => {
      if (saysTheSame(pod, status)) return
      await this.#client.patch(`${path}/status`, { metadata: { uid }, status }, STRATEGIC)
    }
    if (deletionTimestamp !== undefined) {
      if (outcomeOf(pod) === undefined) await say(endedStatus(pod, 137))
      const preconditions = { uid }
      await this.#client.request('DELETE', path, { body: { ...DELETE_OPTIONS, gracePeriodSeconds: 0, preconditions } })
      return
    }
    if (outcomeOf(pod) !== undefined) return
    const { status, endsAfterMs, exitCode } = runningStatus(pod)
    if (endsAfterMs !== undefined && endsAfterMs <= 0) await say(endedStatus(pod, exitCode))
    else if (!saysReady(pod)) await say(status)
    if (endsAfterMs !== undefined && endsAfterMs > 0) return { againAfterMs: endsAfterMs }
  }
}

export interface NodeDescription {
  readonly labels?: Readonly<Record<string, string>>
  readonly taints: readonly object[]
}

const STRATEGIC = 'application/strategic-merge-patch+json'
const DELETE_OPTIONS = { apiVersion: 'v1', kind: 'DeleteOptions' }

const NODE_INFO = {
  machineID: 'simulated',
  systemUUID: 'simulated',
  bootID: 'simulated',
  kernelVersion: '6.0',
  osImage: 'simulated',
  containerRuntimeVersion: 'simulated://1',
  kubeletVersion: 'v1.36.3',
  kubeProxyVersion: '',
  operatingSystem: 'linux',
  architecture: 'amd64',
}

function healthy(type: string, status: string, reason: string): object {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  return { type, status, reason, message: 'simulated', lastHeartbeatTime: now, lastTransitionTime: now }
}
