import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StorageUnavailable } from '@keelson/storage'
import { RepeatedFailures } from './repeated-failures.ts'

function logged() {
  const lines: { readonly fields: object; readonly message: string }[] = []
  const note = (fields: object, message: string): void => void lines.push({ fields, message })
  let nowMs = 0
  const failures = new RepeatedFailures({ info: note, warn: note }, 'will try again', () => nowMs)
  return { lines, failures, pass: (ms: number) => (nowMs += ms) }
}

describe('failures that repeat', () => {
  it('are told once, once a minute, and when they are over', () => {
    const { lines, failures, pass } = logged()
    const away = new StorageUnavailable('nobody there')
    for (let second = 0; second < 150; second++) {
      failures.failed('reading', away)
      pass(1000)
    }
    failures.succeeded('reading')
    failures.succeeded('reading')
    assert.deepEqual(lines, [
      { fields: { doing: 'reading', error: 'nobody there' }, message: 'will try again' },
      { fields: { doing: 'reading', repeated: 59, error: 'nobody there' }, message: 'will try again' },
      { fields: { doing: 'reading', repeated: 59, error: 'nobody there' }, message: 'will try again' },
      { fields: { doing: 'reading', repeated: 29, seconds: 150 }, message: 'it works again' },
    ])
    failures.failed('reading', away)
    assert.equal(lines.length, 5)
  })

  it('of different work are different failures, and a fault of our own shows its stack', () => {
    const { lines, failures } = logged()
    const fault = new TypeError('not a function')
    failures.failed('reading', fault)
    failures.failed('writing', fault)
    failures.succeeded('verifying')
    assert.deepEqual(
      lines.map(({ fields }) => fields),
      [
        { doing: 'reading', err: fault },
        { doing: 'writing', err: fault },
      ],
    )
  })
})
