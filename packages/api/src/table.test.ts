import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtinGroupVersions, builtinResources, findKind, findResource, strategyOf } from './table.ts'

test('groups come in upstream’s order, preferred versions first', () => {
  const names = builtinGroupVersions().map(({ group, version }) => `${group}/${version}`)
  assert.deepEqual(names.slice(0, 4), ['/v1', 'apiregistration.k8s.io/v1', 'apps/v1', 'events.k8s.io/v1'])
  assert.ok(names.indexOf('autoscaling/v2') < names.indexOf('autoscaling/v1'))
})

test('a resource is found by its name and by its kind', () => {
  const deployments = findResource('apps', 'v1', 'deployments')
  assert.equal(deployments?.kind, 'Deployment')
  assert.equal(deployments.listKind, 'DeploymentList')
  assert.deepEqual(deployments.storage, { prefix: '/registry/deployments/', apiVersion: 'apps/v1' })
  assert.equal(findKind({ group: 'apps', version: 'v1', kind: 'Deployment' }), deployments)
  assert.equal(findResource('apps', 'v1beta1', 'deployments'), undefined)
})

test('a subresource without a group of its own has that of its parent', () => {
  const pods = findResource('', 'v1', 'pods')
  const kinds = Object.fromEntries((pods?.subresources ?? []).map(({ name, responseKind }) => [name, responseKind]))
  assert.deepEqual(kinds['binding'], { group: '', version: 'v1', kind: 'Binding' })
  assert.deepEqual(kinds['eviction'], { group: 'policy', version: 'v1', kind: 'Eviction' })
})

test('both event resources share keys and stored version', () => {
  assert.deepEqual(findResource('', 'v1', 'events')?.storage, findResource('events.k8s.io', 'v1', 'events')?.storage)
})

test('every resource has a schema, and columns when it can be listed', () => {
  for (const definition of builtinResources()) {
    assert.notEqual(definition.schema, '', definition.resource)
    if (definition.verbs.includes('list')) assert.ok(definition.columns.length > 0, definition.resource)
  }
})

test('a kind with a status subresource has a status; a Node brings its own', () => {
  const withoutStatus = builtinResources()
    .filter((definition) => definition.subresources.some(({ name }) => name === 'status'))
    .filter((definition) => strategyOf(definition).hasStatus !== true)
  assert.deepEqual(
    withoutStatus.map(({ kind }) => kind),
    ['Node'],
  )
})
