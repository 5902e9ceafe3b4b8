import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cachedResources } from './cached-resource.ts'

test('a size is that of one resource, and 0 asks for nothing', () => {
  const resources = cachedResources('/registry', {
    pods: 1000,
    'leases.coordination.k8s.io': 500,
    secrets: 0,
    leases: 7,
  })
  const sized = resources.flatMap(({ name, minHistoryEvents }) =>
    minHistoryEvents === undefined ? [] : [`${name} ${minHistoryEvents}`],
  )
  assert.deepEqual(sized.sort(), ['leases.coordination.k8s.io 500', 'pods 1000'])
})
