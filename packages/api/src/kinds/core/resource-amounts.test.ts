// Rounding of amounts that are finer than a thousandth.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roundUpAmounts } from './resource-amounts.ts'

test('amounts are rounded up to thousandths, and others are left as they are', () => {
  const list = { a: '1n', b: '1500u', c: '100m', d: '1', e: '1e-6', f: '64Mi', g: '-1n' }
  roundUpAmounts(list)
  assert.deepEqual(list, { a: '1m', b: '2m', c: '100m', d: '1', e: '1e-3', f: '64Mi', g: '-1m' })
})
