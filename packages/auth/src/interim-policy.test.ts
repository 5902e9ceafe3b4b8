import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AuthorizationAttributes, refusalText } from './authorizer.ts'
import { clientCertificateAuthenticator } from './client-certificate.ts'
import { firstOf } from './authenticator.ts'
import { interimAuthorizer } from './interim-policy.ts'
import { tokenAuthenticator } from './static-token.ts'
import { ANONYMOUS, type AuthenticatedUser } from './user.ts'

const alice: AuthenticatedUser = { name: 'alice', uid: '', groups: ['system:authenticated'], extra: {} }
const master: AuthenticatedUser = {
  name: 'admin',
  uid: '',
  groups: ['system:masters', 'system:authenticated'],
  extra: {},
}

const path = (user: AuthenticatedUser, text: string, verb = 'get'): AuthorizationAttributes => ({
  user,
  verb,
  isResourceRequest: false,
  path: text,
  group: '',
  version: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
})
const resource = (
  user: AuthenticatedUser,
  verb: string,
  group: string,
  name: string,
  namespace = '',
): AuthorizationAttributes => ({
  ...path(user, '/', verb),
  isResourceRequest: true,
  group,
  resource: name,
  namespace,
})
const allows = (attributes: AuthorizationAttributes): boolean =>
  interimAuthorizer.authorize(attributes).decision === 'allow'

test('masters and the controller manager may do everything', () => {
  const controllerManager = { ...alice, name: 'system:kube-controller-manager' }
  for (const user of [master, controllerManager]) assert.ok(allows(resource(user, 'delete', '', 'nodes')))
  assert.ok(!allows(resource({ ...alice, name: 'system:kube-scheduler' }, 'delete', '', 'nodes')))
  assert.ok(allows(path(master, '/metrics')))
})

test('everyone may ask for health and version, and only those who are known for discovery', () => {
  for (const text of ['/healthz', '/livez/ping', '/readyz/balancer', '/version'])
    assert.ok(allows(path(ANONYMOUS, text)), text)
  for (const text of ['/api', '/apis/apps/v1', '/healthzz', '/metrics']) assert.ok(!allows(path(ANONYMOUS, text)), text)
  assert.ok(allows(path(alice, '/apis/apps/v1')))
  assert.ok(!allows(path(alice, '/metrics')))
})

test('who is known may ask who he is', () => {
  assert.ok(allows(resource(alice, 'create', 'authentication.k8s.io', 'selfsubjectreviews')))
  assert.ok(!allows(resource(ANONYMOUS, 'create', 'authentication.k8s.io', 'selfsubjectreviews')))
  assert.ok(!allows(resource(alice, 'list', '', 'pods')))
})

test('a refusal says who, what and where', () => {
  assert.equal(
    refusalText(resource(alice, 'list', '', 'pods', 'default')),
    'User "alice" cannot list resource "pods" in API group "" in the namespace "default"',
  )
  assert.equal(
    refusalText({ ...resource(alice, 'update', 'apps', 'deployments'), subresource: 'scale' }),
    'User "alice" cannot update resource "deployments/scale" in API group "apps" at the cluster scope',
  )
  const strange = { ...alice, name: 'a<b>&"\u0007' }
  assert.equal(refusalText(path(strange, '/')), 'User "a&lt;b&gt;&amp;\\"\\a" cannot get path "/"')
  assert.equal(refusalText(path(alice, '/metrics')), 'User "alice" cannot get path "/metrics"')
})

test('a certificate that is not verified is refused, unless another credential is good', () => {
  const authenticator = firstOf([clientCertificateAuthenticator(), tokenAuthenticator(new Map([['t', alice]]))])
  const clientCertificate = {
    verified: false,
    commonName: 'admin',
    organizations: ['system:masters'],
    fingerprint256: 'ab',
  }
  assert.equal(authenticator.authenticate({ authorization: undefined, clientCertificate }).outcome, 'refused')
  const result = authenticator.authenticate({ authorization: 'Bearer t', clientCertificate })
  assert.equal(result.outcome === 'authenticated' && result.user.name, 'alice')
  const verified = authenticator.authenticate({
    authorization: undefined,
    clientCertificate: { ...clientCertificate, verified: true },
  })
  assert.deepEqual(verified.outcome === 'authenticated' && verified.user.groups, [
    'system:masters',
    'system:authenticated',
  ])
})
