// Which fields a kind can be selected by, and what is said of the others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findResource, strategyOf } from '@keelson/api'
import { StatusError } from '@keelson/apimachinery'
import type { RepresentedResource } from '../representation/table.ts'
import { checkedFieldSelector } from './list-options.ts'

function kind(group: string, resource: string): RepresentedResource {
  const definition = findResource(group, 'v1', resource)
  assert.ok(definition)
  return { definition, strategy: strategyOf(definition) }
}

const refusal = (of: RepresentedResource, text: string): string | undefined => {
  try {
    checkedFieldSelector(text, of)
    return undefined
  } catch (error) {
    if (error instanceof StatusError && error.code === 400) return error.message
    throw error
  }
}

test('what cannot be selected by is refused in the words that the kind has upstream', () => {
  const unknown = '"spec.nope" is not a known field selector: only "metadata.name", "metadata.namespace"'
  for (const resource of ['configmaps', 'persistentvolumes', 'persistentvolumeclaims', 'componentstatuses'])
    assert.equal(refusal(kind('', resource), 'spec.nope=x'), unknown, resource)
  assert.match(refusal(kind('apps', 'replicasets'), 'status.replicas=1') ?? '', /is not a known field selector/)
  assert.equal(refusal(kind('', 'pods'), 'spec.nope!=x'), 'field label not supported: spec.nope')
  assert.equal(refusal(kind('batch', 'jobs'), 'spec.nope=x'), 'field label "spec.nope" not supported for Job')
  assert.equal(
    refusal(kind('resource.k8s.io', 'resourceslices'), 'spec.nope=x'),
    'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.nope',
  )
})

test('a kind without namespaces that has fields of its own has no metadata.namespace', () => {
  for (const resource of ['nodes', 'namespaces'])
    assert.equal(refusal(kind('', resource), 'metadata.namespace=x'), 'field label not supported: metadata.namespace')
  for (const resource of ['pods', 'persistentvolumes', 'configmaps'])
    assert.equal(refusal(kind('', resource), 'metadata.namespace=x'), undefined)
})

test('events of events.k8s.io are selected by the fields of the stored form', () => {
  const selector = checkedFieldSelector('regarding.kind=Pod,reportingController!=x', kind('events.k8s.io', 'events'))
  const fields = selector.requirements.map(({ field }) => field)
  assert.deepEqual(fields.toSorted(), ['involvedObject.kind', 'reportingComponent'])
  assert.equal(
    refusal(kind('events.k8s.io', 'events'), 'involvedObject.kind=Pod'),
    'field label not supported: involvedObject.kind',
  )
})
