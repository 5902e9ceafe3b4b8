import assert from 'node:assert/strict'
import type { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type ResourceDefinition, decodeProtobufObject, decodeStoredProtobuf, encodeProtobufObject } from '@keelson/api'
import { decodeProtobufEnvelope, type JsonObject } from '@keelson/apimachinery'
import type { TestAnswer, TestClient } from '../testing/test-client.ts'
import { TestServer } from '../testing/test-server.ts'
import { ProtobufItems } from './protobuf.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const PARTIAL = `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`
const PARTIAL_LIST = `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`
const TABLE = `${PROTOBUF};as=Table;g=meta.k8s.io;v=v1`
const NAMESPACE = '/api/v1/namespaces/proto'
const CONFIG_MAPS = `${NAMESPACE}/configmaps`

let server: TestServer
let client: TestClient
before(async () => {
  server = await TestServer.start()
  client = await server.client('2')
  await post('/api/v1/namespaces', { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'proto' } })
})
after(async () => server[Symbol.asyncDispose]())

const accepting = (path: string, accept: string): Promise<TestAnswer> => client.request(path, { headers: { accept } })

/** Sends protobuf and asks for protobuf. */
function post(path: string, object: { apiVersion: string; kind: string; metadata: object }): Promise<TestAnswer> {
  const body = encodeProtobufObject(object)
  return client.request(path, { method: 'POST', headers: { 'content-type': PROTOBUF, accept: PROTOBUF }, body })
}

const configMap = (name: string, more: object = {}) => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, labels: { b: '2', a: '1' } },
  ...more,
})

const decode = (bytes: Buffer): JsonObject => decodeProtobufObject(decodeProtobufEnvelope(bytes))

test('an object that is made and read as protobuf is the one that JSON shows', async () => {
  const made = await post(CONFIG_MAPS, configMap('one', { data: { key: 'ключ' }, binaryData: { raw: 'AAEC' } }))
  assert.equal(made.status, 201)
  assert.equal(made.headers['content-type'], PROTOBUF)
  const json = await accepting(`${CONFIG_MAPS}/one`, 'application/json')
  assert.deepEqual(json.body.data, { key: 'ключ' })
  for (const answer of [made, await accepting(`${CONFIG_MAPS}/one`, `${PROTOBUF},application/json`)]) {
    assert.deepEqual(decodeStoredProtobuf(answer.bytes), json.body)
    assert.deepEqual(answer.bytes, encodeProtobufObject(json.body))
  }
})

test('updates, patches, deletions and their options are spoken in it as well', async () => {
  await post(CONFIG_MAPS, configMap('two'))
  const headers = { 'content-type': PROTOBUF, accept: PROTOBUF }
  const body = encodeProtobufObject(configMap('two', { data: { a: 'b' } }))
  const updated = await client.request(`${CONFIG_MAPS}/two`, { method: 'PUT', headers, body })
  assert.deepEqual(decode(updated.bytes)['data'], { a: 'b' })
  const patch = { method: 'PATCH', headers: { ...headers, 'content-type': 'application/merge-patch+json' } }
  const patched = await client.request(`${CONFIG_MAPS}/two`, { ...patch, body: { data: { c: 'd' } } })
  assert.deepEqual(decode(patched.bytes)['data'], { a: 'b', c: 'd' })
  const refused = await client.request(`${CONFIG_MAPS}/two`, { method: 'PATCH', headers, body })
  assert.equal(refused.status, 415)
  const wrongUid = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } }
  const conflict = { method: 'DELETE', headers, body: encodeProtobufObject(wrongUid) }
  assert.equal((await client.request(`${CONFIG_MAPS}/two`, conflict)).status, 409)
  const deleted = await client.request(`${CONFIG_MAPS}/two`, { method: 'DELETE', headers })
  assert.equal(decode(deleted.bytes)['status'], 'Success')
})

