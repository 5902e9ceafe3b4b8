// The schedule of a CronJob as a message about what is wrong with it, in the words of the Go package that upstream parses
// it with (robfig/cron).
import { goQuote } from '@keelson/apimachinery'

interface Field {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
]
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']
const EVERY = '@every '
const DURATION = /^[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/
const MAX_INT64 = 2n ** 63n - 1n

/** Undefined when it is one. */
export function scheduleError(text: string): string | undefined {
  if (text === '') return 'empty spec string'
  let schedule = text
  if (/^(?:CRON_)?TZ=/.test(text)) {
    const zone = text.slice(text.indexOf('=') + 1).split(' ', 1)[0] ?? ''
    const problem = timeZoneError(zone)
    if (problem !== undefined) return `provided bad location ${zone}: ${problem}`
    schedule = text.includes(' ') ? text.slice(text.indexOf(' ')).trim() : ''
  }
  if (schedule.startsWith('@')) return descriptorError(schedule)
  const parts = schedule.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== FIELDS.length)
    return `expected exactly ${FIELDS.length} fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [index, field] of FIELDS.entries()) {
    for (const part of (parts[index] ?? '').split(',')) {
      const problem = part === '' ? undefined : rangeError(part, field)
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function descriptorError(text: string): string | undefined {
  if (DESCRIPTORS.includes(text)) return undefined
  if (!text.startsWith(EVERY)) return `unrecognized descriptor: ${text}`
  const duration = text.slice(EVERY.length)
  if (DURATION.test(duration) || duration === '0') return undefined
  return `failed to parse duration ${text}: time: invalid duration ${goQuote(duration)}`
}

function rangeError(text: string, field: Field): string | undefined {
  const [range = '', stepText, ...slashes] = text.split('/')
  const [low = '', high, ...hyphens] = range.split('-')
  let [start, end] = [field.min, field.max]
  if (low !== '*' && low !== '?') {
    const from = numberOf(low, field.names)
    if (typeof from === 'string') return from
    if (hyphens.length > 0) return `too many hyphens: ${text}`
    const to = high === undefined ? from : numberOf(high, field.names)
    if (typeof to === 'string') return to
    start = from
    end = to
  }
  let step = 1
  if (stepText !== undefined) {
    if (slashes.length > 0) return `too many slashes: ${text}`
    const parsed = numberOf(stepText)
    if (typeof parsed === 'string') return parsed
    step = parsed
    // `N/step` goes on to the end.
    if (high === undefined) end = field.max
  }
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${text}`
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${text}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`
  return step === 0 ? `step of range should be a positive number: ${text}` : undefined
}

/** A string is what is wrong with it. */
function numberOf(text: string, names: readonly string[] = []): number | string {
  const index = names.indexOf(text.toLowerCase())
  // Months count from one, days of the week from zero.
  if (index >= 0) return names === MONTHS ? index + 1 : index
  const failed = (why: string): string =>
    `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: ${why}`
  if (!/^[-+]?[0-9]+$/.test(text)) return failed('invalid syntax')
  if (BigInt(text.replace('+', '')) > MAX_INT64) return failed('value out of range')
  const value = Number(text)
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value
}

/** Undefined when it is a name from the IANA database. */
export function timeZoneError(name: string): string | undefined {
  if (name === '' || name === 'UTC') return undefined
  const unknown = `unknown time zone ${name}`
  // Node also takes offsets.
  if (!/^[A-Za-z]/.test(name)) return unknown
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return undefined
  } catch {
    return unknown
  }
}
