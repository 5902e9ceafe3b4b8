// Ages as kubectl shows them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatLabels, humanDuration, timeSince } from './row.ts'

test('the longer ago, the coarser', () => {
  const second = 1000
  const minute = 60 * second
  const hour = 60 * minute
  const day = 24 * hour
  const cases: [milliseconds: number, text: string][] = [
    [-2 * second, '<invalid>'],
    [-second, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [9 * minute + 59 * second, '9m59s'],
    [10 * minute + 30 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [7 * hour + 5 * minute, '7h5m'],
    [47 * hour, '47h'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 3 * hour, '8d'],
    [729 * day, '729d'],
    [731 * day, '2y1d'],
    [9 * 365 * day, '9y'],
  ]
  for (const [milliseconds, text] of cases) assert.equal(humanDuration(milliseconds), text)
})

test('a time that is not known, and labels that are not there', () => {
  assert.equal(timeSince(undefined, new Date()), '<unknown>')
  assert.equal(timeSince(null, new Date()), '<unknown>')
  assert.equal(formatLabels(undefined), '<none>')
  assert.equal(formatLabels({ b: '2', a: '1' }), 'a=1,b=2')
})
