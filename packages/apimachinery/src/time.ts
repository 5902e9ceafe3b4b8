// Times of the API: metav1.Time is RFC 3339 in UTC and whole seconds, metav1.MicroTime has six decimal places.

/** `2026-11-21T03:04:05Z`: what is stored and served as metav1.Time. Fractions of a second are dropped. */
export function formatTime(date: Date): string {
  const second = Math.floor(date.getTime() / 1000)
  if (second !== formatted.second) formatted = { second, text: `${date.toISOString().slice(0, 19)}Z` }
  return formatted.text
}

/** Writes come by the hundred in a second: each would take a microsecond for its time. */
let formatted: { readonly second: number; readonly text: string } = { second: Number.NaN, text: '' }

/** `2026-11-21T03:04:05.678000Z`. */
export function formatMicroTime(date: Date): string {
  return `${date.toISOString().slice(0, 23)}000Z`
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[-+](\d\d):(\d\d))$/

/** Milliseconds since 1970; undefined for what time.Parse(RFC3339) refuses. Any fraction and offset is read, and an hour of one digit. */
export function parseTime(text: string): number | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59)
    return undefined
  const offsetHours = Number(match[9] ?? 0)
  const offsetMinutes = Number(match[10] ?? 0)
  if (offsetHours > 24 || offsetMinutes > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000 * (match[8]?.startsWith('-') === true ? -1 : 1)
  const milliseconds = Number(`0.${match[7] ?? '0'}`) * 1000
  const time = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(milliseconds) - offset
  // The offset may lead out of the years that RFC 3339 can write.
  return time >= YEAR_0 && time < YEAR_10000 ? time : undefined
}

const YEAR_0 = -62_167_219_200_000
const YEAR_10000 = 253_402_300_800_000

function daysIn(year: number, month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, 0)
  return date.getUTCDate()
}

/** The stored form of a metav1.Time that a client sent: UTC, whole seconds. undefined for what is not a time. */
export function canonicalTime(text: string): string | undefined {
  const milliseconds = parseTime(text)
  return milliseconds === undefined ? undefined : formatTime(new Date(milliseconds))
}

/** The stored form of a metav1.MicroTime: UTC, six decimal places. */
export function canonicalMicroTime(text: string): string | undefined {
  const milliseconds = parseTime(text)
  if (milliseconds === undefined) return undefined
  const fraction = /[.,](\d+)/.exec(text)?.[1] ?? ''
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

/** Why a text is no time, as upstream's decoder says it. */
export function timeProblem(text: string): string {
  return `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`
}
