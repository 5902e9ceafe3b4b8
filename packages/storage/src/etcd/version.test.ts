import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasReliableProgress, versionWarning } from './version.ts'

test('progress is trusted from 3.4.25, 3.5.8 and 3.6 on', () => {
  const answers = ['3.3.27', '3.4.24', '3.4.25', '3.5.7', '3.5.8', '3.6.0', '3.7.3', '4.0.0', 'odd'].map(
    hasReliableProgress,
  )
  assert.deepEqual(answers, [false, false, true, false, true, true, true, true, false])
})

test('versions with known faults are warned of by the number of the fault', () => {
  for (const version of ['3.4.23', '3.4.41', '3.5.27', '3.6.8'])
    assert.match(versionWarning(version) ?? '', /etcd#20418/)
  for (const version of ['3.4.42', '3.5.28', '3.6.9', '3.7.0', '4.0.0'])
    assert.equal(versionWarning(version), undefined)
  assert.match(versionWarning('3.3.10') ?? '', /oldest/)
  assert.match(versionWarning('') ?? '', /not known/)
})
