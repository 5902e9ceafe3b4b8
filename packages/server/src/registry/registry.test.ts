// Create, update and delete over the real cache on SQLite: what a client sees, and what watchers would.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import {
  MAX_VALUE_BYTES,
  type Storage,
  type WatchCache,
  createSqliteStorage,
  createWatchCache,
  toStorageKey,
} from '@keelson/storage'
import { cachedResources } from './cached-resource.ts'
import { createRegistries } from './registry.ts'
import type { DeleteOptions, Registries, ResourceRegistry, WriteContext } from './types.ts'

let storage: Storage
let cache: WatchCache
let registries: Registries
let configMaps: ResourceRegistry

before(async () => {
  storage = await createSqliteStorage({ file: ':memory:' })
  cache = createWatchCache({ storage, resources: cachedResources() })
  await cache.whenReady()
  registries = createRegistries({ storage, cache, plugins: [] })
  configMaps = registryOf('', 'configmaps')
})

after(async () => {
  await cache[Symbol.asyncDispose]()
  await storage[Symbol.asyncDispose]()
})

describe('create', () => {
  test('fills what the server owns and drops what the client says of it', async () => {
    const { object, json, revision } = await create('filled', {
      uid: 'mine',
      creationTimestamp: '2001-01-01T00:00:00Z',
    })
    assert.match(object.metadata.uid ?? '', /^[0-9a-f-]{36}$/)
    assert.notEqual(object.metadata.creationTimestamp, '2001-01-01T00:00:00Z')
    assert.equal(object.metadata.namespace, 'default')
    assert.equal(object.metadata.resourceVersion, String(revision))
    assert.deepEqual(JSON.parse(json.toString()), object)
  })

  test('stores no resourceVersion, and begins with kind and apiVersion', async () => {
    await create('layout')
    const stored = await storage.get(toStorageKey('/registry/configmaps/default/layout'))
    const text = stored?.value.toString() ?? ''
    assert.ok(text.startsWith('{"kind":"ConfigMap","apiVersion":"v1","metadata":{'), text)
    assert.ok(!text.includes('resourceVersion'), text)
  })

  test('stores without managers what only they make too big', async () => {
    const revision = (length: number): KubeObject => ({
      kind: 'ControllerRevision',
      apiVersion: 'apps/v1',
      metadata: { name: `big-${length}` },
      data: { text: 'x'.repeat(length) },
      revision: 1,
    })
    const registry = registryOf('apps', 'controllerrevisions')
    const written = async (length: number): Promise<KubeObject> =>
      (await registry.create('default', revision(length), context())).object
    assert.equal((await written(MAX_VALUE_BYTES - 1000)).metadata.managedFields?.length, 1)
    assert.equal((await written(MAX_VALUE_BYTES - 300)).metadata.managedFields, undefined)
    await refused(written(MAX_VALUE_BYTES), 500, 'etcdserver: request is too large')
  })

  test('a status that a client sends gives way to an empty one with its defaults', async () => {
    const { object } = await registryOf('', 'namespaces').create(
      '',
      { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'young' }, status: { phase: 'Terminating' } },
      context(),
    )
    assert.deepEqual(object['status'], { phase: 'Active' })
  })

  test('refuses a name that is taken', async () => {
    await create('taken')
    await refused(create('taken'), 409, 'configmaps "taken" already exists')
  })

  test('refuses a resourceVersion', async () => {
    await refused(
      create('versioned', { resourceVersion: '1' }),
      500,
      'resourceVersion should not be set on objects to be created',
    )
  })

  test('generates names', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        configMaps.create('default', configMap('', { name: '', generateName: 'gen-' }), context()),
      ),
    )
    const names = new Set(results.map(({ object }) => object.metadata.name))
    assert.equal(names.size, 20)
    for (const name of names) assert.match(name ?? '', /^gen-[a-z0-9]{5}$/)
  })

  test('a dry run stores nothing and has no resourceVersion', async () => {
    const result = await configMaps.create('default', configMap('dry'), context({ dryRun: true }))
    assert.equal(result.object.metadata.resourceVersion, undefined)
    await refused(configMaps.get('default', 'dry'), 404, 'configmaps "dry" not found')
  })
})

describe('update', () => {
  test('without a resourceVersion the last writer wins', async () => {
    await create('unconditional')
    const result = await replace('unconditional', { data: { a: '2' } })
    assert.deepEqual(result.object['data'], { a: '2' })
    assert.equal(result.created, false)
  })

  test('with an old resourceVersion it is refused', async () => {
    const { revision } = await create('stale')
    await replace('stale', { data: { a: '2' } })
    const message =
      'Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again'
    await refused(replace('stale', { data: { a: '3' } }, { resourceVersion: String(revision) }), 409, message)
  })

  test('without a change it writes nothing', async () => {
    const { object } = await create('same')
    const result = await configMaps.update('default', 'same', () => configMap('same'), 'main', context())
    assert.equal(result.object.metadata.resourceVersion, object.metadata.resourceVersion)
    assert.equal(await storage.currentRevision(), Number(object.metadata.resourceVersion))
  })

  test('of an object that is not there is refused', async () => {
    await refused(replace('absent', {}), 404, 'configmaps "absent" not found')
  })

  test('names another uid', async () => {
    await create('other-uid')
    const update = configMaps.update('default', 'other-uid', () => configMap('other-uid'), 'main', context(), 'x')
    await refused(update, 409, /Precondition failed: UID in precondition: x, UID in object meta: /)
  })

  test('counters that race lose nothing', async () => {
    await create('counter')
    const increment = (): Promise<unknown> =>
      configMaps.update(
        'default',
        'counter',
        (current) => {
          const { n = '0' } = (current['data'] ?? {}) as { n?: string } // A ConfigMap.
          const metadata = { ...current.metadata, resourceVersion: undefined }
          return { ...current, metadata, data: { n: String(Number(n) + 1) } }
        },
        'main',
        context(),
      )
    await Promise.all(Array.from({ length: 50 }, increment))
    const { object } = await configMaps.get('default', 'counter')
    assert.deepEqual(object['data'], { n: '50' })
  })
})

