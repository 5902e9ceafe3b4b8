// Nodes that are tainted, go silent, come back, and leave.
import { apps, core, workload } from '../objects.ts'
import { saysReady } from '../pod-status.ts'
import type { Side } from '../side.ts'
import type { Story } from './story.ts'

/** Of the nodes that the stories are about: Pods of other stories keep off. */
export const DRILL_TAINT = { key: 'drill-node', value: 'yes', effect: 'NoSchedule' }
export const SILENT_NODE = 'node-0'
export const LEAVING_NODE = 'node-1'
export const TAINTED_NODE = 'node-2'
export const DRILL_NODES: readonly string[] = [SILENT_NODE, LEAVING_NODE, TAINTED_NODE]

const NAMESPACE = 'nodes'

/** Pods that want to be on one node only, and stand its taints for `seconds`. */
const pinnedTo = (name: string, node: string, key: string, seconds: number): { metadata: object; spec: object } =>
  workload(name, {
    replicas: 2,
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node },
      tolerations: [
        { key: DRILL_TAINT.key, operator: 'Exists' },
        { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds },
      ],
    },
  })

const ready = (side: Side, name: string, replicas: number): Promise<boolean> =>
  side.status(
    `${apps(NAMESPACE, 'deployments')}/${name}`,
    (status) => (status['readyReplicas'] ?? 0) === replicas,
    `has ${replicas} ready`,
  )

/** The daemon that runs everywhere: what happens to its Pod is told in Events. */
const daemonReady = (side: Side, node: string): Promise<boolean> =>
  side.until(`the daemon of ${node} is ready`, async () => {
    const { items } = await side.client.list(`${core('daemonsets', 'pods')}?fieldSelector=spec.nodeName%3D${node}`)
    return items.length > 0 && items.every(saysReady)
  })

const taintsOf = async (side: Side, node: string): Promise<string[]> => {
  const found = await side.find(`/api/v1/nodes/${node}`)
  const { taints = [] } = (found?.['spec'] ?? {}) as { taints?: { key: string; effect: string }[] } // A Node's spec.
  return taints.map(({ key, effect }) => `${key}:${effect}`)
}

export const silentNode: Story = async ({ side, kubelets }) => {
  const unreachable = 'node.kubernetes.io/unreachable'
  await side.create(apps(NAMESPACE, 'deployments'), pinnedTo('silent', SILENT_NODE, unreachable, 3))
  await side.create(apps(NAMESPACE, 'deployments'), pinnedTo('patient', SILENT_NODE, unreachable, 36_000))
  for (const name of ['silent', 'patient']) await ready(side, name, 2)
  await daemonReady(side, SILENT_NODE)
  kubelets.stop(SILENT_NODE)
  await side.until('the silent node is given up', async () =>
    (await taintsOf(side, SILENT_NODE)).includes(`${unreachable}:NoExecute`),
  )
  await side.until('its Pods are evicted', async () => {
    const { items } = await side.client.list(`${core(NAMESPACE, 'pods')}?labelSelector=app%3Dsilent`)
    return items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length === 2
  })
  await ready(side, 'patient', 0)
  kubelets.start(SILENT_NODE)
  await side.until(
    'its taint is gone',
    async () => !(await taintsOf(side, SILENT_NODE)).includes(`${unreachable}:NoExecute`),
  )
  for (const name of ['silent', 'patient']) await ready(side, name, 2)
}

export const leavingNode: Story = async ({ side, kubelets }) => {
  await side.create(
    apps(NAMESPACE, 'deployments'),
    pinnedTo('left-behind', LEAVING_NODE, 'node.kubernetes.io/unreachable', 36_000),
  )
  await ready(side, 'left-behind', 2)
  await daemonReady(side, LEAVING_NODE)
  kubelets.stop(LEAVING_NODE)
  await side.delete(`/api/v1/nodes/${LEAVING_NODE}`)
  // Garbage collection of Pods waits 40 s for a node to come back, and looks every 20 s.
  await ready(side, 'left-behind', 0)
  await side.until('its Pods are gone', async () => {
    const { items } = await side.client.list('/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1')
    return items.length === 0
  })
}

export const taintedNode: Story = async ({ side }) => {
  await side.create(apps(NAMESPACE, 'deployments'), pinnedTo('brief', TAINTED_NODE, 'drill', 2))
  await side.create(apps(NAMESPACE, 'deployments'), pinnedTo('faithful', TAINTED_NODE, 'drill', 36_000))
  for (const name of ['brief', 'faithful']) await ready(side, name, 2)
  await daemonReady(side, TAINTED_NODE)
  const taints = [DRILL_TAINT, { key: 'drill', value: 'yes', effect: 'NoExecute' }]
  await side.patch(`/api/v1/nodes/${TAINTED_NODE}`, { spec: { taints } })
  await side.until('the brief ones are evicted', async () => {
    const { items } = await side.client.list(`${core(NAMESPACE, 'events')}?fieldSelector=reason%3DTaintManagerEviction`)
    return items.length >= 2
  })
  await side.patch(`/api/v1/nodes/${TAINTED_NODE}`, { spec: { taints: [DRILL_TAINT], unschedulable: true } })
  await side.until('the cordoned node is tainted', async () =>
    (await taintsOf(side, TAINTED_NODE)).includes('node.kubernetes.io/unschedulable:NoSchedule'),
  )
  await side.patch(`/api/v1/nodes/${TAINTED_NODE}`, { spec: { unschedulable: null } })
  for (const name of ['brief', 'faithful']) await ready(side, name, 2)
}

export const nodes: Story = async (stage) => {
  await stage.side.namespace(NAMESPACE)
  await Promise.all([silentNode(stage), leavingNode(stage), taintedNode(stage)])
}
