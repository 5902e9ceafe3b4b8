// What upstream stores in versions of its own, or without what it fills in for readers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findResource, strategyOf } from '@keelson/api'
import type { Revision, StorageKey } from '@keelson/storage'
import { cachedResource, storageLocation } from './cached-resource.ts'

function read(group: string, resource: string, stored: unknown): unknown {
  const definition = findResource(group, 'v1', resource)
  assert(definition !== undefined)
  const location = storageLocation(definition)
  assert(location !== undefined)
  const key = `${location.prefix}x` as StorageKey // A key of this prefix.
  const { json } = cachedResource(definition, strategyOf(definition), location).decode(
    key,
    Buffer.from(JSON.stringify(stored)),
    7 as Revision, // Any number.
  )
  return JSON.parse(json.toString())
}

const versions = (...names: string[]): { name: string; served: boolean; storage: boolean }[] =>
  names.map((name, index) => ({ name, served: true, storage: index === 0 }))

const definitionV1beta1 = (spec: object): object => ({
  kind: 'CustomResourceDefinition',
  apiVersion: 'apiextensions.k8s.io/v1beta1',
  metadata: { name: 'x' },
  spec: { group: 'example.com', version: 'v1', scope: 'Cluster', preserveUnknownFields: false, ...spec },
})

const spec = (stored: object): unknown =>
  (read('apiextensions.k8s.io', 'customresourcedefinitions', definitionV1beta1(stored)) as { spec: unknown }).spec

test('what v1beta1 says of all versions is in each version of v1', () => {
  const validation = { openAPIV3Schema: { type: 'object' } }
  const columns = [{ name: 'Age', type: 'date', JSONPath: '.metadata.creationTimestamp' }]
  const shared = { validation, subresources: { status: {} }, additionalPrinterColumns: columns }
  assert.deepEqual(spec({ versions: versions('v1', 'v2'), conversion: { strategy: 'None' }, ...shared }), {
    group: 'example.com',
    scope: 'Cluster',
    versions: versions('v1', 'v2').map((version) => ({
      ...version,
      schema: validation,
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
    })),
    conversion: { strategy: 'None' },
  })
})

test('the conversion webhook of v1beta1 is one object in v1', () => {
  const conversion = {
    strategy: 'Webhook',
    webhookClientConfig: { url: 'https://localhost' },
    conversionReviewVersions: ['v1'],
  }
  assert.deepEqual(spec({ versions: versions('v1'), conversion }), {
    group: 'example.com',
    scope: 'Cluster',
    versions: versions('v1'),
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://localhost' }, conversionReviewVersions: ['v1'] },
    },
  })
})

test('a v1beta1 definition that names its only version has a list of one, and prunes nothing', () => {
  assert.deepEqual(spec({ preserveUnknownFields: undefined }), {
    group: 'example.com',
    scope: 'Cluster',
    versions: versions('v1'),
    conversion: { strategy: 'None' },
    preserveUnknownFields: true,
  })
})

test('a claim that is stored without a phase is pending', () => {
  const claim = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', metadata: { name: 'x' }, spec: {}, status: {} }
  assert.deepEqual(read('', 'persistentvolumeclaims', claim), {
    ...claim,
    metadata: { resourceVersion: '7', name: 'x' },
    status: { phase: 'Pending' },
  })
})

test('a version that nobody can read is a fault that names the key', () => {
  const value = { kind: 'ConfigMap', apiVersion: 'v0', metadata: { name: 'x' } }
  assert.throws(() => read('', 'configmaps', value), /\/registry\/configmaps\/x is stored as v0, .* not be read/)
})
