import assert from 'node:assert/strict'
import { test } from 'node:test'
import { servedResources } from '../served.ts'
import { openApiDocument, openApiHashes } from './documents.ts'
import { isServedPath } from './served-paths.ts'
import { openApiVersion2 } from './version2.ts'

const withoutPolicy = servedResources(({ group, resource }) => group !== 'policy' && resource !== 'daemonsets')

test('a path is served when its resource is', () => {
  for (const path of [
    '/api/v1/namespaces/{namespace}/pods/{name}/log',
    '/api/v1/namespaces/{name}/status',
    '/api/v1/watch/namespaces/{namespace}/pods',
    '/apis/apps/v1/',
    '/apis/apps/',
    '/apis/',
    '/version/',
  ])
    assert.equal(isServedPath(withoutPolicy, path), true, path)
  for (const path of [
    '/apis/apps/v1/daemonsets',
    '/apis/apps/v1/watch/namespaces/{namespace}/daemonsets/{name}',
    '/apis/policy/',
    '/apis/policy/v1/',
    '/apis/policy/v1/poddisruptionbudgets',
  ])
    assert.equal(isServedPath(withoutPolicy, path), false, path)
})

test('what is not served has no paths, no schemas and no document; the rest has another hash', async () => {
  const hashes = openApiHashes(withoutPolicy)
  assert.equal(hashes.has('apis/policy/v1'), false)
  assert.equal(hashes.has('apis/policy'), false)
  assert.notEqual(hashes.get('apis/apps/v1'), openApiHashes(servedResources()).get('apis/apps/v1'))
  assert.equal(await openApiDocument(withoutPolicy, 'apis/policy/v1'), undefined)
  const { paths, components } = JSON.parse(String(await openApiDocument(withoutPolicy, 'apis/apps/v1')))
  assert.equal('/apis/apps/v1/daemonsets' in paths, false)
  assert.equal('/apis/apps/v1/deployments' in paths, true)
  assert.equal('io.k8s.api.apps.v1.DaemonSet' in components.schemas, false)
  assert.equal('io.k8s.api.core.v1.PodSpec' in components.schemas, true)
  const { definitions } = JSON.parse(String(await openApiVersion2(withoutPolicy, 'json')))
  assert.equal('io.k8s.api.policy.v1.PodDisruptionBudget' in definitions, false)
  // Pods are evicted by this kind.
  assert.equal('io.k8s.api.policy.v1.Eviction' in definitions, true)
})
