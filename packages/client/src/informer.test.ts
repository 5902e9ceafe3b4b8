// Informers against a real server: nothing missed, nothing twice, through cut connections, restarts and lists anew.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { startTestServer, type TestServer } from 'keelson'
import { type KubeClient, createClient, type WatchEvent } from './client.ts'
import { discover, preferredResources, resourceOfKind } from './discovery.ts'
import { createEventRecorder } from './event-recorder.ts'
import { createHttp1Transport } from './http1-transport.ts'
import { createHttp2Transport } from './http2-transport.ts'
import { Informer } from './informer.ts'
import { ResourceClient } from './resource-client.ts'

const MAPS = { group: '', version: 'v1', resource: 'configmaps' }
const PATH = '/api/v1/namespaces/default/configmaps'

function clientOf({ url, ca, clientCertificate, clientKey }: TestServer, http: '1.1' | '2' = '2'): KubeClient {
  const [caBytes, cert, key] = [ca, clientCertificate, clientKey].map((text) => Buffer.from(text))
  const config = { server: url, ca: caBytes, cert, key, token: undefined }
  return createClient(http === '2' ? createHttp2Transport(config) : createHttp1Transport(config))
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${what}`)
    await delay(5)
  }
}

/** What an informer told, as `+name`, `~name` and `-name`. */
function recording(informer: Informer): string[] {
  const told: string[] = []
  informer.addHandlers({
    added: ({ metadata }) => told.push(`+${metadata.name}`),
    updated: (_, { metadata }) => told.push(`~${metadata.name}`),
    deleted: ({ metadata }) => told.push(`-${metadata.name}`),
  })
  return told
}

describe('an informer', () => {
  const stack = new AsyncDisposableStack()
  let server: TestServer
  let client: KubeClient
  let maps: ResourceClient
  before(async () => {
    server = stack.use(await startTestServer())
    client = clientOf(server)
    stack.defer(() => client.transport.close())
    maps = new ResourceClient(client, MAPS, { namespace: 'default' })
  })
  after(() => stack.disposeAsync())

  for (const watchList of [true, false]) {
    test(`tells of what was there, then of changes in order (${watchList ? 'streamed' : 'listed'})`, async () => {
      const labels = { test: `order-${watchList}` }
      const create = (name: string, data = {}): Promise<KubeObject> => maps.create({ metadata: { name, labels }, data })
      await create('a')
      await create('b')
      const ending = new AbortController()
      const informer = new Informer(client, `${PATH}?labelSelector=test%3Dorder-${watchList}`, {
        watchList,
        indexers: { size: ({ data }) => [String(Object.keys(data ?? {}).length)] },
      })
      const told = recording(informer)
      assert.equal(informer.isSynced, false)
      const ended = informer.run(ending.signal)
      await informer.whenSynced(AbortSignal.timeout(10_000))
      assert.deepEqual(told.toSorted(), ['+a', '+b'])
      await create('c', { key: 'value' })
      await maps.patch('a', { data: { key: 'value' } }, 'application/merge-patch+json')
      await maps.delete('b')
      await until('all was told', () => told.length === 5)
      assert.deepEqual(told.slice(2), ['+c', '~a', '-b'])
      const names = informer.store.byIndex('size', '1').map(({ metadata }) => metadata.name ?? '')
      assert.deepEqual(names.toSorted(), ['a', 'c'])
      assert.deepEqual(informer.store.byIndex('size', '0'), [])
      // Handlers that come late are told of what is there.
      assert.deepEqual(recording(informer).toSorted(), ['+a', '+c'])
      ending.abort()
      await ended
      for (const name of ['a', 'c']) await maps.delete(name)
    })
  }

  test('keeps only metadata when nothing else is asked for', async () => {
    await maps.create({ metadata: { name: 'metadata' }, data: { secret: 'x' } })
    const ending = new AbortController()
    const informer = new Informer(client, PATH, { metadata: true })
    const ended = informer.run(ending.signal)
    await informer.whenSynced()
    const found = informer.store.get('default/metadata')
    assert.deepEqual([found?.kind, found?.['data']], ['PartialObjectMetadata', undefined])
    ending.abort()
    await ended
    await maps.delete('metadata')
  })

  test('goes on after its connections were cut, and its list was lost (410), without a word too many', async () => {
    let current = clientOf(server)
    const own = { ...current }
    const informer = new Informer(own, `${PATH}?labelSelector=test%3Dcut`)
    const told = recording(informer)
    // A server that says that the revision is gone: at the second watch, which is the first that resumes.
    let watches = 0
    own.watch = async function* (path, signal, accept): AsyncGenerator<WatchEvent[], void> {
      if (++watches === 2) throw new StatusError(410, 'Expired', 'too old resource version')
      yield* current.watch(path, signal, accept)
    }
    const ending = new AbortController()
    const ended = informer.run(ending.signal)
    await informer.whenSynced()
    const labels = { test: 'cut' }
    await maps.create({ metadata: { name: 'one', labels } })
    await until('one', () => told.includes('+one'))
    current.transport.close()
    current = clientOf(server)
    await maps.delete('one')
    await maps.create({ metadata: { name: 'two', labels } })
    await maps.create({ metadata: { name: 'one', labels } })
    await maps.patch('two', { data: { key: 'value' } }, 'application/merge-patch+json')
    await until('all is as it is on the server', () => told.includes('-one') && informer.store.size === 2)
    await until('the last change', () => informer.store.get('default/two')?.['data'] !== undefined)
    assert.ok(watches >= 3)
    assert.deepEqual(
      told.filter((each) => each.endsWith('one')),
      ['+one', '-one', '+one'],
    )
    assert.equal(told.filter((each) => each === '+two').length, 1)
    ending.abort()
    await ended
    for (const name of ['one', 'two']) await maps.delete(name)
    current.transport.close()
  })

  test('more watches than one session allows, and none is kept waiting', async () => {
    const own = clientOf(server)
    const ending = new AbortController()
    const informers = Array.from({ length: 130 }, (_, number) => {
      return new Informer(own, `${PATH}?fieldSelector=metadata.name%3Dn-${number}`)
    })
    const ended = informers.map((informer) => informer.run(ending.signal))
    await Promise.all(informers.map((informer) => informer.whenSynced(AbortSignal.timeout(15_000))))
    assert.equal((await own.get('/api/v1/namespaces/default')).metadata.name, 'default')
    ending.abort()
    await Promise.all(ended)
    own.transport.close()
  })

  test('pages, metadata and collections of a resource client; over HTTP/1.1 too', async () => {
    const own = clientOf(server, '1.1')
    const objects = new ResourceClient(own, MAPS, { namespace: 'default' })
    for (let number = 0; number < 7; number++) {
      await objects.create({ metadata: { name: `p-${number}`, labels: { test: 'pages' } } }, { fieldManager: 'tester' })
    }
    const sizes: number[] = []
    for await (const { items } of objects.pages({ labelSelector: 'test=pages', limit: 3 })) sizes.push(items.length)
    assert.deepEqual(sizes, [3, 3, 1])
    const metadata = new ResourceClient(own, MAPS, { namespace: 'default', metadata: true })
    assert.equal((await metadata.get('p-1')).kind, 'PartialObjectMetadata')
    await objects.deleteCollection({ propagationPolicy: 'Background' }, { labelSelector: 'test=pages' })
    assert.deepEqual((await objects.list({ labelSelector: 'test=pages' })).items, [])
    own.transport.close()
  })

  test('discovery knows every resource and the resource of a kind', async () => {
    const discovery = await discover(client)
    const watched = preferredResources(discovery, ['delete', 'list', 'watch'])
    const names = new Set(watched.map(({ group, resource }) => `${group}/${resource}`))
    assert.ok(names.has('/pods') && names.has('apps/deployments') && !names.has('/bindings'))
    assert.equal(names.size, watched.length)
    assert.deepEqual(discovery.failed.size, 0)
    assert.equal(resourceOfKind(discovery, 'apps/v1', 'Deployment')?.namespaced, true)
    assert.equal(resourceOfKind(discovery, 'apps/v2', 'Deployment'), undefined)
  })

  test('an event that is repeated is counted', async () => {
    const failures: unknown[] = []
    const recorder = createEventRecorder(client, 'tester', (error) => failures.push(error))
    const about = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'subject', uid: 'u' }
    for (let time = 0; time < 30; time++) recorder.record(about, 'Warning', 'Odd', 'it is odd')
    const events = new ResourceClient(client, { ...MAPS, resource: 'events' }, { namespace: 'default' })
    const counted = async (): Promise<unknown[]> =>
      (await events.list({ fieldSelector: 'involvedObject.name=subject' })).items.map(({ count }) => count)
    // Twenty-five at once; the rest is too much about one object.
    for (let found = await counted(); found[0] !== 25; found = await counted()) await delay(5)
    assert.deepEqual([await counted(), failures], [[25], []])
  })
})

test('an informer goes on where it was when its server was started again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-informer-'))
  const data = join(folder, 'store.db')
  try {
    const first = await startTestServer({ data })
    const port = Number(new URL(first.url).port)
    const ending = new AbortController()
    let current = clientOf(first)
    const client = { ...current, watch: (...args: Parameters<KubeClient['watch']>) => current.watch(...args) }
    const informer = new Informer(client, PATH)
    const told = recording(informer)
    const ended = informer.run(ending.signal)
    await informer.whenSynced()
    await current.create(PATH, { metadata: { name: 'before' } })
    await until('before', () => told.includes('+before'))
    current.transport.close()
    await first.stop()
    const second = await startTestServer({ data, port })
    current = clientOf(second)
    await current.create(PATH, { metadata: { name: 'after' } })
    await until('after', () => told.includes('+after'))
    assert.deepEqual(
      told.filter((each) => !each.endsWith('kube-root-ca.crt')),
      ['+before', '+after'],
    )
    ending.abort()
    await ended
    current.transport.close()
    await second.stop()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
