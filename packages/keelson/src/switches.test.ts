import assert from 'node:assert/strict'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startTestServer } from './test-server.ts'

test('discovery, OpenAPI, routes and default objects follow --runtime-config; metrics tell the feature gates', async () => {
  await using server = await startTestServer({
    runtimeConfig: ['policy/v1=false', 'autoscaling/v1=false', 'apps/v1/daemonsets=false'],
    featureGates: ['WatchList=false'],
  })
  const { ca, clientCertificate: cert, clientKey: key } = server
  const agent = new Agent({ ca, cert, key })
  const get = (path: string): Promise<{ code: number | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      request(new URL(path, server.url), { agent }, (response) => {
        text(response).then((body) => resolve({ code: response.statusCode, body }), reject)
      })
        .on('error', reject)
        .end()
    })

  assert.deepEqual(await get('/apis/policy/v1/poddisruptionbudgets'), { code: 404, body: '404 page not found\n' })
  assert.deepEqual(await get('/apis/policy'), { code: 404, body: '404 page not found\n' })
  for (const path of [
    '/apis/autoscaling/v1',
    '/apis/apps/v1/daemonsets',
    '/apis/autoscaling/v1/horizontalpodautoscalers',
  ]) {
    const { code, body } = await get(path)
    assert.equal(code, 404)
    assert.equal(JSON.parse(body).reason, 'NotFound', path)
  }
  assert.equal((await get('/apis/autoscaling/v2/horizontalpodautoscalers')).code, 200)
  const autoscaling = JSON.parse((await get('/apis/autoscaling')).body)
  assert.deepEqual(autoscaling.preferredVersion, { groupVersion: 'autoscaling/v2', version: 'v2' })
  const apps = JSON.parse((await get('/apis/apps/v1')).body)
  assert.ok(!apps.resources.some(({ kind }: { kind: string }) => kind === 'DaemonSet'))
  assert.ok(!JSON.parse((await get('/')).body).paths.includes('/apis/policy/v1'))
  assert.ok(!('apis/policy/v1' in JSON.parse((await get('/openapi/v3')).body).paths))
  const services = JSON.parse((await get('/apis/apiregistration.k8s.io/v1/apiservices')).body)
  const names = services.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
  assert.ok(names.includes('v2.autoscaling') && names.includes('v1.apps'))
  assert.ok(!names.includes('v1.autoscaling') && !names.includes('v1.policy'))
  assert.match((await get('/metrics')).body, /^kubernetes_feature_enabled\{name="WatchList",stage="BETA"\} 0$/m)
  agent.destroy()
})

test('a wrong setting is refused before anything is made', async () => {
  await assert.rejects(startTestServer({ runtimeConfig: ['nope/v1=true'] }), /unknown api groups nope\/v1/)
  await assert.rejects(startTestServer({ featureGates: ['Nope=true'] }), /unrecognized feature gate: Nope/)
})
