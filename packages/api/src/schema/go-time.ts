// Times as Go's time.Parse reads them and the API writes them: RFC 3339 in UTC, whole seconds (metav1.Time) or
// microseconds (metav1.MicroTime). Errors name the part of the layout that did not match, as clients of upstream see it.
import { goQuote } from '@keelson/apimachinery'
import { DecodeAbort } from './context.ts'

export interface TimeLayout {
  readonly text: string
  /** Digits after the seconds that must be there; 0: any number may be there, and is dropped. */
  readonly fraction: 0 | 6
}

export const SECOND_TIME: TimeLayout = { text: '2006-01-02T15:04:05Z07:00', fraction: 0 }
export const MICRO_TIME: TimeLayout = { text: '2006-01-02T15:04:05.000000Z07:00', fraction: 6 }

interface Part {
  /** How the layout spells it. */
  readonly element: string
  readonly pattern: RegExp
  readonly name: string
  readonly low: number
  readonly high: number
}

const SEPARATOR = (element: string): Part => ({
  element,
  pattern: new RegExp(`^${element}`),
  name: '',
  low: 0,
  high: 0,
})
const PARTS: readonly Part[] = [
  { element: '2006', pattern: /^\d{4}/, name: 'year', low: 0, high: 9999 },
  SEPARATOR('-'),
  { element: '01', pattern: /^\d\d/, name: 'month', low: 1, high: 12 },
  SEPARATOR('-'),
  { element: '02', pattern: /^\d\d/, name: 'day', low: 0, high: 99 },
  SEPARATOR('T'),
  { element: '15', pattern: /^\d\d?/, name: 'hour', low: 0, high: 23 },
  SEPARATOR(':'),
  { element: '04', pattern: /^\d\d/, name: 'minute', low: 0, high: 59 },
  SEPARATOR(':'),
  { element: '05', pattern: /^\d\d/, name: 'second', low: 0, high: 59 },
]
const OPTIONAL_FRACTION = /^[.,](\d+)/
const MICROSECONDS = /^\.(\d{6})/
const ZONE = /^(?:Z|([+-])(\d\d):(\d\d))/

/** The time in UTC in the form of its layout. DecodeAbort with Go's message for what is not a time. */
export function canonicalTime(text: string, layout: TimeLayout): string {
  const refuse = (rest: string, element: string): DecodeAbort =>
    new DecodeAbort(
      `parsing time ${goQuote(text)} as ${goQuote(layout.text)}: cannot parse ${goQuote(rest)} as ${goQuote(element)}`,
    )
  const outOfRange = (what: string): DecodeAbort =>
    new DecodeAbort(`parsing time ${goQuote(text)}: ${what} out of range`)

  const numbers: number[] = []
  let rest = text
  for (const part of PARTS) {
    const found = part.pattern.exec(rest)?.[0]
    if (found === undefined) throw refuse(rest, part.element)
    rest = rest.slice(found.length)
    if (part.name === '') continue
    const number = Number(found)
    if (number < part.low || number > part.high) throw outOfRange(part.name)
    numbers.push(number)
  }

  let microseconds = ''
  const fraction = (layout.fraction === 6 ? MICROSECONDS : OPTIONAL_FRACTION).exec(rest)
  if (fraction !== null) {
    rest = rest.slice(fraction[0].length)
    microseconds = fraction[1] ?? ''
  } else if (layout.fraction === 6) throw refuse(rest, '.000000')

  const zone = ZONE.exec(rest)
  if (zone === null) throw refuse(rest, 'Z07:00')
  const [matched, sign, hours = '0', minutes = '0'] = zone
  if (Number(hours) > 24) throw outOfRange('time zone offset hour')
  if (Number(minutes) > 60) throw outOfRange('time zone offset minute')
  rest = rest.slice(matched.length)
  if (rest !== '') throw new DecodeAbort(`parsing time ${goQuote(text)}: extra text: ${goQuote(rest)}`)

  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers
  if (day < 1 || day > daysIn(year, month)) throw outOfRange('day')
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute - offsetMinutes, second)
  const seconds = date.toISOString().slice(0, -5)
  return layout.fraction === 6 ? `${seconds}.${microseconds}Z` : `${seconds}Z`
}

function daysIn(year: number, month: number): number {
  const last = new Date(0)
  last.setUTCFullYear(year, month, 0)
  return last.getUTCDate()
}