describe('delete', () => {
  test('removes the object', async () => {
    await create('gone')
    const { deleted } = await remove('gone')
    assert.equal(deleted, true)
    await refused(remove('gone'), 404, 'configmaps "gone" not found')
  })

  test('refuses another uid and another resourceVersion', async () => {
    const { object } = await create('guarded')
    const { uid, resourceVersion } = object.metadata
    await refused(
      remove('guarded', { preconditions: { uid: 'x' } }),
      409,
      `Operation cannot be fulfilled on ConfigMap "guarded": the UID in the precondition (x) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    )
    await refused(
      remove('guarded', { preconditions: { resourceVersion: '1' } }),
      409,
      `Operation cannot be fulfilled on ConfigMap "guarded": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    )
  })

  test('finalizers keep it until the last of them goes', async () => {
    await create('held', { finalizers: ['example.com/hold'] })
    const { deleted, result } = await remove('held')
    assert.equal(deleted, false)
    assert.equal(result.object.metadata.deletionGracePeriodSeconds, 0)
    const again = await remove('held')
    assert.equal(again.result.revision, result.revision)
    await refused(
      replace('held', {}, { finalizers: ['example.com/hold', 'example.com/new'] }),
      422,
      /no new finalizers can be added if the object is being deleted/,
    )
    await replace('held', {})
    await refused(configMaps.get('default', 'held'), 404, 'configmaps "held" not found')
  })

  test('in the foreground it waits for its dependents', async () => {
    await create('parent')
    const { deleted, result } = await remove('parent', { propagationPolicy: 'Foreground' })
    assert.equal(deleted, false)
    assert.deepEqual(result.object.metadata.finalizers, ['foregroundDeletion'])
  })

  test('a dry run removes nothing', async () => {
    await create('kept')
    const { deleted } = await remove('kept', { dryRun: true })
    assert.equal(deleted, true)
    await configMaps.get('default', 'kept')
  })

  test('a namespace terminates first, and goes when it is finalized', async () => {
    const namespaces = registryOf('', 'namespaces')
    const { object } = await namespaces.create(
      '',
      { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'n' } },
      context(),
    )
    assert.deepEqual(object['spec'], { finalizers: ['kubernetes'] })
    const first = await namespaces.delete('', 'n', { dryRun: false }, context())
    assert.equal(first.deleted, false)
    assert.deepEqual(first.result.object['status'], { phase: 'Terminating' })
    await namespaces.update('', 'n', (current) => ({ ...current, spec: {} }), 'raw', context())
    await refused(namespaces.get('', 'n'), 404, 'namespaces "n" not found')
  })
})

test('what is written reaches the cache as it was answered', async () => {
  const { object, json, revision } = await create('cached', { labels: { a: 'b' } })
  assert.ok(await cache.waitFor(revision, 5_000))
  const entry = configMaps.cache.peek('default', 'cached')
  assert.equal(entry?.json.toString(), json.toString())
  assert.deepEqual(entry?.labels, { a: 'b' })
  assert.equal(entry?.uid, object.metadata.uid)
})

function registryOf(group: string, resource: string): ResourceRegistry {
  const registry = registries.find(group, resource)
  assert.ok(registry)
  return registry
}

const context = (options: { dryRun?: boolean } = {}): WriteContext => ({
  user: { name: 'admin', uid: '', groups: ['system:masters'], extra: {} },
  dryRun: options.dryRun ?? false,
  fieldManager: '',
  addWarning: () => undefined,
  signal: undefined,
})

const configMap = (name: string, metadata: Partial<KubeObject['metadata']> = {}, rest: object = {}): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, ...metadata },
  ...rest,
})

const create = (name: string, metadata: Partial<KubeObject['metadata']> = {}): ReturnType<ResourceRegistry['create']> =>
  configMaps.create('default', configMap(name, metadata), context())

const replace = (
  name: string,
  rest: object,
  metadata: Partial<KubeObject['metadata']> = {},
): ReturnType<ResourceRegistry['update']> =>
  configMaps.update('default', name, () => configMap(name, metadata, rest), 'main', context())

const remove = (name: string, options: Partial<DeleteOptions> = {}): ReturnType<ResourceRegistry['delete']> =>
  configMaps.delete('default', name, { dryRun: false, ...options }, context({ dryRun: options.dryRun ?? false }))

async function refused(promise: Promise<unknown>, code: number, message: string | RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof StatusError, String(error))
    assert.equal(error.code, code, error.message)
    if (typeof message === 'string') assert.equal(error.message, message)
    else assert.match(error.message, message)
    return true
  })
}
