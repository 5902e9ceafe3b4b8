import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WriteProgress } from './write-progress.ts'

test('a transaction is sent again when nothing is answered any more', () => {
  const progress = new WriteProgress()
  progress.answered(990, 1000)
  assert.equal(progress.isOverdue(1000, 1399), false)
  assert.equal(progress.isOverdue(1000, 1400), true)
})

test('in a long queue it waits while those before it are answered', () => {
  const progress = new WriteProgress()
  for (let nowMs = 1000; nowMs < 2400; nowMs += 50) progress.answered(1000, nowMs)
  assert.equal(progress.isOverdue(1100, 2400), false)
  assert.equal(progress.isOverdue(1100, 2600), true)
})

test('it is sent again when those sent well after it are answered', () => {
  const progress = new WriteProgress()
  progress.answered(1300, 1450)
  assert.equal(progress.isOverdue(1000, 1450), true)
  assert.equal(progress.isOverdue(1150, 1600), false)
})
