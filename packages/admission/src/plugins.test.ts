// What the plugins make of writes: the pods that the recorded kube-apiserver 1.36.3 stored, and its refusals.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { findKind, schemaFor, strategyOf } from '@keelson/api'
import { type JsonObject, type KubeObject, StatusError } from '@keelson/apimachinery'
import { builtinPlugins } from './plugins/index.ts'
import { MemoryReader } from './testing/memory-reader.ts'
import type { AdmissionAttributes } from './types.ts'

const NAMESPACE = 'n'

const objectOf = (kind: string, name: string, fields: object = {}, namespace?: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
  ...fields,
})

const readerWithDefaults = (): MemoryReader =>
  new MemoryReader()
    .add('', 'namespaces', objectOf('Namespace', NAMESPACE, { status: { phase: 'Active' } }))
    .add('', 'serviceaccounts', objectOf('ServiceAccount', 'default', {}, NAMESPACE))
    .add(
      'scheduling.k8s.io',
      'priorityclasses',
      objectOf('PriorityClass', 'system-node-critical', { value: 2_000_001_000 }),
    )

function attributesOf(group: string, kind: string, attributes: Partial<AdmissionAttributes>): AdmissionAttributes {
  const resource = findKind({ group, version: 'v1', kind })
  assert.ok(resource)
  return {
    operation: 'CREATE',
    resource,
    subresource: '',
    namespace: resource.namespaced ? NAMESPACE : '',
    name: attributes.object?.metadata.name ?? '',
    object: undefined,
    oldObject: undefined,
    user: { name: 'admin', uid: '', groups: [], extra: {} },
    dryRun: false,
    addWarning: () => assert.fail('nothing to warn of'),
    ...attributes,
  }
}

async function admit(attributes: AdmissionAttributes, reader: MemoryReader): Promise<void> {
  for (const plugin of builtinPlugins()) if (plugin.handles(attributes)) await plugin.admit?.(attributes, reader)
  for (const plugin of builtinPlugins()) if (plugin.handles(attributes)) await plugin.validate?.(attributes, reader)
}

const refusal = (code: number, message: string) => (error: unknown) =>
  error instanceof StatusError && error.code === code && error.message === message

const podWith = (spec: object, name = 'x'): KubeObject =>
  objectOf('Pod', name, { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } })

interface RecordedPod {
  input: JsonObject
  spec: JsonObject
}

test('pods come out as upstream stores them', async () => {
  const file = new URL('testdata/pods.json', import.meta.url)
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as RecordedPod[] // The file is data of this shape.
  const definition = findKind({ group: '', version: 'v1', kind: 'Pod' })
  assert.ok(definition)
  for (const { input, spec } of recorded) {
    const { object } = schemaFor(definition).decode(structuredClone(input))
    strategyOf(definition).default?.(object)
    await admit(attributesOf('', 'Pod', { object }), readerWithDefaults())
    const text = JSON.stringify(object['spec']).replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-?')
    assert.deepEqual(JSON.parse(text), spec, String(object.metadata.name))
  }
})

test('nothing is created in a namespace that is missing or going', async () => {
  const configMap = { object: objectOf('ConfigMap', 'c') }
  await assert.rejects(
    admit(attributesOf('', 'ConfigMap', configMap), new MemoryReader()),
    refusal(404, 'namespaces "n" not found'),
  )
  const terminating = objectOf('Namespace', NAMESPACE, { status: { phase: 'Terminating' } })
  const going = new MemoryReader().add('', 'namespaces', terminating)
  await assert.rejects(admit(attributesOf('', 'ConfigMap', configMap), going), (error) => {
    assert.ok(error instanceof StatusError)
    assert.equal(error.code, 403)
    assert.deepEqual(error.status.details, {
      name: 'c',
      kind: 'configmaps',
      causes: [
        { reason: 'NamespaceTerminating', message: 'namespace n is being terminated', field: 'metadata.namespace' },
      ],
    })
    return true
  })
  await admit(attributesOf('', 'ConfigMap', { ...configMap, operation: 'UPDATE' }), going)
  await admit(attributesOf('', 'ConfigMap', { ...configMap, operation: 'DELETE' }), new MemoryReader())
})

test('a namespace that the cache has not seen yet is found in the store', async () => {
  const late = new MemoryReader().add('', 'namespaces', objectOf('Namespace', NAMESPACE), { late: true })
  await admit(attributesOf('', 'ConfigMap', { object: objectOf('ConfigMap', 'c') }), late)
})

