import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { builtinGroupVersions, findResource } from '../table.ts'
import {
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  storageVersionHash,
} from './documents.ts'

interface Recorded {
  items: { metadata: { name?: string }; versions: { version: string; resources: { resource: string }[] }[] }[]
}
const recorded: Record<'/api' | '/apis', Recorded> = JSON.parse(
  readFileSync(new URL('./testdata/discovery.json', import.meta.url), 'utf8'),
)
const asJson = (value: object): unknown => JSON.parse(JSON.stringify(value))

test('aggregated discovery is upstream’s', () => {
  assert.deepEqual(asJson(aggregatedDiscovery(builtinGroupVersions(), '/api')), recorded['/api'])
  assert.deepEqual(asJson(aggregatedDiscovery(builtinGroupVersions(), '/apis')), recorded['/apis'])
})

test('every resource of upstream is in the table', () => {
  for (const { metadata, versions } of [...recorded['/api'].items, ...recorded['/apis'].items]) {
    for (const { version, resources } of versions) {
      for (const { resource } of resources) assert.ok(findResource(metadata.name ?? '', version, resource), resource)
    }
  }
})

test('stored kinds hash as upstream’s do', () => {
  assert.equal(storageVersionHash('v1', 'ConfigMap'), 'qFsyl6wFWjQ=')
  assert.equal(storageVersionHash('apps/v1', 'Deployment'), '8aSe+NMegvE=')
  assert.equal(storageVersionHash('autoscaling/v2', 'HorizontalPodAutoscaler'), 'qwQve8ut294=')
})

test('the older forms', () => {
  const versions = builtinGroupVersions()
  assert.deepEqual(apiVersions(versions, 'localhost:6443'), {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: 'localhost:6443' }],
  })
  assert.deepEqual(apiGroup(versions, 'autoscaling'), {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: 'autoscaling',
    versions: [
      { groupVersion: 'autoscaling/v2', version: 'v2' },
      { groupVersion: 'autoscaling/v1', version: 'v1' },
    ],
    preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
  })
  assert.equal(apiGroup(versions, 'nosuch'), undefined)
  assert.equal(JSON.stringify(apiGroupList(versions)).includes('"name":""'), false)
})

test('a resource list has the subresources behind their resource', () => {
  const apps = builtinGroupVersions().find(({ group }) => group === 'apps')
  assert.ok(apps)
  const list = JSON.parse(JSON.stringify(apiResourceList(apps)))
  const names: string[] = list.resources.map(({ name }: { name: string }) => name)
  assert.deepEqual(names.slice(3, 6), ['deployments', 'deployments/scale', 'deployments/status'])
  assert.deepEqual(list.resources[4], {
    name: 'deployments/scale',
    singularName: '',
    namespaced: true,
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    verbs: ['get', 'patch', 'update'],
  })
})