test('lists, whole and of metadata, compressed and not, of any length', async () => {
  const data = { filler: 'x'.repeat(2000) }
  for (let index = 0; index < 150; index++) {
    const name = `item-${String(index).padStart(3, '0')}`
    await client.request(CONFIG_MAPS, { method: 'POST', body: configMap(name, { data }) })
  }
  const path = `${CONFIG_MAPS}?labelSelector=a%3D1`
  const json = await accepting(path, 'application/json')
  const whole = await accepting(path, PROTOBUF)
  assert.equal(whole.headers['content-length'], String(whole.bytes.length))
  assert.deepEqual(whole.bytes, encodeProtobufObject(json.body))
  const packed = await client.request(path, { headers: { accept: PROTOBUF, 'accept-encoding': 'gzip' } })
  assert.equal(packed.headers['content-encoding'], 'gzip')
  assert.deepEqual(gunzipSync(packed.bytes), whole.bytes)
  const page = await accepting(`${path}&limit=2`, PARTIAL_LIST)
  const { kind, apiVersion, metadata, items } = decode(page.bytes) as Record<string, any> // oxlint-disable-line typescript/no-explicit-any -- a list
  assert.deepEqual([kind, apiVersion, items.length], ['PartialObjectMetadataList', 'meta.k8s.io/v1', 2])
  assert.ok(metadata.continue)
  assert.equal(items[0].metadata.name, json.body.items[0].metadata.name)
  const empty = await accepting(`${CONFIG_MAPS}?labelSelector=nobody`, PROTOBUF)
  assert.equal(decode(empty.bytes)['items'], undefined)
  const one = await accepting(`${CONFIG_MAPS}/item-000`, PARTIAL)
  assert.deepEqual(Object.keys(decode(one.bytes)), ['kind', 'apiVersion', 'metadata'])
})

test('tables are not written as protobuf; errors are, and YAML, when nothing speaks against it', async () => {
  const table = await accepting(CONFIG_MAPS, TABLE)
  assert.deepEqual([table.status, table.body.reason], [406, 'NotAcceptable'])
  const missing = await accepting(`${CONFIG_MAPS}/none`, PROTOBUF)
  assert.deepEqual([missing.status, missing.headers['content-type']], [404, PROTOBUF])
  const { kind, reason, code, details } = decode(missing.bytes)
  assert.deepEqual([kind, reason, code, details], ['Status', 'NotFound', 404, { name: 'none', kind: 'configmaps' }])
  const yaml = await accepting(`${CONFIG_MAPS}/none`, 'application/yaml')
  assert.match(yaml.text, /^apiVersion: v1\ncode: 404\n/)
})

test('a kind without a message has its metadata in protobuf, and no more', () => {
  const representation = { impossible: false, metaApiVersion: 'meta.k8s.io/v1', includeObject: 'Metadata' } as const
  const encoding = { mediaType: PROTOBUF, pretty: false, key: '' } as const
  const definition = { group: 'example.com', version: 'v1', kind: 'Thing' } as ResourceDefinition // Nothing else is looked at.
  assert.equal(
    new ProtobufItems({ shape: 'partial', ...representation, ...encoding }, definition).kind.opening[0],
    0x6b,
  )
  assert.throws(() => new ProtobufItems({ shape: 'object', ...representation, ...encoding }, definition), { code: 406 })
})

