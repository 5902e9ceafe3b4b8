// Garbage collection on a real server: what goes with its owners, what stays, and in which order.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { KubeObject, OwnerReference } from '@keelson/apimachinery'
import type { KubeClient } from '@keelson/client'
import { startTestServer } from 'keelson'
import { clientOf, find, gone, until } from '../testing/cluster.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const reference = ({ metadata }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
  ...more,
})

describe('garbage collection', () => {
  const stack = new AsyncDisposableStack()
  let client: KubeClient
  before(async () => {
    const server = stack.use(await startTestServer({ controllers: true }))
    client = clientOf(server)
    stack.defer(() => client.transport.close())
  })
  after(() => stack.disposeAsync())

  const create = (name: string, ownerReferences: OwnerReference[] = [], more: object = {}): Promise<KubeObject> =>
    client.create(MAPS, { metadata: { name, ownerReferences, ...more } })
  const remove = (name: string, propagationPolicy: string): Promise<KubeObject> =>
    client.delete(`${MAPS}/${name}?propagationPolicy=${propagationPolicy}`)
  const map = (name: string): Promise<KubeObject | undefined> => find(client, `${MAPS}/${name}`)
  const allGone = (...names: string[]): Promise<unknown> =>
    Promise.all(names.map((name) => gone(client, `${MAPS}/${name}`)))

  test('in the background: dependents of dependents go after their owner', async () => {
    const owner = await create('b-owner')
    const child = await create('b-child', [reference(owner)])
    await create('b-grandchild', [reference(child)])
    const other = await create('b-other')
    await create('b-shared', [reference(owner), reference(other)])
    await remove('b-owner', 'Background')
    await allGone('b-owner', 'b-child', 'b-grandchild')
    const shared = await until('the reference to the owner that is gone is removed', async () => {
      const found = await map('b-shared')
      return found?.metadata.ownerReferences?.length === 1 && found
    })
    assert.deepEqual(shared.metadata.ownerReferences, [reference(other)])
  })

  test('in the foreground: the owner goes last, and waits only for those that block it', async () => {
    const owner = await create('f-owner')
    const child = await create('f-child', [reference(owner, { blockOwnerDeletion: true })])
    await create('f-grandchild', [reference(child, { blockOwnerDeletion: true })], {
      finalizers: ['example.com/hold'],
    })
    await create('f-bystander', [reference(owner)], { finalizers: ['example.com/hold'] })
    await remove('f-owner', 'Foreground')
    await until('the grandchild is being deleted', async () => (await map('f-grandchild'))?.metadata.deletionTimestamp)
    assert.deepEqual((await map('f-owner'))?.metadata.finalizers, ['foregroundDeletion'])
    assert.deepEqual((await map('f-child'))?.metadata.finalizers, ['foregroundDeletion'])
    await client.patch(`${MAPS}/f-grandchild`, { metadata: { finalizers: null } })
    await allGone('f-grandchild', 'f-child', 'f-owner')
    await until('the bystander is being deleted', async () => (await map('f-bystander'))?.metadata.deletionTimestamp)
    await client.patch(`${MAPS}/f-bystander`, { metadata: { finalizers: null } })
    await allGone('f-bystander')
  })

  test('orphaned: dependents stay, without a reference to what is gone', async () => {
    const owner = await create('o-owner')
    const other = await create('o-other')
    await create('o-child', [reference(owner)])
    await create('o-shared', [reference(owner), reference(other)])
    await remove('o-owner', 'Orphan')
    await allGone('o-owner')
    assert.equal((await map('o-child'))?.metadata.ownerReferences, undefined)
    assert.deepEqual((await map('o-shared'))?.metadata.ownerReferences, [reference(other)])
    await remove('o-other', 'Background')
    await allGone('o-other', 'o-shared')
    assert.notEqual(await map('o-child'), undefined)
  })

  test('an owner that never was, or whose name another object has by now, is no owner', async () => {
    const existing = await create('n-existing')
    await create('n-never', [reference(existing, { name: 'nobody', uid: randomUUID() })])
    await create('n-other-uid', [reference(existing, { uid: randomUUID() })])
    await allGone('n-never', 'n-other-uid')
    assert.notEqual(await map('n-existing'), undefined)
  })

  test('a reference of another name or kind than its uid has: only the one that lies loses its owner', async () => {
    const owner = await create('l-owner')
    await create('l-true', [reference(owner)])
    await create('l-name', [reference(owner, { name: 'nobody' })])
    await create('l-kind', [reference(owner, { kind: 'Secret' })])
    await allGone('l-name', 'l-kind')
    assert.notEqual(await map('l-true'), undefined)
  })

  test('a uid that does not exist is looked for under every identity that is claimed', async () => {
    const uid = randomUUID()
    const claims = ['a', 'b', 'c'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid }))
    await Promise.all(claims.map((claim) => create(`c-${claim.name}`, [claim])))
    await allGone('c-a', 'c-b', 'c-c')
  })

  test('an owner in another namespace is no owner, and an Event says so', async () => {
    await client.create('/api/v1/namespaces', { metadata: { name: 'elsewhere' } })
    const owner = await client.create('/api/v1/namespaces/elsewhere/configmaps', { metadata: { name: 'owner' } })
    const dependent = await create('elsewhere', [reference(owner)])
    await allGone('elsewhere')
    const events = await until('the event', async () => {
      const { items } = await client.list(
        '/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=elsewhere',
      )
      return items.length > 0 && items
    })
    assert.deepEqual(
      events.map(({ type, reason, message, source }) => ({ type, reason, message, source })),
      [
        {
          type: 'Warning',
          reason: 'OwnerRefInvalidNamespace',
          message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
          source: { component: 'garbage-collector-controller' },
        },
      ],
    )
    const about = events[0]?.['involvedObject'] as { uid: string } | undefined // An event's.
    assert.equal(about?.uid, dependent.metadata.uid)
  })

  test('a cluster-scoped object goes with its cluster-scoped owner, and never with a namespaced one', async () => {
    const CLASSES = '/apis/scheduling.k8s.io/v1/priorityclasses'
    const owner = await client.create(CLASSES, { metadata: { name: 's-owner' }, value: 1 })
    const kind = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' }
    await client.create(CLASSES, { metadata: { name: 's-child', ownerReferences: [reference(owner, kind)] }, value: 1 })
    const wrong = { apiVersion: 'v1', kind: 'ConfigMap', name: 's', uid: randomUUID() }
    await client.create(CLASSES, { metadata: { name: 's-wrong', ownerReferences: [wrong] }, value: 1 })
    await create('s-namespaced', [reference(owner, kind)])
    await client.delete(`${CLASSES}/s-owner`)
    await gone(client, `${CLASSES}/s-child`)
    await allGone('s-namespaced')
    assert.notEqual(await find(client, `${CLASSES}/s-wrong`), undefined)
  })

  test('two that own each other, deleted in the foreground, do not wait for ever', async () => {
    const one = await create('r-one')
    const two = await create('r-two', [reference(one, { blockOwnerDeletion: true })])
    await client.patch(`${MAPS}/r-one`, {
      metadata: { ownerReferences: [reference(two, { blockOwnerDeletion: true })] },
    })
    await remove('r-one', 'Foreground')
    await allGone('r-one', 'r-two')
  })

  test('an owner that stops blocking lets the one that waits for it go', async () => {
    const owner = await create('u-owner')
    await create('u-child', [reference(owner, { blockOwnerDeletion: true })], { finalizers: ['example.com/hold'] })
    await remove('u-owner', 'Foreground')
    await until('the child is being deleted', async () => (await map('u-child'))?.metadata.deletionTimestamp)
    await client.patch(`${MAPS}/u-child`, { metadata: { ownerReferences: [reference(owner)] } })
    await allGone('u-owner')
    await client.patch(`${MAPS}/u-child`, { metadata: { finalizers: null } })
    await allGone('u-child')
  })

  test('three hundred dependents of one owner', async () => {
    const owner = await create('m-owner')
    const child = reference(owner, { blockOwnerDeletion: true })
    await Promise.all(Array.from({ length: 300 }, (_, number) => create(`m-${number}`, [child])))
    await remove('m-owner', 'Foreground')
    await allGone('m-owner')
    const { items } = await client.list(MAPS)
    assert.deepEqual(
      items.filter(({ metadata }) => metadata.name?.startsWith('m-')),
      [],
    )
  })
})

test('what happened while no collector ran is found when one begins', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-collector-'))
  const data = join(folder, 'left-over.db')
  try {
    {
      await using server = await startTestServer({ data })
      const client = clientOf(server)
      const owner = await client.create(MAPS, { metadata: { name: 'owner' } })
      const waiting = await client.create(MAPS, {
        metadata: { name: 'child', ownerReferences: [reference(owner, { blockOwnerDeletion: true })] },
      })
      await client.create(MAPS, { metadata: { name: 'grandchild', ownerReferences: [reference(waiting)] } })
      await client.delete(`${MAPS}/owner?propagationPolicy=Foreground`)
      await client.delete(`${MAPS}/child?propagationPolicy=Orphan`)
      client.transport.close()
    }
    await using server = await startTestServer({ data, controllers: true })
    const client = clientOf(server)
    await gone(client, `${MAPS}/owner`)
    await gone(client, `${MAPS}/child`)
    assert.equal((await find(client, `${MAPS}/grandchild`))?.metadata.ownerReferences, undefined)
    client.transport.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
