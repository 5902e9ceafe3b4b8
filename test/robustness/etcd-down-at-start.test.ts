// A replica whose etcd is not there yet: it waits, says so wherever it is asked, and becomes ready by itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startEtcd } from '@keelson/storage/testing'
import { Replica, until } from './replica.ts'

test('etcd is down at start', { timeout: 60_000 }, async () => {
  await using etcd = await startEtcd()
  const [member] = etcd.members
  await member!.kill()
  await using replica = await Replica.start({ etcdServers: etcd.endpoints })
  await replica.answers('/livez', 200, 15_000)
  const client = replica.client('2')

  const readyz = await client.request('/readyz')
  assert.equal(readyz.status, 500)
  assert.match(readyz.text, /^\[-\]etcd failed: reason withheld$/m)
  assert.match(readyz.text, /^\[-\]informer-sync failed: reason withheld$/m)
  assert.match(readyz.text, /^readyz check failed$/m)
  assert.equal((await client.request('/readyz?verbose&exclude=etcd')).status, 500)
  const balancer = await client.request('/readyz/balancer')
  assert.deepEqual([balancer.status, balancer.text], [404, 'not primed'])
  const lists = ['', '?resourceVersion=0', '?watch=true'].map((query) => client.request(`/api/v1/namespaces${query}`))
  for (const { status, headers, body } of await Promise.all(lists)) {
    assert.deepEqual(
      [status, body.kind, body.reason, headers['retry-after']],
      [503, 'Status', 'ServiceUnavailable', '1'],
    )
  }
  assert.match(replica.log, /waiting for the store/)

  await member!.restart()
  await until(
    () => replica.log.includes('"msg":"ready"'),
    10_000,
    () => replica.log,
  )
  await replica.ready(5_000)
  assert.equal((await client.request('/readyz/balancer')).status, 200)
  assert.equal((await client.request('/api/v1/namespaces/default')).status, 200)
  const told = replica.log.split('\n').filter((line) => line.includes('"doing":"reading everything from the store"'))
  assert.deepEqual(
    told.map((line) => (JSON.parse(line) as { msg: string }).msg), // Our own log.
    ['the watch cache will try again', 'it works again'],
  )
})
