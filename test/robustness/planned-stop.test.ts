// SIGTERM: balancers hear 404 while clients are still served; watches end with a bookmark, and their connections with them;
// the process ends with 0.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { startEtcd } from '@keelson/storage/testing'
import { CONFIG_MAPS, configMap, Replica } from './replica.ts'

test('a planned stop goes unnoticed by clients', { timeout: 60_000 }, async () => {
  await using etcd = await startEtcd()
  await using replica = await Replica.start({ etcdServers: etcd.endpoints, flags: ['--shutdown-delay-duration=1s'] })
  await replica.ready()
  const watches = []
  const sessionEnds: Promise<unknown>[] = []
  for (const version of ['1.1', '2'] as const) {
    const client = replica.client(version)
    watches.push(await client.watch(`${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true`))
    if (version === '2') sessionEnds.push(once(client.session, 'goaway'), once(client.session, 'close'))
  }
  const stopped = replica.kill('SIGTERM')
  await replica.answers('/readyz/balancer', 404)
  const client = replica.client('1.1')
  const made = await client.request(CONFIG_MAPS, { method: 'POST', body: configMap('late') })
  assert.deepEqual([made.status, made.headers.connection], [201, 'close'])
  assert.equal((await client.request('/readyz')).status, 500)
  for (const watch of watches) {
    await watch.end()
    assert.deepEqual(
      watch.events.slice(-2).map(({ type }) => type),
      ['ADDED', 'BOOKMARK'],
    )
  }
  await Promise.all(sessionEnds)
  assert.equal(await stopped, 0)
})
