import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patchSchemaOf } from './patch-schema.ts'

const pod = patchSchemaOf('io.k8s.api.core.v1.Pod')
const spec = pod.field('spec')?.schema

test('lists of structs merge by their key', () => {
  assert.equal(spec?.name, 'PodSpec')
  const containers = spec.field('containers')
  assert.deepEqual(containers?.strategies, ['merge'])
  assert.equal(containers.mergeKey, 'name')
  assert.equal(containers.schema.type, 'struct')
  assert.equal(containers.schema.field('ports')?.mergeKey, 'containerPort')
})

test('lists of scalars that merge have no key', () => {
  const finalizers = pod.field('metadata')?.schema.field('finalizers')
  assert.deepEqual(finalizers?.strategies, ['merge'])
  assert.equal(finalizers.mergeKey, '')
  assert.equal(finalizers.schema.type, 'other')
})

test('two strategies of one field', () => {
  assert.deepEqual(spec?.field('volumes')?.strategies, ['merge', 'retainKeys'])
  const deployment = patchSchemaOf('io.k8s.api.apps.v1.Deployment').field('spec')?.schema
  assert.deepEqual(deployment?.field('strategy')?.strategies, ['retainKeys'])
})

test('maps have no fields, and what is not declared is not found', () => {
  assert.equal(pod.field('metadata')?.schema.field('labels')?.schema.type, 'map')
  assert.equal(pod.field('bogus'), undefined)
  assert.equal(pod.field('constructor'), undefined)
})

test('a type that contains itself', () => {
  const name = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
  assert.equal(patchSchemaOf(name).field('not')?.schema, patchSchemaOf(name))
})
