// Dates, times and durations as upstream's formats read them.

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** A day that there is. */
export function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? []
  if (year === undefined || Number(month) < 1 || Number(month) > 12 || Number(day) < 1) return false
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.getUTCDate() === Number(day)
}

const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/

/** Hours, minutes and seconds have their ranges, offsets have none. */
export function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t')
  const [, hour = '', minute = '', second = ''] = TIME.exec(time ?? '') ?? []
  return isDate(date) && hour !== '' && hour <= '23' && minute <= '59' && second <= '59'
}

const GO_DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
const PART = /(?<!\d)(\d+)[ \t\n\f\r]*([A-Za-zµ]+)/g
const UNITS = ['ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'd', 'w', 'hr', 'wk']
/** What the name of a unit may begin with. */
const UNIT_NAMES = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week']
const MAX_INT64 = 2n ** 63n - 1n

/** As Go writes them, or with any of these units somewhere in the text. */
export function isDuration(text: string): boolean {
  if (GO_DURATION.test(text)) return true
  let found = false
  for (const [, count = '', name = ''] of text.matchAll(PART)) {
    if (BigInt(count) > MAX_INT64) return false
    const unit = name.toLowerCase()
    found ||= UNITS.includes(unit) || UNIT_NAMES.some((start) => unit.startsWith(start))
  }
  return found
}
