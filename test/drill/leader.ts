// Which of Keelson's controller managers leads, asked of each one's metrics.
import { readFileSync } from 'node:fs'
import https from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClusterHandle } from '@keelson/cluster'

/** The lease of a killed one (15 s), the follower's look at it (4.4 s), on a busy machine. */
const LIMIT_MS = 60_000
const POLL_MS = 20

/** Waits for one. */
export async function leadingControllerManager(cluster: ClusterHandle, pki: string): Promise<string> {
  const deadline = performance.now() + LIMIT_MS
  while (performance.now() < deadline) {
    for (const { name, port } of cluster.plan.controllerManagers) {
      const metrics = await metricsOf(port, pki).catch(() => '') // One that is not up does not lead.
      if (/^leader_election_master_status\{.*\} 1$/m.test(metrics)) return name
    }
    await delay(POLL_MS)
  }
  throw new Error(`no controller manager leads within ${LIMIT_MS / 1000} s`)
}

function metricsOf(port: number, pki: string): Promise<string> {
  const read = (file: string): Buffer => readFileSync(`${pki}/${file}`)
  const tls = { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') }
  return new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${port}/metrics`
    const request = https.get(url, { ...tls, agent: false, timeout: 2000 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('timed out')))
    request.on('error', reject)
  })
}
