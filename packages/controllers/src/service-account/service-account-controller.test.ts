// A namespace's default ServiceAccount on a real server, and the Pod that needs it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeClient } from '@keelson/client'
import { startTestServer } from 'keelson'
import { clientOf, find, gone, until } from '../testing/cluster.ts'

describe('a namespace', () => {
  const stack = new AsyncDisposableStack()
  let client: KubeClient
  before(async () => {
    const server = stack.use(await startTestServer({ controllers: true }))
    client = clientOf(server)
    stack.defer(() => client.transport.close())
  })
  after(() => stack.disposeAsync())

  const accountOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/serviceaccounts/default`

  test('that is new takes Pods at once, as its default account', async () => {
    await client.create('/api/v1/namespaces', { metadata: { name: 'fresh' } })
    const spec = { containers: [{ name: 'c', image: 'nginx' }] }
    const pod = await client.create('/api/v1/namespaces/fresh/pods', { metadata: { name: 'p' }, spec })
    assert.equal((pod['spec'] as { serviceAccountName?: string }).serviceAccountName, 'default') // A Pod's spec.
  })

  test('that was there before the controller has one too', async () => {
    await until('the account of kube-system', () => find(client, accountOf('kube-system')))
  })

  test('gets a new one when it is deleted, and none when it is going itself', async () => {
    const { metadata } = await until('the account', () => find(client, accountOf('default')))
    await client.delete(accountOf('default'))
    const next = await until('another account', async () => {
      const found = await find(client, accountOf('default'))
      return found?.metadata.uid !== metadata.uid && found
    })
    assert.notEqual(next.metadata.uid, metadata.uid)
    await client.create('/api/v1/namespaces', { metadata: { name: 'short' } })
    await until('its account', () => find(client, accountOf('short')))
    await client.delete('/api/v1/namespaces/short')
    await gone(client, '/api/v1/namespaces/short')
  })
})