test('the namespaces of the system stay', async () => {
  const deletion = { operation: 'DELETE', name: 'kube-system', namespace: 'kube-system' } as const
  await assert.rejects(
    admit(attributesOf('', 'Namespace', deletion), new MemoryReader()),
    refusal(403, 'namespaces "kube-system" is forbidden: this namespace may not be deleted'),
  )
  await admit(
    attributesOf('', 'Namespace', { operation: 'DELETE', name: 'mine', namespace: 'mine' }),
    new MemoryReader(),
  )
})

test('a pod that names what does not exist is refused', async () => {
  const cases: [spec: object, why: string][] = [
    [
      { serviceAccountName: 'missing' },
      'error looking up service account n/missing: serviceaccount "missing" not found',
    ],
    [{ priorityClassName: 'missing' }, 'no PriorityClass with name missing was found'],
    [{ runtimeClassName: 'missing' }, 'pod rejected: RuntimeClass "missing" not found'],
    [
      { priority: 5 },
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
    [{ overhead: { cpu: '1' } }, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'],
  ]
  for (const [spec, why] of cases) {
    await assert.rejects(
      admit(attributesOf('', 'Pod', { object: podWith(spec) }), readerWithDefaults()),
      refusal(403, `pods "x" is forbidden: ${why}`),
    )
  }
})

test('a pod without a name yet is named by what its name will begin with', async () => {
  const object = podWith({ priorityClassName: 'missing' })
  object.metadata = { generateName: 'web-' }
  await assert.rejects(
    admit(attributesOf('', 'Pod', { object, name: '' }), readerWithDefaults()),
    refusal(403, 'pods "web-" is forbidden: no PriorityClass with name missing was found'),
  )
})

test('an update keeps the priority that was computed', async () => {
  const oldObject = podWith({ priority: 7, preemptionPolicy: 'Never' })
  const object = podWith({})
  await admit(attributesOf('', 'Pod', { operation: 'UPDATE', object, oldObject }), readerWithDefaults())
  assert.deepEqual(object['spec'], {
    containers: [{ name: 'c', image: 'i' }],
    priority: 7,
    preemptionPolicy: 'Never',
    tolerations: [
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
  })
})

test('a mirror pod gets nothing and may borrow nothing', async () => {
  const mirror = (spec: object): KubeObject => {
    const pod = podWith({ nodeName: 'a', ...spec })
    pod.metadata.annotations = { 'kubernetes.io/config.mirror': 'x' }
    return pod
  }
  const object = mirror({})
  await admit(attributesOf('', 'Pod', { object }), readerWithDefaults())
  assert.equal(Object.hasOwn(object['spec'] as object, 'serviceAccountName'), false) // Made above.
  await assert.rejects(
    admit(attributesOf('', 'Pod', { object: mirror({ serviceAccountName: 'default' }) }), readerWithDefaults()),
    refusal(403, 'pods "x" is forbidden: a mirror pod may not reference service accounts'),
  )
})

test('new nodes are tainted, volumes protected, and claims get the newest default class', async () => {
  const node = objectOf('Node', 'a')
  await admit(attributesOf('', 'Node', { object: node }), new MemoryReader())
  assert.deepEqual(node['spec'], { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] })

  const marked = (name: string, creationTimestamp: string): KubeObject => ({
    ...objectOf('StorageClass', name),
    metadata: { name, creationTimestamp, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  })
  const reader = readerWithDefaults()
    .add('storage.k8s.io', 'storageclasses', marked('older', '2026-01-01T00:00:00Z'))
    .add('storage.k8s.io', 'storageclasses', marked('newer', '2026-01-02T00:00:00Z'))
  const claim = objectOf('PersistentVolumeClaim', 'c')
  await admit(attributesOf('', 'PersistentVolumeClaim', { object: claim }), reader)
  assert.deepEqual(claim['spec'], { storageClassName: 'newer' })
  assert.deepEqual(claim.metadata.finalizers, ['kubernetes.io/pvc-protection'])
})

test('only one priority class is the default', async () => {
  const reader = readerWithDefaults().add(
    'scheduling.k8s.io',
    'priorityclasses',
    objectOf('PriorityClass', 'first', { globalDefault: true, value: 3 }),
  )
  const second = objectOf('PriorityClass', 'second', { globalDefault: true, value: 4 })
  await assert.rejects(
    admit(attributesOf('scheduling.k8s.io', 'PriorityClass', { object: second }), reader),
    refusal(
      403,
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist',
    ),
  )
  const pod = podWith({})
  await admit(attributesOf('', 'Pod', { object: pod }), reader)
  const { priority, priorityClassName } = pod['spec'] as JsonObject // Made above.
  assert.deepEqual({ priority, priorityClassName }, { priority: 3, priorityClassName: 'first' })
})
