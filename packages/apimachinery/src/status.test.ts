import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldRequired, invalid, notFound, rootPath } from './index.ts'

test('a missing object is named with its group', () => {
  const error = notFound({ group: 'apps', resource: 'deployments' }, 'a')
  assert.equal(error.message, 'deployments.apps "a" not found')
  assert.deepEqual(error.status.details, { name: 'a', group: 'apps', kind: 'deployments' })
})

test('an invalid object lists its causes', () => {
  const error = invalid({ group: '', kind: 'Pod' }, 'p', [fieldRequired(rootPath.child('spec', 'containers'), '')])
  assert.equal(error.message, 'Pod "p" is invalid: spec.containers: Required value')
  assert.deepEqual(error.status.details?.causes, [
    { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.containers' },
  ])
})
