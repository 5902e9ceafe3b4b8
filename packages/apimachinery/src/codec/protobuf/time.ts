// Times of the API as messages hold them: seconds since 1970 and nanoseconds.
import { formatMicroTime, formatTime, parseTime } from '../../time.ts'
import { DecodeError } from '../decoded.ts'

export interface SecondsAndNanos {
  readonly seconds: number
  readonly nanos: number
}

const DAY_SECONDS = 86_400
/** Go's zero time, the first second of the year 1: an empty message. */
const ZERO_SECONDS = -62_135_596_800

/** Undefined for the zero time and for what is no time. */
export function secondsAndNanos(text: string): SecondsAndNanos | undefined {
  const seconds = canonicalSeconds(text) ?? parsedSeconds(text)
  if (seconds === undefined || seconds === ZERO_SECONDS) return undefined
  return { seconds, nanos: nanosOf(text) }
}

/** Stored times are `2026-01-02T03:04:05Z` or `2026-01-02T03:04:05.678901Z`: ten times quicker than a regular expression. */
function canonicalSeconds(text: string): number | undefined {
  if (text.charCodeAt(text.length - 1) !== 0x5a || (text.length !== 20 && text.length !== 27)) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const seconds = digits(text, 11, 13) * 3600 + digits(text, 14, 16) * 60 + digits(text, 17, 19)
  const days = daysSince1970(year, month, digits(text, 8, 10))
  return Number.isNaN(days + seconds) ? undefined : days * DAY_SECONDS + seconds
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** Of the proleptic Gregorian calendar; years are counted from March, so that leap days come last. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function parsedSeconds(text: string): number | undefined {
  const milliseconds = parseTime(text)
  return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000)
}

const MICROSECOND_DIGITS = 6

/** Whole microseconds, as upstream keeps them. */
function nanosOf(text: string): number {
  if (text.charCodeAt(19) !== 0x2e) return 0
  let end = 20
  while (end < 20 + MICROSECOND_DIGITS && !Number.isNaN(digits(text, end, end + 1))) end++
  return digits(text, 20, end) * 10 ** (MICROSECOND_DIGITS - (end - 20)) * 1000
}

/** `2026-01-02T03:04:05Z`. DecodeError for a year that RFC 3339 cannot write. */
export const timeText = (seconds: number): string => formatTime(dateOf(seconds))

/** `2026-01-02T03:04:05.678901Z`; nanoseconds may be negative or more than a second, as Go takes them. */
export function microTimeText(seconds: number, nanos: number): string {
  const micros = Math.trunc(nanos / 1000)
  const carry = Math.floor(micros / 1_000_000)
  const fraction = String(micros - carry * 1_000_000).padStart(MICROSECOND_DIGITS, '0')
  return `${formatMicroTime(dateOf(seconds + carry)).slice(0, 20)}${fraction}Z`
}

const YEAR_10000_SECONDS = 253_402_300_800
const YEAR_0_SECONDS = -62_167_219_200

function dateOf(seconds: number): Date {
  if (seconds < YEAR_0_SECONDS || seconds >= YEAR_10000_SECONDS)
    throw new DecodeError(`a time of ${seconds} seconds is out of range`)
  return new Date(seconds * 1000)
}
