// Thousands of mutated requests against a live server: whatever comes, the answer is one that a client can read, nothing is
// a fault of ours, and the memory does not grow.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { decodeProtobufObject, encodeProtobufObject } from '@keelson/api'
import { decodeProtobufEnvelope } from '@keelson/apimachinery'
import type { TestClient } from './testing/test-client.ts'
import { TestServer } from './testing/test-server.ts'

let server: TestServer
let client: TestClient
const faults: unknown[] = []
const ignore = (): void => {}

before(async () => {
  server = await TestServer.start({ logger: { info: ignore, warn: ignore, error: (fields) => faults.push(fields) } })
  client = await server.client('2')
  for (const name of ['a', 'b', 'c']) {
    const body = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, labels: { n: name } } }
    assert.equal((await client.request('/api/v1/namespaces/default/configmaps', { method: 'POST', body })).status, 201)
  }
})
after(async () => server[Symbol.asyncDispose]())

const odd = fc.constantFrom(
  '',
  '..',
  '.',
  '%2f',
  '%2e%2e',
  '%',
  '%zz',
  '%00',
  '%ff',
  '//',
  '*',
  'ü',
  'a'.repeat(300),
  '-',
  '_',
  '~',
  ';',
  'ConfigMap',
)
const known = fc.constantFrom(
  'api',
  'apis',
  'v1',
  'apps',
  'namespaces',
  'default',
  'watch',
  'proxy',
  'pods',
  'configmaps',
  'a',
  'status',
  'scale',
  'log',
  'binding',
  'nodes',
  'events',
  'deployments',
  'healthz',
  'readyz',
  'balancer',
  'openapi',
  'v3',
  'version',
)
const segment = fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: odd })
const collections = ['configmaps', 'pods', 'services', 'events', 'secrets', 'serviceaccounts']
const real = fc.constantFrom(
  ...collections,
  'configmaps/a',
  'configmaps/b',
  'configmaps/fuzz',
  'services/kubernetes',
  'pods/a/binding',
  'pods/a/status',
)
const path = fc.oneof(
  { weight: 1, arbitrary: fc.array(segment, { maxLength: 8 }).map((parts) => `/${parts.join('/')}`) },
  { weight: 4, arbitrary: real.map((rest) => `/api/v1/namespaces/default/${rest}`) },
  { weight: 1, arbitrary: fc.tuple(real, odd).map(([rest, tail]) => `/api/v1/namespaces/default/${rest}${tail}`) },
)
const parameter = fc.constantFrom(
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'labelSelector',
  'fieldSelector',
  'timeoutSeconds',
  'timeout',
  'pretty',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'propagationPolicy',
  'gracePeriodSeconds',
  'includeObject',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'exclude',
  'verbose',
)
const value = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '-1',
    '9223372036854775808',
    'true',
    'Exact',
    'NotOlderThan',
    'All',
    'metadata.name=a',
    'n in (a,b)',
    'a=b,c!=d,!e',
    '((',
    'n notin (',
    '1e3',
    'Strict',
    '\0',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
  ),
  fc.string({ maxLength: 20 }),
)
const query = fc
  .array(fc.tuple(parameter, value), { maxLength: 3, size: 'small' })
  .map((pairs) => new URLSearchParams(pairs).toString())
const accept = fc.constantFrom(
  'application/json',
  '*/*',
  '',
  'text/html',
  'application/yaml',
  ';;;,,',
  'application/json;q=x',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v9;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf,application/json',
)
const contentType = fc.constantFrom(
  'application/json',
  'application/yaml',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  'application/vnd.kubernetes.protobuf',
  ';',
  '',
)
const good = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"fuzz","namespace":"default"},"data":{"k":"v"}}'
const body = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '[]',
    'null',
    '""',
    '1',
    '['.repeat(20_000),
    '{"a":'.repeat(20_000),
    '&a [*a]',
    'a: &a [1]\nb: [*a,*a]',
    '[{"op":"add","path":"/data/x","value":"1"}]',
    '[{"op":"test","path":"","value":1}]',
    '{"metadata":null}',
    '{"metadata":{"labels":1}}',
    '{"data":{"k":null}}',
    '{"__proto__":{"x":1}}',
    '{"metadata":{"name":"fuzz","name":"b"}}',
  ),
  fc.jsonValue().map((json) => JSON.stringify(json)),
  fc
    .tuple(fc.nat(good.length - 1), fc.string({ maxLength: 5 }))
    .map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1)),
)
const method = fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW')

