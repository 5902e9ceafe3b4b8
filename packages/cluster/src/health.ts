// Asks a process of the cluster whether it is well, from outside, as its users see it.
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { stateFiles } from './plan.ts'
import type { ClusterPlan } from './plan.ts'
import type { ProcessRecord } from './state-file.ts'

export interface Health {
  readonly healthy: boolean
  /** Why not; '' when healthy. */
  readonly reason: string
}

const TIMEOUT_MS = 2_000

export async function probe(
  plan: ClusterPlan,
  { role, address }: Pick<ProcessRecord, 'role' | 'address'>,
): Promise<Health> {
  const pki = (file: string): Buffer => readFileSync(stateFiles.pki(plan.stateDir, file))
  try {
    switch (role) {
      case 'etcd': {
        const tls = {
          ca: pki('etcd/ca.crt'),
          cert: pki('apiserver-etcd-client.crt'),
          key: pki('apiserver-etcd-client.key'),
        }
        return judge(await get(`${address}/health`, tls), (body) => body.includes('"true"'))
      }
      case 'apiserver':
        return judge(
          await get(`${address}/readyz`, { ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key') }),
        )
      case 'controller-manager':
        return judge(await get(`${address}/healthz`, { ca: pki('ca.crt') }))
      case 'haproxy':
        return judge(await get(`http://127.0.0.1:${plan.statisticsPort}/healthz`))
      default:
        return role satisfies never
    }
  } catch (error) {
    return { healthy: false, reason: reasonOf(error) }
  }
}

interface Answer {
  readonly status: number
  readonly body: string
}

function judge({ status, body }: Answer, isFine: (body: string) => boolean = () => true): Health {
  if (status === 200 && isFine(body)) return { healthy: true, reason: '' }
  return { healthy: false, reason: `${status} ${body.replaceAll(/\s+/g, ' ').trim().slice(0, 200)}`.trim() }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && error.code === 'ECONNREFUSED' ? 'does not listen' : error.message
}

function get(url: string, tls: https.RequestOptions = {}): Promise<Answer> {
  const client = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const request = client.get(url, { ...tls, agent: false, timeout: TIMEOUT_MS }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
    request.on('error', reject)
  })
}
