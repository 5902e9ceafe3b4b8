// What `kubectl get componentstatuses` reads.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestServer } from '../testing/test-server.ts'

test('the store is listed as well, as an object and as the row of a table', async () => {
  await using server = await TestServer.start()
  const client = await server.client('1.1')
  const path = '/api/v1/componentstatuses'
  const conditions = [{ type: 'Healthy', status: 'True', message: 'ok' }]
  const list = await client.request(path)
  assert.equal(list.body.kind, 'ComponentStatusList')
  assert.deepEqual(list.body.items, [{ metadata: { name: 'etcd-0' }, conditions }])
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  for (const table of [
    await client.request(path, { headers: { accept } }),
    await client.request(`${path}/etcd-0`, { headers: { accept } }),
  ]) {
    assert.equal(table.body.kind, 'Table', table.text)
    assert.deepEqual(table.body.rows[0].cells, ['etcd-0', 'Healthy', 'ok', ''])
  }
})

test('selectors are obeyed, and checked', async () => {
  await using server = await TestServer.start()
  const client = await server.client('1.1')
  const names = async (query: string): Promise<string[]> => {
    const { body } = await client.request(`/api/v1/componentstatuses?${query}`)
    return body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
  }
  assert.deepEqual(await names('fieldSelector=metadata.name%3Detcd-0'), ['etcd-0'])
  assert.deepEqual(await names('fieldSelector=metadata.name%3Dscheduler'), [])
  assert.deepEqual(await names('labelSelector=a'), [])
  assert.deepEqual(await names('labelSelector=!a'), ['etcd-0'])
  assert.equal((await client.request('/api/v1/componentstatuses?fieldSelector=a%3Db')).status, 400)
})
