import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestServer } from './testing/test-server.ts'

for (const httpVersion of ['1.1', '2'] as const) {
  test(`an object is created, read, listed and watched over HTTP/${httpVersion}`, async () => {
    await using server = await TestServer.start()
    const client = await server.client(httpVersion)
    const path = '/api/v1/namespaces/default/configmaps'

    const watch = await client.watch(`${path}?watch=true`)
    const created = await client.request(path, {
      method: 'POST',
      body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { k: 'v' } },
    })
    assert.equal(created.status, 201, created.text)
    const read = await client.request(`${path}/a`)
    assert.equal(read.status, 200)
    assert.deepEqual(read.body, created.body)
    const list = await client.request(path)
    assert.equal(list.body.kind, 'ConfigMapList')
    assert.ok(list.body.items.some((item: { metadata: { name: string } }) => item.metadata.name === 'a'))
    const events = await watch.until(1)
    assert.deepEqual(events[0], { type: 'ADDED', object: created.body })
    watch.close()
  })
}
