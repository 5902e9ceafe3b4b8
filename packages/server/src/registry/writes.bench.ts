// What a write costs between its body and the store, the event that comes back to the cache included: CPU time of the process,
// and as multiples of parsing the object's JSON. The store is SQLite in memory; what it takes itself is told apart.
//   node packages/server/src/registry/writes.bench.ts [rounds]
import { schemaFor } from '@keelson/api'
import { type JsonValue, type KubeObject, applyMergePatch, decodeJson } from '@keelson/apimachinery'
import { createSqliteStorage, createWatchCache, toStorageKey } from '@keelson/storage'
import { cachedResources } from './cached-resource.ts'
import { createRegistries } from './registry.ts'
import type { WriteContext } from './types.ts'

const [rounds = 5] = process.argv.slice(2).map(Number)
const EACH = 400

const storage = await createSqliteStorage({ file: ':memory:' })
const cache = createWatchCache({ storage, resources: cachedResources() })
await cache.whenReady()
const pods = createRegistries({ storage, cache, plugins: [] }).get('', 'v1', 'pods')
if (pods === undefined) throw new Error('there are no pods')
const schema = schemaFor(pods.definition)

const context: WriteContext = {
  user: { name: 'bench', uid: '', groups: [], extra: {} },
  dryRun: false,
  fieldManager: 'kube-controller-manager',
  addWarning: () => undefined,
  signal: undefined,
}

const container = (index: number): JsonValue => ({
  name: `container-${index}`,
  image: `registry.example.com/team/application-${index}:1.2.3`,
  args: ['--listen=0.0.0.0:8080', '--log-level=info', '--config=/etc/application/config.yaml'],
  env: Array.from({ length: 12 }, (_, at) => ({ name: `VARIABLE_${at}`, value: `the value of variable ${at}` })),
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: '1', memory: '1Gi' } },
  livenessProbe: { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 10, timeoutSeconds: 1 },
  volumeMounts: [{ name: 'config', mountPath: '/etc/application', readOnly: true }],
})

const pod = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'application', tier: 'backend', 'app.kubernetes.io/name': 'application' } },
    spec: {
      containers: [container(0), container(1)],
      volumes: [{ name: 'config', configMap: { name: 'application-config' } }],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      serviceAccountName: 'application',
    },
  })

function decoded(body: Buffer): KubeObject {
  const { object } = schema.decode(decodeJson(body, { findDuplicates: true }).value, { reportUnknown: true })
  object.kind = 'Pod'
  object.apiVersion = 'v1'
  return object
}

/** CPU time, µs. */
async function cpu(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  // The events have to come in, too.
  const revision = await storage.currentRevision()
  while ((pods?.cache.revision ?? 0) < revision) await new Promise(setImmediate)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / EACH
}

const best = new Map<string, number>()
async function measure(name: string, work: () => Promise<void>): Promise<void> {
  best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, await cpu(work)))
}

let count = 0
for (let round = 0; round < rounds; round++) {
  const names = Array.from({ length: EACH }, () => `pod-${count++}`)
  const bodies = names.map((name) => Buffer.from(pod(name)))
  await measure('parse', async () => {
    for (const body of bodies) JSON.parse(body.toString())
  })
  await measure('create', async () => {
    for (const body of bodies) await pods.create('bench', decoded(body), context)
  })
  const stored = names.map((name) => pods.cache.peek('bench', name)?.json ?? Buffer.alloc(0))
  await measure('parse stored', async () => {
    for (const body of stored) JSON.parse(body.toString())
  })
  const changed = stored.map((json) => Buffer.from(json.toString().replace('"tier":"backend"', '"tier":"front"')))
  await measure('update', async () => {
    for (const [index, body] of changed.entries()) {
      const object = decoded(body)
      await pods.update('bench', names[index] ?? '', () => object, 'main', context, object.metadata.uid)
    }
  })
  await measure('patch', async () => {
    for (const name of names) {
      await pods.update(
        'bench',
        name,
        (current) => {
          // As the patch handler does it; an API object is a JSON tree.
          const patched = applyMergePatch(current as unknown as JsonValue, { metadata: { labels: { tier: 'back' } } })
          return schema.decode(patched).object
        },
        'main',
        context,
      )
    }
  })
  await measure('store', async () => {
    for (const [index, json] of stored.entries()) {
      await storage.create(toStorageKey(`/registry/leases/bench/${round}-${index}`), json)
    }
  })
}
await cache[Symbol.asyncDispose]()
await storage[Symbol.asyncDispose]()

const text = (name: string): string => `${name} ${(best.get(name) ?? 0).toFixed(0)} µs`
const net = (name: string): number => (best.get(name) ?? 0) - (best.get('store') ?? 0)
const multiple = (name: string, of: string): string => `${(net(name) / (best.get(of) ?? 1)).toFixed(1)} x`
console.log(
  `Pod of ${pod('a').length} bytes: ${text('parse')}, ${text('create')} (${multiple('create', 'parse')}); ${text('parse stored')}, ` +
    `${text('update')} (${multiple('update', 'parse stored')}), ${text('patch')} (${multiple('patch', 'parse stored')}); ` +
    `without the store, which takes ${text('store').slice(6)}`,
)
