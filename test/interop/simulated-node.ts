// What a kubelet tells the API server, without a kubelet.
import { setTimeout as delay } from 'node:timers/promises'
import type { createClient } from '@keelson/client'

/** A Node object that says it is ready, renewed as a kubelet does. */
export async function simulateNode(
  client: ReturnType<typeof createClient>,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  await client.create('/api/v1/nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
  while (!signal.aborted) {
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'simulated',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    }
    const resources = { cpu: '4', memory: '8Gi', pods: '110' }
    await client
      .patch(`/api/v1/nodes/${name}/status`, {
        status: { conditions: [condition], capacity: resources, allocatable: resources },
      })
      .catch((error: unknown) => console.error(`node ${name}: ${String(error)}`))
    await delay(5000, undefined, { signal }).catch(() => {})
  }
}
