// What an etcd may do besides being away: run out of space, or hold values that nobody can read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEtcdStorage, toStorageKey } from '@keelson/storage'
import { startEtcd } from '@keelson/storage/testing'
import { CONFIG_MAPS, configMap, Replica, until } from './replica.ts'

test(
  'an etcd without space: writes are 500 with its message, deletes go, and readiness and metrics say it',
  { timeout: 60_000 },
  async () => {
    await using etcd = await startEtcd({ flags: { 'quota-backend-bytes': String(16 * 1024 * 1024) } })
    await using replica = await Replica.start({ etcdServers: etcd.endpoints })
    await replica.ready()
    const client = replica.client('2')
    const create = (index: number) =>
      client.request(CONFIG_MAPS, { method: 'POST', body: configMap(`fill-${index}`, { pad: 'x'.repeat(900_000) }) })
    let answer = await create(0)
    for (let index = 1; answer.status === 201 && index < 40; index++) answer = await create(index)
    assert.deepEqual([answer.status, answer.body.kind], [500, 'Status'])
    assert.match(answer.body.message, /etcdserver: mvcc: database space exceeded/)
    assert.equal(answer.headers['retry-after'], undefined)

    await replica.answers('/readyz', 500)
    const readyz = await client.request('/readyz')
    assert.match(readyz.text, /^\[-\]etcd-space failed/m)
    assert.equal((await client.request('/readyz/balancer')).status, 200)
    assert.match((await client.request('/metrics')).text, /^keelson_storage_alarms\{alarm="NOSPACE"\} 1$/m)

    assert.equal((await client.request(CONFIG_MAPS)).status, 200)
    assert.equal((await client.request(`${CONFIG_MAPS}/fill-0`, { method: 'DELETE' })).status, 200)
    assert.equal((await client.request(`${CONFIG_MAPS}/fill-0`)).status, 404)
  },
)

test(
  'values that nobody can read: that resource is not ready, its key is reported, and others go on',
  { timeout: 60_000 },
  async () => {
    await using etcd = await startEtcd()
    await using replica = await Replica.start({ etcdServers: etcd.endpoints })
    await replica.ready()
    const client = replica.client('1.1')
    const watch = await client.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=0`)
    await using storage = await createEtcdStorage({ endpoints: etcd.endpoints, keyPrefix: '/registry' })
    const key = (name: string) => toStorageKey(`/registry/secrets/default/${name}`)
    await storage.create(key('garbage'), Buffer.from([0, 255, 1, 2]))
    await storage.create(
      key('other-kind'),
      Buffer.from('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"other-kind","namespace":"default"}}'),
    )
    await storage.create(key('no-object'), Buffer.from('[]'))

    await replica.answers('/readyz', 500)
    await until(
      () => replica.log.includes('/registry/secrets/default/garbage'),
      5_000,
      () => replica.log,
    )
    const secrets = await client.request('/api/v1/namespaces/default/secrets')
    assert.deepEqual([secrets.status, secrets.body.kind], [500, 'Status'])
    assert.match(secrets.body.message, /garbage|no-object/)
    assert.equal((await client.request(CONFIG_MAPS, { method: 'POST', body: configMap('others') })).status, 201)
    while (!watch.events.some(({ object }) => object.metadata.name === 'others'))
      await watch.until(watch.events.length + 1)

    await replica.kill('SIGKILL')
    replica.restart()
    await replica.answers('/readyz/balancer', 200, 20_000)
    assert.equal((await client.request(CONFIG_MAPS)).status, 200)
    assert.equal((await client.request('/api/v1/namespaces/default/secrets')).status, 500)
    for (const name of ['garbage', 'other-kind', 'no-object']) {
      const stored = await storage.get(key(name))
      if (stored !== undefined) await storage.delete(key(name), stored.modRevision)
    }
    await replica.ready()
    assert.equal((await client.request('/api/v1/namespaces/default/secrets')).status, 200)
  },
)
