// A killed replica comes back: watches resume on it from 10,000 events before, and from what was written in its absence,
// over both transports, without a 410 and without a gap. A collection in which nothing happened for longer resumes too.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEtcd } from '@keelson/storage/testing'
import type { TestClient } from '../../packages/server/src/testing/test-client.ts'
import { CONFIG_MAPS, configMap, Replica } from './replica.ts'

const BEFORE = 10_000
const DURING = 500
const IN_FLIGHT = 48
/** Objects of about 6 KB, as pods are. */
const PAD = 5_500
const SECRETS = '/api/v1/namespaces/default/secrets'

test('a restarted replica resumes watches from 10,000 events back', { timeout: 90_000 }, async () => {
  await using etcd = await startEtcd()
  await using writer = await Replica.start({ etcdServers: etcd.endpoints })
  await writer.ready()
  await using restarted = await Replica.start({ etcdServers: etcd.endpoints })
  await restarted.ready()
  const client = writer.client('2')
  const secret = { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'quiet' } }
  const quiet = (await client.request(SECRETS, { method: 'POST', body: secret })).body.metadata.resourceVersion
  const first = (await client.request(CONFIG_MAPS, { method: 'POST', body: configMap('first') })).body
  const from = Number(first.metadata.resourceVersion)

  const revisions = await writeMany(client, 'before', BEFORE)
  await restarted.kill('SIGKILL')
  const [during] = await Promise.all([writeMany(client, 'during', DURING), comeBack(restarted)])
  const expected = [...revisions, ...during].toSorted((a, b) => a - b)

  for (const version of ['1.1', '2'] as const) {
    const resumed = restarted.client(version)
    const watch = await resumed.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${from}`)
    const events = await watch.until(expected.length)
    assert.deepEqual(
      events.slice(0, expected.length).map(({ object }) => Number(object.metadata.resourceVersion ?? object.code)),
      expected,
    )
    watch.close()
    const silent = await resumed.watch(`${SECRETS}?watch=true&resourceVersion=${quiet}`)
    const name = `loud-${version}`
    const body = { ...secret, metadata: { name } }
    assert.equal((await client.request(SECRETS, { method: 'POST', body })).status, 201)
    const loud = (await silent.until(version === '1.1' ? 1 : 2)).map(
      ({ object }) => object.metadata.name ?? object.code,
    )
    assert.equal(loud.at(-1), name)
    silent.close()
  }
})

async function comeBack(replica: Replica): Promise<void> {
  replica.restart()
  await replica.ready()
}

/** A twentieth as many objects as writes, so that most events change one. Returns the revisions, in no order. */
async function writeMany(client: TestClient, prefix: string, count: number): Promise<number[]> {
  const revisions: number[] = []
  const lanes = Array.from({ length: IN_FLIGHT }, (_, lane) =>
    writeLane(client, `${prefix}-${lane}`, lane, count, revisions),
  )
  await Promise.all(lanes)
  return revisions
}

async function writeLane(
  client: TestClient,
  name: string,
  lane: number,
  count: number,
  revisions: number[],
): Promise<void> {
  for (let write = lane; write < count; write += IN_FLIGHT) {
    const isFirst = write === lane
    const { status, body } = await client.request(isFirst ? CONFIG_MAPS : `${CONFIG_MAPS}/${name}`, {
      method: isFirst ? 'POST' : 'PUT',
      body: configMap(name, { write: String(write).padStart(PAD) }),
    })
    assert.ok(status === 200 || status === 201, JSON.stringify(body))
    revisions.push(Number(body.metadata.resourceVersion))
  }
}