test('bodies that are no protobuf are refused in upstream’s words', async () => {
  const headers = { 'content-type': PROTOBUF }
  const messageOf = async (body: Buffer): Promise<string> => {
    const answer = await client.request(CONFIG_MAPS, { method: 'POST', headers, body })
    assert.equal(answer.status, 400)
    return answer.body.message
  }
  const whole = encodeProtobufObject(configMap('broken')) ?? Buffer.alloc(0)
  const secret = encodeProtobufObject({ apiVersion: 'v1', kind: 'Secret' }) ?? Buffer.alloc(0)
  const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap)'
  const unhandled = 'ConfigMap in version "v1" cannot be handled as a ConfigMap'
  assert.equal(await messageOf(Buffer.from('k8s\0')), `${unrecognized}: empty body (6b387300)`)
  assert.match(await messageOf(Buffer.from('{}')), /does not appear to be a protobuf message, expected prefix \[107/)
  assert.ok((await messageOf(whole.subarray(0, 40))).startsWith(`${unrecognized}: unexpected EOF (6b387300`))
  const raw = (...bytes: number[]): Buffer => Buffer.from([...Buffer.from('k8s\0'), 0x12, bytes.length, ...bytes])
  assert.equal(await messageOf(raw(0x0a, 0x7f, 0x01)), `${unhandled}: unexpected EOF`)
  assert.equal(await messageOf(raw(0x08, 0x01)), `${unhandled}: proto: wrong wireType = 0 for field ObjectMeta`)
  assert.equal(await messageOf(raw(0x00, 0x01)), `${unhandled}: proto: ConfigMap: illegal tag 0 (wire type 0)`)
  assert.equal(await messageOf(raw(0x7e)), `${unhandled}: proto: illegal wireType 6`)
  assert.equal(
    await messageOf(secret),
    'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
  )
})

for (const httpVersion of ['1.1', '2'] as const) {
  test(`watches frame their events, bookmarks and errors (HTTP/${httpVersion})`, async () => {
    const reader = await server.client(httpVersion)
    const path = `${NAMESPACE}/secrets`
    const secret = { kind: 'Secret', apiVersion: 'v1', metadata: { name: `watched-${httpVersion}` } }
    const opened = await reader.open(
      `${path}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
      { headers: { accept: `${PROTOBUF};stream=watch` } },
    )
    assert.equal(opened.headers['content-type'], `${PROTOBUF};stream=watch`)
    const events = new Frames(opened.stream)
    const [bookmark] = await until(events, ({ type }) => type === 'BOOKMARK')
    assert.deepEqual(bookmark?.object['metadata']?.annotations, { 'k8s.io/initial-events-end': 'true' })
    const made = await client.request(path, { method: 'POST', body: secret })
    const partial = await reader.open(`${path}?watch=1`, { headers: { accept: PARTIAL } })
    const [added] = await until(events, ({ object }) => object['metadata']?.name === secret.metadata.name)
    assert.equal(added?.type, 'ADDED')
    assert.deepEqual(added?.bytes, encodeProtobufObject(made.body))
    const [seen] = await until(new Frames(partial.stream), ({ object }) => object['metadata']?.name !== undefined)
    assert.equal(seen?.object['kind'], 'PartialObjectMetadata')
    opened.stream.destroy()
    partial.stream.destroy()
    const ahead = `${path}?watch=1&resourceVersion=99999999&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`
    const late = await reader.open(ahead, { headers: { accept: PROTOBUF } })
    const [error] = await until(new Frames(late.stream), ({ type }) => type === 'ERROR')
    assert.equal(error?.object['code'], 504)
    reader.close()
  })
}

interface Frame {
  readonly type: string
  readonly bytes: Buffer
  readonly object: Record<string, any> // oxlint-disable-line typescript/no-explicit-any -- tests look into objects of every kind
}

/** Splits a stream into its frames: length, and in a WatchEvent the type (1) and an extension (2) with raw bytes (1). */
class Frames implements AsyncIterable<Frame> {
  readonly #stream: Readable

  constructor(stream: Readable) {
    this.#stream = stream
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Frame> {
    let rest = Buffer.alloc(0)
    for await (const chunk of this.#stream.iterator({ destroyOnReturn: false })) {
      rest = Buffer.concat([rest, chunk as Buffer]) // No encoding is set: chunks are buffers.
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
        const frame = rest.subarray(4, 4 + rest.readUInt32BE(0))
        rest = rest.subarray(4 + frame.length)
        const type = frame.subarray(2, 2 + (frame[1] ?? 0)).toString()
        const bytes = frame.subarray(frame.indexOf('k8s\0'))
        yield { type, bytes, object: decode(bytes) }
      }
    }
  }
}

async function until(frames: Frames, wanted: (frame: Frame) => boolean): Promise<Frame[]> {
  for await (const frame of frames) if (wanted(frame)) return [frame]
  return []
}
