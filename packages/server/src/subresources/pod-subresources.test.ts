// Evictions, resizes and added containers as a client meets them.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TestClient } from '../testing/test-client.ts'
import { TestServer } from '../testing/test-server.ts'

const NAMESPACE = 'pods'
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`
const BUDGETS = `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets`

let server: TestServer
let client: TestClient
before(async () => {
  server = await TestServer.start()
  client = await server.client('2')
  await post('/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  await post(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata: { name: 'default' } })
})
after(async () => server[Symbol.asyncDispose]())

async function post(path: string, body: object, expected = 201): Promise<Awaited<ReturnType<TestClient['request']>>> {
  const answer = await client.request(path, { method: 'POST', body })
  assert.equal(answer.status, expected, answer.text)
  return answer
}

async function put(path: string, body: object): Promise<Awaited<ReturnType<TestClient['request']>>> {
  return client.request(path, { method: 'PUT', body })
}

async function patch(path: string, body: object): Promise<Awaited<ReturnType<TestClient['request']>>> {
  const headers = { 'content-type': 'application/strategic-merge-patch+json' }
  return client.request(path, { method: 'PATCH', headers, body })
}

const READY = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }

async function runningPod(name: string, app: string, status: object = READY, spec: object = {}): Promise<void> {
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }]
  await post(PODS, { metadata: { name, labels: { app } }, spec: { containers, ...spec } })
  const answer = await patch(`${PODS}/${name}/status`, { status })
  assert.equal(answer.status, 200, answer.text)
}

/** A budget as the disruption controller would leave it. */
async function budget(name: string, status: object, spec: object = {}): Promise<void> {
  const { body } = await post(BUDGETS, {
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  })
  const counted = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, observedGeneration: 1, ...status }
  const answer = await put(`${BUDGETS}/${name}/status`, { ...body, status: counted })
  assert.equal(answer.status, 200, answer.text)
}

const evict = (name: string, deleteOptions?: object): ReturnType<TestClient['request']> =>
  client.request(`${PODS}/${name}/eviction`, {
    method: 'POST',
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...(deleteOptions && { deleteOptions }) },
  })

const exists = async (name: string): Promise<boolean> => (await client.request(`${PODS}/${name}`)).status === 200

describe('evictions', () => {
  test('many at once spend no more than the budget has', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `crowd-${index}`)
    for (const name of names) await runningPod(name, 'crowd')
    await budget('crowd', { disruptionsAllowed: 5, currentHealthy: 12, desiredHealthy: 7, expectedPods: 12 })
    const answers = await Promise.all(names.map((name) => evict(name)))
    assert.equal(answers.filter(({ status }) => status === 201).length, 5)
    assert.equal(answers.filter(({ status }) => status === 429).length, 7)
    const { body } = await client.request(`${BUDGETS}/crowd`)
    assert.equal(body.status.disruptionsAllowed, 0)
    assert.equal(Object.keys(body.status.disruptedPods).length, 5)
    assert.deepEqual(
      body.status.conditions.map(({ type, status, reason }: Record<string, string>) => [type, status, reason]),
      [['DisruptionAllowed', 'False', 'InsufficientPods']],
    )
    const left = await Promise.all(names.map(exists))
    assert.equal(left.filter((isThere) => isThere).length, 7)
  })

  test('are refused in words that say why', async () => {
    await runningPod('refused', 'refused')
    const none = { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 }
    const failed = {
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'SyncFailed',
      message: 'why',
      lastTransitionTime: null,
    }
    await budget('refused', { ...none, conditions: [{ ...failed, lastTransitionTime: '2026-01-01T00:00:00Z' }] })
    const answer = await evict('refused')
    assert.equal(answer.status, 429)
    assert.equal(answer.headers['retry-after'], undefined)
    assert.equal(
      answer.body.details.causes[0].message,
      'The disruption budget refused does not allow evicting pods currently because it failed sync: why',
    )
  })

  test('wait for a budget that is not counted yet', async () => {
    await runningPod('uncounted', 'uncounted')
    await budget('uncounted', { disruptionsAllowed: 1, observedGeneration: 0 })
    const answer = await evict('uncounted')
    assert.equal(answer.status, 429)
    assert.equal(answer.headers['retry-after'], '10')
  })

  test('in a dry run change nothing, not even the budget', async () => {
    await runningPod('dry', 'dry')
    await budget('dry', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 })
    assert.equal((await evict('dry', { dryRun: ['All'] })).status, 201)
    const pod = await client.request(`${PODS}/dry`)
    assert.deepEqual(pod.body.status.conditions.length, 1)
    assert.equal((await client.request(`${BUDGETS}/dry`)).body.status.disruptionsAllowed, 1)
  })

  test('with a precondition that does not hold leave the pod as it is', async () => {
    await runningPod('kept', 'kept')
    for (const preconditions of [{ uid: 'another' }, { resourceVersion: '1' }]) {
      assert.equal((await evict('kept', { preconditions })).status, 409)
    }
    const pod = await client.request(`${PODS}/kept`)
    assert.equal(pod.body.status.conditions.length, 1)
    const { resourceVersion } = pod.body.metadata
    assert.equal((await evict('kept', { preconditions: { resourceVersion } })).status, 201)
    assert.equal(await exists('kept'), false)
  })

  test('of what is not ready need no budget while enough others are', async () => {
    await runningPod('sick', 'sick', { phase: 'Running' })
    await budget('sick', { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 2 })
    assert.equal((await evict('sick')).status, 201)
  })
})

describe('resizes', () => {
  const resources = (cpu: string): object => ({
    spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] },
  })

  test('change what containers ask for, and nothing else', async () => {
    await runningPod('grow', 'grow')
    const body = { ...resources('2'), metadata: { labels: { app: 'other' } } }
    const answer = await patch(`${PODS}/grow/resize`, body)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.body.spec.containers[0].resources.requests.cpu, '2')
    assert.equal(answer.body.metadata.labels.app, 'grow')
    assert.equal(answer.body.metadata.generation, 2)
  })

  test('keep the quality of service', async () => {
    await runningPod('class', 'class')
    const limits = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }
    const answer = await patch(`${PODS}/class/resize`, { spec: { containers: [{ name: 'c', resources: limits }] } })
    assert.equal(answer.status, 422)
    assert.match(answer.body.message, /Pod QOS Class may not change as a result of resizing/)
  })

  test('stop at what the node has', async () => {
    await post('/api/v1/nodes', { metadata: { name: 'small' } })
    await patch('/api/v1/nodes/small/status', { status: { allocatable: { cpu: '2', memory: '1Gi' } } })
    await runningPod('bound', 'bound', READY, { nodeName: 'small' })
    assert.equal((await patch(`${PODS}/bound/resize`, resources('2'))).status, 200)
    const answer = await patch(`${PODS}/bound/resize`, resources('2500m'))
    assert.equal(answer.status, 403)
    assert.match(
      answer.body.message,
      /node didn't have enough allocatable resources: cpu, requested: 2500, allocatable: 2000/,
    )
  })
})

test('containers that are added stay as they were added', async () => {
  await runningPod('debugged', 'debugged')
  const added = (image: string): object => ({ spec: { ephemeralContainers: [{ name: 'd', image }] } })
  assert.equal((await patch(`${PODS}/debugged/ephemeralcontainers`, added('one'))).status, 200)
  const answer = await patch(`${PODS}/debugged/ephemeralcontainers`, added('two'))
  assert.equal(answer.status, 422)
  assert.match(
    answer.body.message,
    /existing ephemeral containers "d" may not be changed\n@@ .*\n[^]*-  ?"Image": "one"/,
  )
})
