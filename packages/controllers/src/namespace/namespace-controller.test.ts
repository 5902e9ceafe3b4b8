// Namespaces end on a real server: emptied, finalized, gone; and what a namespace says while something keeps it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { StatusError } from '@keelson/apimachinery'
import type { KubeClient } from '@keelson/client'
import { startTestServer } from 'keelson'
import { clientOf, find, gone, until } from '../testing/cluster.ts'
import type { NamespaceCondition } from './conditions.ts'

describe('a deleted namespace', () => {
  const stack = new AsyncDisposableStack()
  let client: KubeClient
  before(async () => {
    const server = stack.use(await startTestServer({ controllers: true }))
    client = clientOf(server)
    stack.defer(() => client.transport.close())
  })
  after(() => stack.disposeAsync())

  const conditionsOf = async (name: string): Promise<Map<string, NamespaceCondition>> => {
    const status = (await find(client, `/api/v1/namespaces/${name}`))?.status as
      | { conditions?: NamespaceCondition[] }
      | undefined // A namespace's status.
    return new Map((status?.conditions ?? []).map((condition) => [condition.type, condition]))
  }

  test('is emptied of every kind and goes', async () => {
    await client.create('/api/v1/namespaces', { metadata: { name: 'full' } })
    for (let number = 0; number < 30; number++) {
      await client.create('/api/v1/namespaces/full/configmaps', { metadata: { name: `c-${number}` } })
    }
    await client.create('/apis/coordination.k8s.io/v1/namespaces/full/leases', { metadata: { name: 'l' } })
    await client.create('/api/v1/namespaces/full/serviceaccounts', { metadata: { name: 'own' } })
    await client.delete('/api/v1/namespaces/full')
    await gone(client, '/api/v1/namespaces/full')
    assert.equal((await client.list('/api/v1/namespaces/full/configmaps')).items.length, 0)
    assert.equal((await client.list('/apis/coordination.k8s.io/v1/namespaces/full/leases')).items.length, 0)
  })

  test('waits for the finalizers of others, and says so in the words of upstream', async () => {
    await client.create('/api/v1/namespaces', { metadata: { name: 'kept' } })
    const path = '/api/v1/namespaces/kept/configmaps/held'
    await client.create('/api/v1/namespaces/kept/configmaps', {
      metadata: { name: 'held', finalizers: ['example.com/hold'] },
    })
    await client.delete('/api/v1/namespaces/kept')
    const conditions = await until('its conditions', async () => {
      const found = await conditionsOf('kept')
      return found.size === 5 && found
    })
    const said = [...conditions.values()].map(({ type, status, reason, message }) => [type, status, reason, message])
    assert.deepEqual(said, [
      ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
      [
        'NamespaceDeletionGroupVersionParsingFailure',
        'False',
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
      ],
      [
        'NamespaceDeletionContentFailure',
        'False',
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
      ],
      [
        'NamespaceContentRemaining',
        'True',
        'SomeResourcesRemain',
        'Some resources are remaining: configmaps. has 1 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'True',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
      ],
    ])
    await assert.rejects(
      client.create('/api/v1/namespaces/kept/configmaps', { metadata: { name: 'late' } }),
      (error) => error instanceof StatusError && error.code === 403,
    )
    await client.patch(path, { metadata: { finalizers: null } })
    await gone(client, '/api/v1/namespaces/kept')
  })

  test('with a finalizer of its own in the spec stays, empty, until that is taken off', async () => {
    await client.create('/api/v1/namespaces', {
      metadata: { name: 'owned' },
      spec: { finalizers: ['example.com/owner'] },
    })
    await client.create('/api/v1/namespaces/owned/configmaps', { metadata: { name: 'c' } })
    await client.delete('/api/v1/namespaces/owned')
    const left = await until('only the other finalizer is left', async () => {
      const namespace = await find(client, '/api/v1/namespaces/owned')
      const spec = namespace?.['spec'] as { finalizers?: string[] } | undefined // A namespace's spec.
      return spec?.finalizers?.length === 1 && namespace
    })
    assert.deepEqual(left['spec'], { finalizers: ['example.com/owner'] })
    assert.equal(await find(client, '/api/v1/namespaces/owned/configmaps/c'), undefined)
    await client.update('/api/v1/namespaces/owned/finalize', { ...left, spec: { finalizers: [] } })
    await gone(client, '/api/v1/namespaces/owned')
  })

  test('that was deleted before the controllers began goes all the same', async () => {
    await client.create('/api/v1/namespaces', { metadata: { name: 'early' } })
    await client.delete('/api/v1/namespaces/early')
    await gone(client, '/api/v1/namespaces/early')
  })
})
