// Which etcd member leads: asked from every member's maintenance endpoint over its HTTP gateway.
import https from 'node:https'
import { readFileSync } from 'node:fs'
import { ClusterHandle } from '@keelson/cluster'
import type { StartedKeelson } from '../interop/keelson.ts'

/** The leader's name in the cluster's plan. Throws when no member answers. */
export async function etcdLeader({ stateDir, pki }: StartedKeelson): Promise<string> {
  const read = (file: string): Buffer => readFileSync(`${pki}/${file}`)
  const tls = {
    ca: read('etcd/ca.crt'),
    cert: read('apiserver-etcd-client.crt'),
    key: read('apiserver-etcd-client.key'),
  }
  for (const { name, clientPort } of new ClusterHandle(stateDir).plan.etcd) {
    const status = await memberStatus(clientPort, tls).catch(() => undefined)
    if (status !== undefined && status.leader === status.header.member_id) return name
  }
  throw new Error('no etcd member says that it leads')
}

interface MemberStatus {
  readonly leader: string
  readonly header: { readonly member_id: string }
}

function memberStatus(port: number, tls: https.RequestOptions): Promise<MemberStatus> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      { ...tls, host: '127.0.0.1', port, path: '/v3/maintenance/status', method: 'POST', timeout: 2000 },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve(JSON.parse(text) as MemberStatus)) // etcd's gateway answers with JSON.
        response.on('error', reject)
      },
    )
    request.on('timeout', () => request.destroy(new Error('timed out')))
    request.on('error', reject)
    request.end('{}')
  })
}
