import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOST_ERRORS_TOLD, append, fieldDuplicate, fieldRequired, invalid, notFound, rootPath } from './index.ts'

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

test('of very many errors the first are told, and how many there are', () => {
  const found = (count: number) =>
    Array.from({ length: count }, (_, index) => fieldDuplicate(rootPath.child('items').index(index), 'a'))
  const kind = { group: '', kind: 'Pod' }
  const atTheLimit = invalid(kind, 'p', found(MOST_ERRORS_TOLD))
  assert.equal(atTheLimit.status.details?.causes?.length, MOST_ERRORS_TOLD)
  assert.match(atTheLimit.message, /, items\[999\]: Duplicate value: "a"\]$/)
  const beyond = invalid(kind, 'p', found(200_000))
  assert.equal(beyond.status.details?.causes?.length, MOST_ERRORS_TOLD)
  assert.match(beyond.message, /, items\[999\]: Duplicate value: "a", and 199000 more\]$/)
})

test('a list of any length is appended', () => {
  const list = [1]
  append(
    list,
    Array.from({ length: 1_000_000 }, () => 2),
  )
  assert.equal(list.length, 1_000_001)
})
