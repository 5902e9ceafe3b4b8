// Leader election on a real server: one leader at a time, also when it ends, hangs, or cannot reach the server.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeObject } from '@keelson/apimachinery'
import { startTestServer, type TestServer } from 'keelson'
import { type KubeClient, createClient } from './client.ts'
import { createHttp2Transport } from './http2-transport.ts'
import { type LeaderElectionOptions, runLeaderElection } from './leader-election.ts'

/** Short, and in the proportions of the defaults. */
const TIMES = { leaseDurationMs: 1500, renewDeadlineMs: 1000, retryPeriodMs: 200 }

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseTransitions?: number
  readonly leaseDurationSeconds?: number
}

describe('leader election', () => {
  const stack = new AsyncDisposableStack()
  let server: TestServer
  let client: KubeClient
  before(async () => {
    server = stack.use(await startTestServer())
    client = clientOf(server)
    stack.defer(() => client.transport.close())
  })
  after(() => stack.disposeAsync())

  const candidate = (name: string, identity: string, more: Partial<LeaderElectionOptions> = {}) => {
    const ending = new AbortController()
    const began = Promise.withResolvers<() => boolean>()
    const ended = runLeaderElection(
      {
        client,
        namespace: 'default',
        name,
        identity,
        ...TIMES,
        lead: async (signal, mayAct) => {
          began.resolve(mayAct)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
        ...more,
      },
      ending.signal,
    )
    return { began: began.promise, ended, end: () => ending.abort() }
  }
  const specOf = async (name: string): Promise<LeaseSpec> => {
    const lease: KubeObject = await client.get(`/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`)
    return lease['spec'] as LeaseSpec // A Lease's spec.
  }

  test('one leads; when it ends it gives the lease up, and the other leads at once', async () => {
    const first = candidate('released', 'one')
    const mayAct = await first.began
    assert.ok(mayAct())
    const seen: string[] = []
    const second = candidate('released', 'two', { onNewLeader: (identity) => seen.push(identity) })
    await delay(500)
    assert.equal((await specOf('released')).holderIdentity, 'one')
    first.end()
    await first.ended
    const atMs = performance.now()
    await second.began
    assert.ok(performance.now() - atMs < TIMES.leaseDurationMs)
    const { holderIdentity, leaseTransitions, leaseDurationSeconds } = await specOf('released')
    assert.deepEqual([holderIdentity, leaseTransitions, leaseDurationSeconds], ['two', 1, 2])
    assert.deepEqual(seen, ['one', 'two'])
    second.end()
    await second.ended
    assert.equal((await specOf('released')).holderIdentity ?? '', '')
  })

  test('a leader that was cut off stops before the other begins', async () => {
    const cut = clientOf(server)
    const first = candidate('cut', 'one', { client: cut })
    const mayAct = await first.began
    const second = candidate('cut', 'two')
    await delay(300)
    // Every request fails from now on.
    cut.transport.request = () => Promise.reject(new Error('cut off'))
    let firstMayAct: boolean | undefined
    await Promise.all([first.ended, second.began.then(() => (firstMayAct = mayAct()))])
    assert.equal(firstMayAct, false)
    second.end()
    await second.ended
    cut.transport.close()
  })

  test('a leader whose lease another has taken stops', async () => {
    const first = candidate('stolen', 'one')
    await first.began
    await client.patch('/apis/coordination.k8s.io/v1/namespaces/default/leases/stolen', {
      spec: { holderIdentity: 'thief', leaseDurationSeconds: 60 },
    })
    await first.ended
    assert.equal((await specOf('stolen')).holderIdentity, 'thief')
  })

  test('what a leader does not survive ends its leading, and is told', async () => {
    const lead = (): Promise<void> => Promise.reject(new Error('broken'))
    await assert.rejects(candidate('broken', 'one', { lead }).ended, /broken/)
    assert.equal((await specOf('broken')).holderIdentity ?? '', '')
  })

  test('times that cannot work are refused', async () => {
    await assert.rejects(candidate('x', 'one', { leaseDurationMs: 1000 }).ended, /lease duration must be greater/)
    await assert.rejects(candidate('x', 'one', { retryPeriodMs: 900 }).ended, /retry period times 1.2/)
  })
})

function clientOf({ url, ca, clientCertificate, clientKey }: TestServer): KubeClient {
  const [caBytes, cert, key] = [ca, clientCertificate, clientKey].map((text) => Buffer.from(text))
  return createClient(createHttp2Transport({ server: url, ca: caBytes, cert, key, token: undefined }))
}
