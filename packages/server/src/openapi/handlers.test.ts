import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerOf } from '../discovery/testing-context.ts'
import { servedResources } from '@keelson/api'
import { openApiHandlers } from './handlers.ts'

const resolveOpenApi = openApiHandlers(servedResources())

const indexUrl = async (path: string): Promise<URL> => {
  const answer = await answerOf(resolveOpenApi('/openapi/v3'))
  return new URL(JSON.parse(answer.body).paths[path].serverRelativeURL, 'https://localhost')
}

test('a document with the hash of the index may be kept for ever', async () => {
  const url = await indexUrl('apis/apps/v1')
  const answer = await answerOf(resolveOpenApi(url.pathname), { query: url.search })
  assert.equal(answer.code, 200)
  assert.equal(answer.headers['cache-control'], 'public, immutable')
  assert.equal(JSON.parse(answer.body).openapi, '3.0.0')
})

test('another hash is redirected to the right one; without one nothing is said of keeping', async () => {
  const url = await indexUrl('api/v1')
  const wrong = await answerOf(resolveOpenApi(url.pathname), { query: 'hash=OLD' })
  assert.equal(wrong.code, 301)
  assert.equal(wrong.headers['location'], url.pathname + url.search)
  const none = await answerOf(resolveOpenApi(url.pathname))
  assert.equal(none.code, 200)
  assert.equal(none.headers['cache-control'], undefined)
})

test('a document that the client has is not sent again', async () => {
  const first = await answerOf(resolveOpenApi('/openapi/v3/apis/batch/v1'))
  const headers = { 'if-none-match': first.headers['etag'] ?? '' }
  assert.equal((await answerOf(resolveOpenApi('/openapi/v3/apis/batch/v1'), { headers })).code, 304)
})

test('a document as the protobuf that older clients ask for, with the @ of the type or a dot', async () => {
  for (const type of ['spec.v3@v1.0+protobuf', 'spec.v3.v1.0+protobuf']) {
    const headers = { accept: `application/com.github.proto-openapi.${type}, application/json` }
    const answer = await answerOf(resolveOpenApi('/openapi/v3/apis/apps/v1'), { headers })
    assert.equal(answer.contentType, 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf')
    assert.match(answer.body, /io\.k8s\.api\.apps\.v1\.Deployment/)
  }
})

test('only known types, only known documents', async () => {
  const yaml = { accept: 'application/yaml' }
  assert.equal((await answerOf(resolveOpenApi('/openapi/v3/apis/apps/v1'), { headers: yaml })).code, 406)
  assert.equal((await answerOf(resolveOpenApi('/openapi/v3/apis/nosuch/v1'))).code, 404)
  assert.equal((await answerOf(resolveOpenApi('/openapi/v3/'))).code, 404)
  assert.equal(resolveOpenApi('/openapi'), undefined)
})

test('version 2 has the definitions, as JSON and as the protobuf that kubectl asks for', async () => {
  const json = await answerOf(resolveOpenApi('/openapi/v2'))
  assert.equal(json.code, 200)
  assert.equal(JSON.parse(json.body).definitions['io.k8s.api.core.v1.Pod'].type, 'object')
  const headers = { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' }
  const protobuf = await answerOf(resolveOpenApi('/openapi/v2'), { headers })
  assert.equal(protobuf.contentType, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
  assert.notEqual(protobuf.headers['etag'], json.headers['etag'])
  const known = { ...headers, 'if-none-match': protobuf.headers['etag'] ?? '' }
  assert.equal((await answerOf(resolveOpenApi('/openapi/v2'), { headers: known })).code, 304)
})