test('any request has a readable answer, and none is a fault of the server', { timeout: 55_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      method,
      path,
      query,
      accept,
      contentType,
      body,
      async (verb, where, search, accepted, type, payload) => {
        // A watch that is granted goes on; the timeout lets it end.
        const url = `${where}?${search}`
        const headers = {
          ...(accepted !== '' && { accept: accepted }),
          ...(verb !== 'GET' && type !== '' && { 'content-type': type }),
        }
        const sent = verb === 'GET' || verb === 'HEAD' ? {} : { body: payload }
        const { status, stream, headers: answered } = await client.open(url, { method: verb, headers, ...sent })
        if (where.includes('/watch/') && status === 200) return void stream.destroy()
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        const text = Buffer.concat(chunks).toString()
        if (status >= 400 && verb !== 'HEAD' && String(answered['content-type']).startsWith('application/json')) {
          const answer = JSON.parse(text)
          assert.equal(answer.kind, 'Status', text)
          assert.equal(answer.code, status)
        }
        assert.deepEqual(faults, [], `${verb} ${url} ${payload}`)
      },
    ),
    { numRuns: 5000, endOnFailure: true },
  )
})

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const podSpec = {
  containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } }, ports: [{ containerPort: 80 }] }],
}
const template = { metadata: { labels: { app: 'a' } }, spec: podSpec }
const whole: readonly { readonly path: string; readonly bytes: Buffer }[] = [
  ['/api/v1/namespaces/default/configmaps', 'v1', 'ConfigMap', { data: { k: 'v' }, binaryData: { b: 'AAEC' } }],
  ['/api/v1/namespaces/default/pods', 'v1', 'Pod', { spec: podSpec }],
  ['/api/v1/namespaces/default/services', 'v1', 'Service', { spec: { ports: [{ port: 80, targetPort: 'http' }] } }],
  ['/apis/apps/v1/namespaces/default/deployments', 'apps/v1', 'Deployment', { spec: { template } }],
  ['/apis/apps/v1/namespaces/default/controllerrevisions', 'apps/v1', 'ControllerRevision', { data: { a: [1] } }],
  [
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    'coordination.k8s.io/v1',
    'Lease',
    { spec: { renewTime: '2026-01-02T03:04:05.678901Z' } },
  ],
].map(([path, apiVersion, kind, rest]) => {
  const object = { apiVersion: String(apiVersion), kind: String(kind), metadata: { name: 'fuzz' }, ...Object(rest) }
  return { path: String(path), bytes: encodeProtobufObject(object) ?? Buffer.alloc(0) }
})
const change = fc.tuple(fc.constantFrom('set', 'insert', 'cut'), fc.nat(), fc.nat(255))

test('mutated protobuf is answered, and is no fault of the server', { timeout: 55_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...whole),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async ({ path: where, bytes }, changes) => {
        let body: Buffer = Buffer.from(bytes)
        for (const [what, place, byte] of changes) {
          const at = place % Math.max(body.length, 1)
          if (what === 'set') body[at] = byte
          else if (what === 'cut') body = body.subarray(0, body.length - (place % 8))
          else body = Buffer.concat([body.subarray(0, at), Buffer.from([byte]), body.subarray(at)])
        }
        const headers = { 'content-type': PROTOBUF, accept: PROTOBUF }
        const answer = await client.request(`${where}?dryRun=All`, { method: 'POST', headers, body })
        const { kind, code } = decodeProtobufObject(decodeProtobufEnvelope(answer.bytes))
        if (answer.status >= 400) assert.deepEqual([kind, code], ['Status', answer.status])
        assert.deepEqual(faults, [])
      },
    ),
    { numRuns: 300, endOnFailure: true },
  )
})

test('bytes that are no HTTP cost a connection each, and the memory stays', { timeout: 30_000 }, async () => {
  const { cert, key } = await server.authority.sign('CN=admin,O=system:masters', 'client')
  const request =
    'GET /api/v1/namespaces/default/configmaps?limit=2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc'
  const before = process.memoryUsage().rss
  await fc.assert(
    fc.asyncProperty(
      fc.nat(request.length),
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom('h2', 'http/1.1'),
      async (at, bytes, protocol) => {
        const socket = connect({
          host: '127.0.0.1',
          port: server.api.port,
          ca: server.authority.caCertificate,
          cert,
          key,
          ALPNProtocols: [protocol],
        })
        socket.on('error', ignore)
        socket.write(request.slice(0, at))
        socket.end(Buffer.from(bytes))
        await new Promise((resolve) => socket.on('close', resolve).resume())
      },
    ),
    { numRuns: 120 },
  )
  assert.equal((await client.request('/readyz')).text, 'ok')
  assert.deepEqual(faults, [])
  assert.ok(process.memoryUsage().rss - before < 150e6)
})
