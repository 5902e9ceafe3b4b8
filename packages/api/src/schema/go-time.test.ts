import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MICRO_TIME, SECOND_TIME, canonicalTime } from './go-time.ts'

test('times are written in UTC, fractions of a second dropped', () => {
  assert.equal(canonicalTime('2026-01-01T00:00:00Z', SECOND_TIME), '2026-01-01T00:00:00Z')
  assert.equal(canonicalTime('2026-01-01T00:30:00.999+01:00', SECOND_TIME), '2025-12-31T23:30:00Z')
  assert.equal(canonicalTime('0001-01-01T00:00:00Z', SECOND_TIME), '0001-01-01T00:00:00Z')
  assert.equal(canonicalTime('2024-02-29T5:06:07Z', SECOND_TIME), '2024-02-29T05:06:07Z')
})

test('micro times need their six digits', () => {
  assert.equal(canonicalTime('2026-01-01T00:00:00.000007Z', MICRO_TIME), '2026-01-01T00:00:00.000007Z')
  assert.throws(() => canonicalTime('2026-01-01T00:00:00Z', MICRO_TIME), /cannot parse "Z" as "\.000000"$/)
})

const REFUSED: readonly (readonly [text: string, message: string])[] = [
  ['', 'parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"'],
  [
    '2026-1-01T00:00:00Z',
    'parsing time "2026-1-01T00:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse "1-01T00:00:00Z" as "01"',
  ],
  ['2026-01-01', 'parsing time "2026-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
  ['2026-13-01T00:00:00Z', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
  ['2026-02-30T00:00:00Z', 'parsing time "2026-02-30T00:00:00Z": day out of range'],
  ['2026-02-01T24:00:00Z', 'parsing time "2026-02-01T24:00:00Z": hour out of range'],
  [
    '2026-02-01T00:00:00',
    'parsing time "2026-02-01T00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
  ],
  ['2026-02-01T00:00:00Zx', 'parsing time "2026-02-01T00:00:00Zx": extra text: "x"'],
]

for (const [text, message] of REFUSED) {
  test(`refused: ${message}`, () => assert.throws(() => canonicalTime(text, SECOND_TIME), { message }))
}
