import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeProtobufObject, servedResources } from '@keelson/api'
import { PROTOBUF, StatusError } from '@keelson/apimachinery'
import { discoveryHandlers } from './handlers.ts'
import { answerOf } from './testing-context.ts'

const resolveDiscovery = discoveryHandlers(servedResources())

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const OLDER = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList'
const ask = (path: string, accept?: string, more: Record<string, string> = {}): ReturnType<typeof answerOf> =>
  answerOf(resolveDiscovery(path), { headers: { ...(accept && { accept }), ...more } })

test('kubectl’s Accept header gives the aggregated form', async () => {
  const answer = await ask('/apis', `${AGGREGATED},${OLDER},application/json`)
  assert.equal(answer.contentType, AGGREGATED)
  assert.equal(JSON.parse(answer.body).kind, 'APIGroupDiscoveryList')
  assert.equal(answer.headers['vary'], 'Accept')
})

test('an aggregated answer that the client has is not sent again', async () => {
  const first = await ask('/api', AGGREGATED)
  const etag = first.headers['etag'] ?? ''
  assert.match(etag, /^"[0-9A-F]{128}"$/)
  const second = await ask('/api', AGGREGATED, { 'if-none-match': etag })
  assert.equal(second.code, 304)
  assert.equal(second.body, '')
  assert.equal((await ask('/api', AGGREGATED, { 'if-none-match': '"other"' })).code, 200)
})

test('plain JSON gives the older forms', async () => {
  const kinds: readonly (readonly [path: string, kind: string])[] = [
    ['/api', 'APIVersions'],
    ['/api/', 'APIVersions'],
    ['/apis', 'APIGroupList'],
    ['/apis/', 'APIGroupList'],
    ['/apis/apps', 'APIGroup'],
    ['/api/v1', 'APIResourceList'],
    ['/apis/apps/v1/', 'APIResourceList'],
  ]
  for (const [path, kind] of kinds)
    assert.equal(JSON.parse((await ask(path, 'application/json')).body).kind, kind, path)
})

test('YAML is served', async () => {
  const answer = await ask('/apis/apps/v1', 'application/yaml')
  assert.equal(answer.contentType, 'application/yaml')
  assert.match(answer.body, /^apiVersion: v1\ngroupVersion: apps\/v1\nkind: APIResourceList\n/)
})

test('every form is written as protobuf, too', async () => {
  const typed = `${PROTOBUF};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`
  const aggregated = await ask('/apis', `${typed},application/json`)
  assert.equal(aggregated.contentType, typed)
  const inJson = await ask('/apis', AGGREGATED)
  assert.equal(aggregated.headers['etag'], inJson.headers['etag'])
  assert.deepEqual(aggregated.bytes, encodeProtobufObject(JSON.parse(inJson.body)))
  for (const path of ['/api', '/apis', '/apis/apps', '/api/v1']) {
    const { contentType, bytes } = await ask(path, PROTOBUF)
    assert.equal(contentType, PROTOBUF)
    const json = JSON.parse((await ask(path)).body)
    assert.deepEqual(bytes, encodeProtobufObject({ apiVersion: '', ...json }), path)
  }
})

test('the core group names the server as the client called it', async () => {
  const answer = await ask('/api', undefined, { host: 'cluster.example.com:6443' })
  assert.equal(JSON.parse(answer.body).serverAddressByClientCIDRs[0].serverAddress, 'cluster.example.com:6443')
})

test('an unknown version of a known group is a Status, an unknown group is nobody’s', async () => {
  await assert.rejects(ask('/apis/apps/v1beta1'), (error) => error instanceof StatusError && error.code === 404)
  for (const path of [
    '/apis/nosuch',
    '/apis/nosuch/v1',
    '/apis/apps/v1/deployments',
    '//api/v1',
    '/api/v2',
    '/healthz',
  ]) {
    assert.equal(resolveDiscovery(path), undefined, path)
  }
})

test('the aggregated form in YAML', async () => {
  const answer = await ask('/api', AGGREGATED.replace('json', 'yaml'))
  assert.equal(answer.contentType, AGGREGATED.replace('json', 'yaml'))
  assert.match(answer.body, /^apiVersion: apidiscovery.k8s.io\/v2\n/)
})

test('the aggregator has its own words for what cannot be accepted', async () => {
  for (const path of ['/apis', '/apis/apps'])
    await assert.rejects(ask(path, 'text/html'), /^StatusError: only the following media types are accepted: /)
  for (const path of ['/api', '/api/v1', '/apis/apps/v1'])
    await assert.rejects(ask(path, 'text/html'), /^StatusError: 406: Not Acceptable/)
})

test('what cannot be accepted is refused, other methods are not allowed', async () => {
  await assert.rejects(ask('/api/v1', 'text/html'), (error) => error instanceof StatusError && error.code === 406)
  await assert.rejects(ask('/apis', OLDER), (error) => error instanceof StatusError && error.code === 406)
  await assert.rejects(
    answerOf(resolveDiscovery('/api/v1'), { method: 'POST' }),
    (error) => error instanceof StatusError && error.code === 405,
  )
})

test('the root lists where to go on', async () => {
  const { paths } = JSON.parse((await ask('/')).body)
  for (const path of ['/api/v1', '/apis/apps/v1', '/openapi/v3', '/readyz']) assert.ok(paths.includes(path), path)
})
