import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject, JsonValue } from '@keelson/apimachinery'
import fc from 'fast-check'
import { builtinResources } from '../table.ts'
import { ObjectDecodeError, optionsSchema, schemaFor, schemaOfKind } from './index.ts'

const decode = (
  apiVersion: string,
  kind: string,
  fields: JsonObject,
  reportUnknown = true,
): { object: unknown; unknown: readonly string[] } => {
  const [version = '', group = ''] = apiVersion.split('/').toReversed()
  const schema = schemaOfKind({ group, version, kind })
  assert.ok(schema)
  return schema.decode({ apiVersion, kind, ...fields }, { reportUnknown })
}

test('a struct is filled with its required fields and freed of empty optional ones', () => {
  const { object } = decode('v1', 'Pod', {
    metadata: { name: 'a', labels: {}, annotations: null, generation: 0, creationTimestamp: null },
    spec: {
      containers: [{ name: 'c', image: '', command: [], tty: false }],
      nodeSelector: {},
      replicas: null,
      hostname: '',
    },
  })
  assert.deepEqual(object, {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'c', resources: {} }] },
    status: {},
  })
})

test('lists that Go always writes are null when they are absent or empty', () => {
  assert.deepEqual(
    decode('rbac.authorization.k8s.io/v1', 'ClusterRole', { metadata: { name: 'a' }, rules: [] }).object,
    {
      kind: 'ClusterRole',
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name: 'a' },
      rules: null,
    },
  )
})

test('pointers keep zero values', () => {
  const { object } = decode('apps/v1', 'Deployment', {
    spec: { replicas: 0, selector: null, template: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } } },
  })
  assert.deepEqual(object, {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: {},
    spec: {
      replicas: 0,
      selector: null,
      template: { metadata: {}, spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: null } },
      strategy: {},
    },
    status: {},
  })
})

test('fields come in Go’s order whatever the client’s was', () => {
  const { object } = decode('v1', 'ConfigMap', {
    data: { a: 'b' },
    immutable: true,
    metadata: { namespace: 'n', name: 'a' },
  })
  assert.equal(
    JSON.stringify(object),
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"n"},"immutable":true,"data":{"a":"b"}}',
  )
})

test('quantities, times and bytes are written in canonical form', () => {
  const quota = decode('v1', 'ResourceQuota', {
    spec: { hard: { cpu: '0.5', memory: '1024Ki', pods: 10, 'requests.cpu': '1e3' } },
  })
  assert.deepEqual(quota.object, {
    kind: 'ResourceQuota',
    apiVersion: 'v1',
    metadata: {},
    spec: { hard: { cpu: '500m', memory: '1Mi', pods: '10', 'requests.cpu': '1e3' } },
    status: {},
  })
  const lease = decode('coordination.k8s.io/v1', 'Lease', {
    metadata: { creationTimestamp: '2026-01-01T01:00:00.5+01:00' },
    spec: { renewTime: '2026-02-28T23:30:00.000001-01:00' },
  })
  assert.deepEqual(lease.object, {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { renewTime: '2026-03-01T00:30:00.000001Z' },
  })
  assert.deepEqual(decode('v1', 'Secret', { data: { a: 'YWJj\nZA==', b: null, c: [97, 98] } }).object, {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: {},
    data: { a: 'YWJjZA==', b: '', c: 'YWI=' },
  })
})

test('unknown fields are dropped, and named with their paths when asked for', () => {
  const fields = (): JsonObject => ({
    zzz: 1,
    spec: {
      Replicas: 1,
      template: { spec: { containers: [{ name: 'c', bogus: {}, resources: { limits: { cpu: '1' }, x: 1 } }] } },
    },
  })
  const paths = [
    'zzz',
    'spec.Replicas',
    'spec.template.spec.containers[0].bogus',
    'spec.template.spec.containers[0].resources.x',
  ]
  assert.deepEqual(
    decode('apps/v1', 'Deployment', fields()).unknown,
    paths.map((path) => `unknown field "${path}"`),
  )
  assert.deepEqual(decode('apps/v1', 'Deployment', fields(), false).unknown, [])
  assert.equal(JSON.stringify(decode('apps/v1', 'Deployment', fields()).object).includes('bogus'), false)
})

