// Objects served in another version than they are stored in: what a client writes comes back, and both versions show it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { KubeObject } from '@keelson/apimachinery'
import { type Storage, type WatchCache, createSqliteStorage, createWatchCache, toStorageKey } from '@keelson/storage'
import { cachedResources } from '../cached-resource.ts'
import { createRegistries } from '../registry.ts'
import type { Registries, ResourceRegistry, WriteContext } from '../types.ts'

let storage: Storage
let cache: WatchCache
let registries: Registries

before(async () => {
  storage = await createSqliteStorage({ file: ':memory:' })
  cache = createWatchCache({ storage, resources: cachedResources() })
  await cache.whenReady()
  registries = createRegistries({ storage, cache, plugins: [] })
})

after(async () => {
  await cache[Symbol.asyncDispose]()
  await storage[Symbol.asyncDispose]()
})

describe('events', () => {
  const event: KubeObject = {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: { name: 'e', namespace: 'default' },
    eventTime: '2020-01-01T00:00:00.000000Z',
    reportingController: 'c.example.com/x',
    reportingInstance: 'i',
    action: 'A',
    reason: 'R',
    type: 'Normal',
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
    note: 'n',
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  }

  test('of events.k8s.io are stored as core events', async () => {
    const { json, revision } = await registryOf('events.k8s.io', 'v1', 'events').create(
      'default',
      structuredClone(event),
      context,
    )
    assert.ok(json.toString().startsWith('{"kind":"Event","apiVersion":"events.k8s.io/v1",'))
    const stored = parse((await storage.get(toStorageKey('/registry/events/default/e')))?.value)
    assert.equal(stored.apiVersion, 'v1')
    assert.deepEqual(stored['involvedObject'], event['regarding'])
    assert.equal(stored['message'], 'n')
    assert.equal(stored['reportingComponent'], 'c.example.com/x')

    assert.ok(await cache.waitFor(revision, 5_000))
    const served = parse(registryOf('events.k8s.io', 'v1', 'events').cache.peek('default', 'e')?.json)
    for (const field of Object.keys(event)) {
      if (field !== 'metadata') assert.deepEqual(served[field], event[field], field)
    }
    const core = parse(registryOf('', 'v1', 'events').cache.peek('default', 'e')?.json)
    assert.equal(core['message'], 'n')
  })
})

describe('autoscalers', () => {
  test('of v1 keep what only v2 knows', async () => {
    const v1 = registryOf('autoscaling', 'v1', 'horizontalpodautoscalers')
    const v2 = registryOf('autoscaling', 'v2', 'horizontalpodautoscalers')
    const pods = {
      type: 'Pods',
      pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '1k' } },
    }
    const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }
    const created = await v2.create('default', autoscaler('autoscaling/v2', { metrics: [cpu, pods] }), context)
    assert.ok(await cache.waitFor(created.revision, 5_000))

    const seen = await v1.update('default', 'h', (current) => scaledTo(current, 9), 'main', context)
    assert.equal(seen.object.apiVersion, 'autoscaling/v1')
    assert.equal(specOf(seen.object)['targetCPUUtilizationPercentage'], 70)
    assert.equal(specOf(seen.object)['maxReplicas'], 9)

    const { object } = await v2.get('default', 'h')
    const { metrics, maxReplicas } = specOf(object)
    assert.equal(maxReplicas, 9)
    assert.deepEqual(
      new Set([JSON.stringify(cpu), JSON.stringify(pods)]),
      new Set((metrics as object[]).map((item) => JSON.stringify(item))),
    )
    assert.equal(object.metadata.annotations, undefined)
  })
})

const autoscaler = (apiVersion: string, spec: object): KubeObject => ({
  kind: 'HorizontalPodAutoscaler',
  apiVersion,
  metadata: { name: 'h' },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
    minReplicas: 1,
    maxReplicas: 3,
    ...spec,
  },
})

const specOf = (object: KubeObject): Record<string, unknown> => object['spec'] as Record<string, unknown> // An autoscaler's.

const scaledTo = (object: KubeObject, maxReplicas: number): KubeObject => ({
  ...object,
  spec: { ...specOf(object), maxReplicas },
})

function registryOf(group: string, version: string, resource: string): ResourceRegistry {
  const registry = registries.get(group, version, resource)
  assert.ok(registry)
  return registry
}

function parse(json: Buffer | undefined): KubeObject {
  assert.ok(json)
  return JSON.parse(json.toString()) as KubeObject // The test stored an API object.
}

const context: WriteContext = {
  user: { name: 'admin', uid: '', groups: ['system:masters'], extra: {} },
  dryRun: false,
  fieldManager: '',
  addWarning: () => undefined,
  signal: undefined,
}
