// What each filter promises, seen from outside: a live server with a store that can be taken away.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestClient } from './testing/test-client.ts'
import { TestServer } from './testing/test-server.ts'

const TOKENS = 'alice-token,alice,u-alice,"devs"\n'

let server: TestServer
let admin: TestClient
let nobody: TestClient
before(async () => {
  server = await TestServer.start({ tokens: TOKENS })
  admin = await server.client('2')
  nobody = await server.client('2', null)
})
after(async () => server[Symbol.asyncDispose]())

const alice = { authorization: 'Bearer alice-token' }
const review = (headers: Record<string, string>, from = admin) =>
  from.request('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    method: 'POST',
    headers,
    body: { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' },
  })

test('an answer carries the audit id that the client sent, or a new one', async () => {
  assert.equal((await admin.request('/version', { headers: { 'audit-id': 'mine' } })).headers['audit-id'], 'mine')
  assert.match(
    String((await admin.request('/version', { headers: { 'audit-id': 'not\tmine' } })).headers['audit-id']),
    /^[0-9a-f-]{36}$/,
  )
})

test('certificates, tokens and nobody are told apart', async () => {
  assert.deepEqual((await review({})).body.status.userInfo.groups, ['system:masters', 'system:authenticated'])
  assert.deepEqual((await review(alice, nobody)).body.status.userInfo, {
    username: 'alice',
    uid: 'u-alice',
    groups: ['devs', 'system:authenticated'],
  })
  assert.equal((await nobody.request('/api/v1/pods', { headers: { authorization: 'Bearer wrong' } })).status, 401)
  const refused = await nobody.request('/api/v1/namespaces/default/pods')
  assert.equal(refused.status, 403)
  assert.equal(
    refused.body.message,
    'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
  )
  for (const path of ['/healthz', '/readyz', '/version', '/readyz/balancer'])
    assert.equal((await nobody.request(path)).status, 200, path)
})

test('a certificate of another authority is a 401', async () => {
  const { TestAuthority } = await import('./testing/certificates.ts')
  const { TestClient } = await import('./testing/test-client.ts')
  const identity = await (await TestAuthority.make('another')).sign('CN=admin,O=system:masters', 'client')
  const stranger = new TestClient('2', server.api.port, server.authority.caCertificate, identity)
  assert.equal((await stranger.request('/api/v1/pods')).status, 401)
  stranger.close()
})

test('masters may act as others, and others may not', async () => {
  const asBob = { 'impersonate-user': 'bob', 'impersonate-group': 'devs', 'impersonate-extra-scopes': 'view' }
  const { body } = await review(asBob)
  assert.deepEqual(body.status.userInfo, {
    username: 'bob',
    groups: ['devs', 'system:authenticated'],
    extra: { scopes: ['view'] },
  })
  assert.equal((await admin.request('/api/v1/pods', { headers: { 'impersonate-user': 'bob' } })).status, 403)
  const refused = await review({ ...alice, 'impersonate-user': 'admin' }, nobody)
  assert.equal(
    refused.body.message,
    'users "admin" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope',
  )
})

test('a request ends at the time that it asked for', async () => {
  // A revision that does not come: the handler waits, and the deadline answers for it.
  const { status, body } = await admin.request('/api/v1/pods?resourceVersion=99999999&timeout=500ms')
  assert.equal(status, 504)
  assert.equal(body.reason, 'Timeout')
  assert.equal(
    (await admin.request('/api/v1/pods?timeout=soon')).body.message,
    'invalid timeout specified in the request URL - time: invalid duration "soon"',
  )
})

test('what is not served is 404 or 405, as upstream tells them apart', async () => {
  const expected: [method: string, path: string, status: number][] = [
    ['GET', '/api/v1/nosuch', 404],
    ['GET', '/apis/nosuch.example.com/v1/x', 404],
    ['GET', '/api/v1/pods/x', 404],
    ['GET', '/api/v1/namespaces/default/nodes', 404],
    ['GET', '/api/v1/namespaces/default/pods/x/nosub', 404],
    ['POST', '/api/v1/namespaces/default/configmaps/x', 405],
    ['PUT', '/api/v1/namespaces/default/configmaps', 405],
    ['DELETE', '/api/v1/namespaces', 405],
    ['HEAD', '/api/v1/namespaces/default', 405],
    ['POST', '/api/v1/pods', 405],
    ['GET', '/apis/authentication.k8s.io/v1/tokenreviews', 405],
  ]
  for (const [method, path, status] of expected)
    assert.equal((await admin.request(path, { method })).status, status, `${method} ${path}`)
})

test('health says what is checked, and metrics what was done', async () => {
  assert.match(
    (await admin.request('/readyz?verbose')).text,
    /^\[\+\]ping ok\n[^]*\[\+\]informer-sync ok\n[^]*readyz check passed\n$/,
  )
  assert.match((await admin.request('/readyz?verbose&exclude=etcd')).text, /\[\+\]etcd excluded: ok/)
  const { text } = await admin.request('/metrics')
  assert.match(text, /apiserver_request_total\{verb="POST",[^}]*resource="selfsubjectreviews"[^}]*code="201"\} \d/)
})

test("the version that clients compare is exactly upstream's; Keelson's own is a metric", async () => {
  assert.equal((await admin.request('/version')).body.gitVersion, 'v1.36.3')
  const { text } = await admin.request('/metrics')
  assert.match(text, /kubernetes_build_info\{major="1",minor="36",git_version="v1\.36\.3",[^}]*\} 1\n/)
  assert.match(text, /keelson_build_info\{version="\d+\.\d+\.\d+",node_version="v\d[^"]*"\} 1\n/)
})