test('a key named __proto__ is data in a map and unknown in a struct', () => {
  const schema = schemaOfKind({ group: '', version: 'v1', kind: 'ConfigMap' })
  const decoded = schema?.decode(JSON.parse('{"data":{"__proto__":"x"},"__proto__":{"immutable":true}}'), {
    reportUnknown: true,
  })
  assert.equal(JSON.stringify(decoded?.object), '{"metadata":{},"data":{"__proto__":"x"}}')
  assert.deepEqual(decoded?.unknown, ['unknown field "__proto__"'])
})

/** Recorded answers: kind, body, and what follows `cannot be handled as a …: `. */
const REFUSED: readonly (readonly [apiVersion: string, kind: string, fields: JsonObject, message: string])[] = [
  [
    'v1',
    'ConfigMap',
    { data: { a: 1 } },
    'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  ],
  [
    'v1',
    'ConfigMap',
    { data: ['x'] },
    'json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string',
  ],
  [
    'v1',
    'ConfigMap',
    { immutable: 'yes' },
    'json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool',
  ],
  [
    'v1',
    'ConfigMap',
    { metadata: [] },
    'json: cannot unmarshal array into Go struct field ConfigMap.metadata of type v1.ObjectMeta',
  ],
  [
    'v1',
    'ConfigMap',
    { metadata: { name: 1 } },
    'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
  ],
  ['v1', 'ConfigMap', { binaryData: { x: 'not base64!' } }, 'illegal base64 data at input byte 3'],
  [
    'v1',
    'Secret',
    { data: { a: ['x'] } },
    'json: cannot unmarshal string into Go struct field Secret.data of type uint8',
  ],
  [
    'v1',
    'Secret',
    { data: { a: [256] } },
    'json: cannot unmarshal number 256 into Go struct field Secret.data of type uint8',
  ],
  ['v1', 'Secret', { data: { a: 'plain!' } }, 'illegal base64 data at input byte 5'],
  [
    'v1',
    'Pod',
    { spec: { containers: [{ ports: [{ containerPort: 'http' }] }] } },
    'json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
  ],
  [
    'v1',
    'Pod',
    { spec: { containers: [{ ports: 'x' }] } },
    'json: cannot unmarshal string into Go struct field Container.spec.containers.ports of type []v1.ContainerPort',
  ],
  [
    'v1',
    'Pod',
    { spec: { containers: [{ securityContext: { capabilities: { add: 'ALL' } } }] } },
    'json: cannot unmarshal string into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type []v1.Capability',
  ],
  [
    'v1',
    'Pod',
    { spec: { containers: [{ resources: { limits: { cpu: 'much' } } }] } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [
    'apps/v1',
    'Deployment',
    { spec: { replicas: 1.5, paused: 'x' } },
    'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [
    'coordination.k8s.io/v1',
    'Lease',
    { spec: { renewTime: 'yesterday' } },
    'parsing time "yesterday" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "yesterday" as "2006"',
  ],
  [
    'v1',
    'Pod',
    { spec: { volumes: [{ name: 'v', emptyDir: 'x' }] } },
    'json: cannot unmarshal string into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource',
  ],
]

for (const [apiVersion, kind, fields, message] of REFUSED) {
  test(`refused: ${message}`, () => {
    const version = apiVersion.split('/').at(-1)
    assert.throws(
      () => decode(apiVersion, kind, fields),
      (error) =>
        error instanceof ObjectDecodeError &&
        error.code === 400 &&
        error.detail === message &&
        error.message === `${kind} in version "${version}" cannot be handled as a ${kind}: ${message}`,
    )
  })
}

test('a refused quantity counts before a wrong type that came earlier', () => {
  assert.throws(
    () => decode('v1', 'Pod', { spec: { hostPID: [], containers: [{ resources: { limits: { cpu: 'x' } } }] } }),
    /quantities must match/,
  )
})

test('options of requests are kinds too', () => {
  assert.deepEqual(optionsSchema('DeleteOptions').decode({ kind: 'DeleteOptions', gracePeriodSeconds: 0 }).object, {
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
  })
})

test('whatever is decoded: an object that decodes to itself, or a decode error', () => {
  const resources = builtinResources()
  fc.assert(
    fc.property(fc.nat(resources.length - 1), fc.json(), (index, text) => {
      const definition = resources[index]
      assert.ok(definition)
      const schema = schemaFor(definition)
      const value: JsonValue = {
        spec: JSON.parse(text),
        metadata: JSON.parse(text),
        status: JSON.parse(text),
        data: JSON.parse(text),
      }
      try {
        const once = JSON.stringify(schema.decode(value).object)
        const again = schema.decode(JSON.parse(once), { reportUnknown: true })
        assert.equal(JSON.stringify(again.object), once)
        assert.deepEqual(again.unknown, [])
      } catch (error) {
        if (!(error instanceof ObjectDecodeError)) throw error
      }
    }),
    { numRuns: 500 },
  )
})

test('every kind decodes an empty body to something that decodes to itself', () => {
  for (const definition of builtinResources()) {
    const schema = schemaFor(definition)
    const once = JSON.stringify(schema.decode({}).object)
    assert.equal(JSON.stringify(schema.decode(JSON.parse(once)).object), once, definition.kind)
  }
})

test('the input is not changed, and the result does not share what can be changed', () => {
  const pod: JsonObject = {
    metadata: { labels: { a: 'b' }, creationTimestamp: '2026-01-01T01:00:00+01:00' },
    spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1000m' } } }], nodeSelector: { a: 'b' } },
  }
  const before = structuredClone(pod)
  const schema = schemaOfKind({ group: '', version: 'v1', kind: 'Pod' })
  const decoded = schema?.decode(pod).object
  assert.deepEqual(pod, before)
  const shared = new Set(objectsIn(pod))
  assert.deepEqual(
    objectsIn(decoded).filter((part) => shared.has(part)),
    [],
  )
})

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}

test('after a strategic merge errors are those of the converter of trees', () => {
  const cases: [kind: string, value: JsonValue, text: string][] = [
    ['ReplicaSet', { status: { replicas: '0' } }, 'unrecognized type: int32'],
    ['Service', { spec: { ports: [{ name: true }] } }, 'unrecognized type: string'],
    ['Service', { spec: { ports: [{ name: 1.5 }] } }, 'unrecognized type: string'],
    ['Node', { status: { conditions: [{ status: 1 }] } }, 'cannot convert int64 to v1.ConditionStatus'],
    ['ReplicaSet', { status: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
    ['Namespace', { status: { conditions: { '0': {} } } }, 'cannot restore slice from map'],
    ['Pod', { metadata: { labels: true } }, 'cannot restore map from bool'],
    ['Pod', { spec: { affinity: true } }, 'cannot restore struct from: bool'],
    ['Secret', { data: { key: 'YWJjx' } }, 'error decoding from json: illegal base64 data at input byte 4'],
  ]
  for (const [kind, value, text] of cases) {
    const schema = schemaOfKind({ group: kind === 'ReplicaSet' ? 'apps' : '', version: 'v1', kind })
    assert.throws(
      () => schema?.decode(value, { fromTree: true }),
      (error) => error instanceof ObjectDecodeError && error.detail === text,
    )
  }
})

test("after a strategic merge integers overflow, as in upstream's converter", () => {
  const schema = schemaOfKind({ group: 'apps', version: 'v1', kind: 'ReplicaSet' })
  assert.ok(schema)
  const { object } = schema.decode({ spec: { replicas: 2 ** 31 } }, { fromTree: true })
  assert.deepEqual(object['spec'], {
    replicas: -(2 ** 31),
    selector: null,
    template: { metadata: {}, spec: { containers: null } },
  })
})
