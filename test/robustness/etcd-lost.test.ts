// etcd is lost while a replica runs: reads of the cache go on, the rest ends within 5 s and says whether it may have been
// done, watches stay open, and everything recovers alone. The checked workload finds what was lost or done twice.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type EtcdCluster, type EtcdMember, startEtcd } from '@keelson/storage/testing'
import { type Report, startWorkload } from '@keelson/workload'
import type { TestAnswer } from '../../packages/server/src/testing/test-client.ts'
import { CONFIG_MAPS, configMap, Replica } from './replica.ts'

/** The server's own limits add up to less, so that a busy machine keeps it too. */
const LIMIT_MS = 5_000

interface Outage {
  readonly name: string
  readonly begin: (members: readonly EtcdMember[]) => Promise<unknown>
  readonly end: (members: readonly EtcdMember[]) => Promise<unknown>
}

const all = async (members: readonly EtcdMember[], act: (member: EtcdMember) => unknown): Promise<unknown> =>
  Promise.all(members.map(act))

const OUTAGES: readonly Outage[] = [
  {
    name: 'all members are paused',
    begin: (members) => all(members, (member) => member.pause()),
    end: (members) => all(members, (member) => member.resume()),
  },
  {
    name: 'all members are killed',
    begin: (members) => all(members, (member) => member.kill()),
    end: (members) => all(members, (member) => member.restart()),
  },
  {
    name: 'the majority is killed',
    begin: (members) => all(members.slice(1), (member) => member.kill()),
    end: (members) => all(members.slice(1), (member) => member.restart()),
  },
]

describe('etcd is lost while a replica runs', () => {
  let etcd: EtcdCluster
  let replica: Replica
  before(async () => {
    etcd = await startEtcd({ members: 3 })
    replica = await Replica.start({ etcdServers: etcd.endpoints })
    await replica.ready()
  })
  after(async () => {
    await replica[Symbol.asyncDispose]()
    await etcd[Symbol.asyncDispose]()
  })

  for (const [round, outage] of OUTAGES.entries()) {
    test(outage.name, { timeout: 60_000 }, async () => {
      const client = replica.client('2')
      const name = `before-${round}`
      const { body: made } = await client.request(CONFIG_MAPS, { method: 'POST', body: configMap(name) })
      const from = `resourceVersion=${made.metadata.resourceVersion}`
      const watches = await Promise.all(
        (['1.1', '2'] as const).map((version) => replica.client(version).watch(`${CONFIG_MAPS}?watch=true&${from}`)),
      )
      const workload = await startWorkload({
        connection: replica.connection,
        watchers: 4,
        writesPerSecond: 20,
        readsPerSecond: 2,
        namespace: `outage-${round}`,
      })

      let report: Report
      try {
        await outage.begin(etcd.members)
        const answers = await Promise.all([
          timed(client.request(CONFIG_MAPS)),
          timed(client.request(`${CONFIG_MAPS}/${name}`)),
          timed(client.request(CONFIG_MAPS, { method: 'POST', body: configMap(`during-${round}`) })),
          timed(client.request(`${CONFIG_MAPS}/${name}`, { method: 'DELETE' })),
          timed(client.request('/readyz')),
        ])
        const [cachedList, cachedGet, balancer, live] = await Promise.all([
          client.request(`${CONFIG_MAPS}?resourceVersion=0`),
          client.request(`${CONFIG_MAPS}/${name}?resourceVersion=0`),
          client.request('/readyz/balancer'),
          client.request('/livez'),
        ])
        for (const { status } of [cachedList, cachedGet, balancer, live]) assert.equal(status, 200)
        for (const { tookMs } of answers) {
          assert.ok(tookMs < LIMIT_MS, `${tookMs} ms`)
        }
        for (const { answer } of answers.slice(0, 2)) assertUnavailable(answer)
        for (const { answer } of answers.slice(2, 4)) assertSaysWhetherApplied(answer)
        assert.equal(answers[4]?.answer.status, 500)

        await outage.end(etcd.members)
        await replica.ready()
        const after = await client.request(CONFIG_MAPS, { method: 'POST', body: configMap(`after-${round}`) })
        assert.equal(after.status, 201)
        for (const watch of watches) {
          for (let count = 1; !watch.events.some(({ object }) => object.metadata.name === `after-${round}`); count++)
            await watch.until(count)
          assert.ok(!watch.ended)
          watch.close()
        }
      } finally {
        report = await workload.stop()
      }
      assert.deepEqual(report.violations, [])
      assert.deepEqual([report.gone, report.relists, report.reconnects], [0, 0, 0])
      assert.ok(report.writes.ok > 0)
    })
  }
})

async function timed(request: Promise<TestAnswer>): Promise<{ readonly tookMs: number; readonly answer: TestAnswer }> {
  const begun = performance.now()
  const answer = await request
  return { tookMs: performance.now() - begun, answer }
}

function assertUnavailable({ status, headers, body }: TestAnswer): void {
  assert.deepEqual([status, body.kind, body.reason, headers['retry-after']], [503, 'Status', 'ServiceUnavailable', '1'])
}

/** 503 with Retry-After: surely not. 504 without: nobody knows. */
function assertSaysWhetherApplied(answer: TestAnswer): void {
  if (answer.status === 503) return assertUnavailable(answer)
  assert.deepEqual([answer.status, answer.body.kind, answer.headers['retry-after']], [504, 'Status', undefined])
}
