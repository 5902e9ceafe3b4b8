// Schedules: what is one, and what is said of what is none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scheduleError, timeZoneError } from './cron-schedule.ts'

test('schedules', () => {
  for (const text of [
    '* * * * *',
    '*/5 0-6,12 ? jan-DEC Sun',
    '0/15 1 1 1 0',
    '@daily',
    '@every 1h30m',
    'TZ=UTC * * * * *',
  ])
    assert.equal(scheduleError(text), undefined, text)
})

test('no schedules', () => {
  const cases: [text: string, why: string][] = [
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['61 * * * *', 'end of range (61) above maximum (59): 61'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['@foo', 'unrecognized descriptor: @foo'],
    ['CRON_TZ=Foo/Bar * * * * *', 'provided bad location Foo/Bar: unknown time zone Foo/Bar'],
  ]
  for (const [text, why] of cases) assert.equal(scheduleError(text), why, text)
})

test('time zones', () => {
  assert.equal(timeZoneError('Europe/Berlin'), undefined)
  assert.equal(timeZoneError('+01:00'), 'unknown time zone +01:00')
  assert.equal(timeZoneError('Foo/Bar'), 'unknown time zone Foo/Bar')
})
