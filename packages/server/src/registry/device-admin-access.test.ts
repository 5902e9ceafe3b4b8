// Administrators' access to devices is given in namespaces that are labelled for it, and nowhere else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestServer } from '../testing/test-server.ts'

const JSON_BODY = { 'content-type': 'application/json' }
const CLAIMS = '/apis/resource.k8s.io/v1/namespaces/guarded/resourceclaims'
const claim = (name: string, adminAccess: boolean): string =>
  JSON.stringify({
    metadata: { name },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', adminAccess } }] } },
  })

test('claims for administration need a namespace that allows them', async () => {
  await using server = await TestServer.start()
  const client = await server.client('1.1')
  const post = (path: string, body: string) => client.request(path, { method: 'POST', headers: JSON_BODY, body })
  await post('/api/v1/namespaces', '{"metadata":{"name":"guarded"}}')
  assert.equal((await post(CLAIMS, claim('usual', false))).status, 201)
  const refused = await post(CLAIMS, claim('admin', true))
  assert.equal(refused.status, 422)
  assert.match(
    refused.text,
    /spec\.devices\.requests\[0\]\.adminAccess: Forbidden: admin access to devices requires the `resource\.kubernetes\.io\/admin-access: true` label/,
  )
  const allowing = '{"metadata":{"labels":{"resource.kubernetes.io/admin-access":"true"}}}'
  const headers = { 'content-type': 'application/merge-patch+json' }
  await client.request('/api/v1/namespaces/guarded', { method: 'PATCH', headers, body: allowing })
  assert.equal((await post(CLAIMS, claim('admin', true))).status, 201)
})
