// Conditions that follow what is written, without anybody asking for them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { TestServer } from '../testing/test-server.ts'

const PATIENCE_MS = 10_000

test('a flow schema tells whether its priority level is there; an API service, that its service is not', async () => {
  await using server = await TestServer.start()
  const client = await server.client('1.1')
  const condition = async (path: string, reason: string): Promise<{ type: string; status: string }> => {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const { body } = await client.request(path)
      const found = body.status?.conditions?.[0]
      if (found?.reason === reason || Date.now() > deadline) return { type: found?.type, status: found?.status }
      await delay(20)
    }
  }
  const flowcontrol = '/apis/flowcontrol.apiserver.k8s.io/v1'
  const schema = { metadata: { name: 'fs' }, spec: { priorityLevelConfiguration: { name: 'later' } } }
  await client.request(`${flowcontrol}/flowschemas`, { method: 'POST', body: schema })
  const dangling = await condition(`${flowcontrol}/flowschemas/fs`, 'NotFound')
  assert.deepEqual(dangling, { type: 'Dangling', status: 'True' })
  const level = {
    metadata: { name: 'later' },
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  }
  await client.request(`${flowcontrol}/prioritylevelconfigurations`, { method: 'POST', body: level })
  const found = await condition(`${flowcontrol}/flowschemas/fs`, 'Found')
  assert.deepEqual(found, { type: 'Dangling', status: 'False' })
  // Who says it otherwise is corrected, and the time is that of the correction.
  const path = `${flowcontrol}/flowschemas/fs`
  const said = { type: 'Dangling', status: 'False', reason: 'Other', lastTransitionTime: '2020-01-02T03:04:05Z' }
  const headers = { 'content-type': 'application/merge-patch+json' }
  await client.request(`${path}/status`, { method: 'PATCH', body: { status: { conditions: [said] } }, headers })
  await condition(path, 'Found')
  const { body: corrected } = await client.request(path)
  assert.notEqual(corrected.status.conditions[0].lastTransitionTime, said.lastTransitionTime)

  const services = '/apis/apiregistration.k8s.io/v1/apiservices'
  const spec = { group: 'a.example.com', version: 'v1', groupPriorityMinimum: 10, versionPriority: 10 }
  const service = { name: 's', namespace: 'default' }
  const remote = { metadata: { name: 'v1.a.example.com' }, spec: { ...spec, service, insecureSkipTLSVerify: true } }
  await client.request(services, { method: 'POST', body: remote })
  const missing = await condition(`${services}/v1.a.example.com`, 'ServiceNotFound')
  assert.deepEqual(missing, { type: 'Available', status: 'False' })
})

test('what the server makes and says belongs to those names to which it belongs upstream', async () => {
  await using server = await TestServer.start()
  const client = await server.client('1.1')
  const managers = async (path: string): Promise<string[]> => {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const { body } = await client.request(path)
      const entries = (body.metadata.managedFields ?? []) as {
        manager: string
        operation: string
        subresource?: string
      }[] // Of any object.
      const said = entries.map(({ manager, operation, subresource = '' }) => `${manager} ${operation} ${subresource}`)
      if (said.length === 2 || Date.now() > deadline) return said
      await delay(20)
    }
  }
  assert.deepEqual(await managers('/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/catch-all'), [
    'api-priority-and-fairness-config-consumer-v1 Apply status',
    'api-priority-and-fairness-config-producer-v1 Update ',
  ])
  assert.deepEqual(await managers('/apis/networking.k8s.io/v1/servicecidrs/kubernetes'), [
    'kubernetes-service-cidr-controller Apply status',
    'kube-apiserver Update ',
  ])
  const services = '/apis/apiregistration.k8s.io/v1/apiservices'
  const spec = { group: 'a.example.com', version: 'v1', groupPriorityMinimum: 10, versionPriority: 10 }
  const remote = { name: 's', namespace: 'default' }
  const apiService = { metadata: { name: 'v1.a.example.com' }, spec: { ...spec, service: remote, caBundle: 'YWJj' } }
  await client.request(`${services}?fieldManager=me`, { method: 'POST', body: apiService })
  assert.deepEqual(await managers(`${services}/v1.a.example.com`), ['kube-apiserver Update status', 'me Update '])
  const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } }
  const { body } = await client.request('/api/v1/namespaces/default/services', { method: 'POST', body: service })
  const address = await client.request(`/apis/networking.k8s.io/v1/ipaddresses/${body.spec.clusterIP}`)
  assert.equal(address.body.metadata.managedFields[0].manager, 'kube-apiserver')
})

test('what a controller says of the default service CIDR stands', async () => {
  await using server = await TestServer.start()
  const client = await server.client('1.1')
  const path = '/apis/networking.k8s.io/v1/servicecidrs/kubernetes'
  const message = async (): Promise<string | undefined> =>
    (await client.request(path)).body.status?.conditions?.[0]?.message
  const deadline = Date.now() + PATIENCE_MS
  while ((await message()) === undefined && Date.now() < deadline) await delay(20)
  const condition = { type: 'Ready', status: 'True', reason: '', lastTransitionTime: '2026-01-01T00:00:00Z' }
  const body = { status: { conditions: [{ ...condition, message: 'says the controller' }] } }
  const headers = { 'content-type': 'application/merge-patch+json' }
  await client.request(`${path}/status`, { method: 'PATCH', body, headers })
  // A pass follows every change; the flow schema's condition tells that one has been.
  const schema = { metadata: { name: 'passed' }, spec: { priorityLevelConfiguration: { name: 'none' } } }
  const schemas = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas'
  await client.request(schemas, { method: 'POST', body: schema })
  const isPassed = async (): Promise<boolean> =>
    (await client.request(`${schemas}/passed`)).body.status?.conditions !== undefined
  while (!(await isPassed()) && Date.now() < deadline) await delay(20)
  assert.equal(await message(), 'says the controller')
})
