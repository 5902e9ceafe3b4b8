import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestServer } from './testing/test-server.ts'

const WATCH = '/api/v1/namespaces/default/configmaps?watch=1&allowWatchBookmarks=true'

test('a planned stop tells the balancer first, then ends watches with a bookmark', async () => {
  await using server = await TestServer.start({ shutdownDelayMs: 300 })
  const [one, two] = [await server.client('1.1'), await server.client('2')]
  await two.request('/api/v1/namespaces/default/configmaps', {
    method: 'POST',
    body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } },
  })
  const watches = [await one.watch(WATCH), await two.watch(WATCH)]
  for (const watch of watches) await watch.until(1)
  assert.equal((await two.request('/readyz/balancer')).status, 200)

  const stopped = server.api.shutdown()
  assert.equal((await two.request('/readyz/balancer')).status, 404)
  assert.equal((await two.request('/readyz')).status, 500)
  assert.equal((await two.request('/api/v1/namespaces/default')).status, 200)
  assert.ok(watches.every((watch) => !watch.ended))
  await stopped
  for (const watch of watches) {
    await watch.end()
    assert.equal(watch.events.at(-1).type, 'BOOKMARK')
  }
})

test('an HTTP/2 client hears GOAWAY before its watches end', async () => {
  await using server = await TestServer.start()
  const client = await server.client('2')
  const watch = await client.watch(WATCH)
  const { session } = client
  let endedBefore: boolean | undefined
  session.on('goaway', () => (endedBefore ??= watch.ended))
  await server.api.shutdown()
  await watch.end()
  assert.equal(endedBefore, false)
})
