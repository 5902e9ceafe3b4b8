import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { recordedResults, resourceOf, summarize } from './results.ts'

test('a path is a request for a resource, or for none', () => {
  const paths: readonly (readonly [path: string, resource: string | undefined])[] = [
    ['/api/v1/namespaces/a/pods/b/status', '/v1/pods'],
    ['/api/v1/pods', '/v1/pods'],
    ['/api/v1/namespaces/a', '/v1/namespaces'],
    ['/api/v1/namespaces/a/finalize', '/v1/namespaces'],
    ['/api/v1/watch/namespaces/a/pods', '/v1/pods'],
    ['/apis/apps/v1/namespaces/a/deployments/b/scale', 'apps/v1/deployments'],
    ['/apis/rbac.authorization.k8s.io/v1/clusterroles', 'rbac.authorization.k8s.io/v1/clusterroles'],
    ['/apis/apps/v1', undefined],
    ['/apis', undefined],
    ['/healthz', undefined],
    ['', undefined],
  ]
  for (const [path, resource] of paths) assert.equal(resourceOf(path), resource, path)
})

test('results are counted by topic and by resource', () => {
  const step = (path: string, ...differences: string[]) => ({ label: path, path, differences })
  const steps = [step('/api/v1/pods'), step('/api/v1/pods', 'x'), step('/version')]
  assert.deepEqual(summarize(new Map([['a', steps]])), {
    topics: { a: { passed: 2, total: 3 } },
    resources: { '/v1/pods': { passed: 1, total: 2 } },
  })
})

test('the committed results have every topic', () => {
  const topics = readdirSync(join(import.meta.dirname, 'exchanges')).map((file) => file.replace('.json', ''))
  assert.deepEqual(Object.keys(recordedResults().topics), topics.toSorted())
})
