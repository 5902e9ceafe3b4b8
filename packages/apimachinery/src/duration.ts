// Durations as Go writes them: `5m0s`, `1h30m`, `250ms`, `1.5s`. In milliseconds here; finer parts are kept as fractions.

const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, the micro sign
  μs: 1e3, // U+03BC, the Greek letter
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** A Go duration is 64 bits of nanoseconds. */
const MAX_NANOSECONDS = 2 ** 63

/** Milliseconds; undefined for what time.ParseDuration refuses. */
export function parseDuration(text: string): number | undefined {
  const match = /^([-+]?)(?:0|((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+))$/.exec(text)
  if (match === null || text.length > 128) return undefined
  let nanoseconds = 0
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(
    /([0-9]*)(?:\.([0-9]*))?([a-zµμ]+)/g,
  )) {
    const size = NANOSECONDS[unit] ?? 0
    nanoseconds += Number(whole) * size + Math.trunc(Number(`0.${fraction}0`) * size)
  }
  if (nanoseconds >= MAX_NANOSECONDS) return undefined
  return (match[1] === '-' ? -nanoseconds : nanoseconds) / 1e6
}

/** As Go prints it: `1h0m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  const nanoseconds = Math.round(Math.abs(milliseconds) * 1e6)
  if (nanoseconds === 0) return '0s'
  const sign = milliseconds < 0 ? '-' : ''
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${sign}${decimal(nanoseconds, 1e3)}µs`
  if (nanoseconds < 1e9) return `${sign}${decimal(nanoseconds, 1e6)}ms`
  const hours = Math.floor(nanoseconds / 3600e9)
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9)
  const seconds = `${decimal(nanoseconds % 60e9, 1e9)}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}

/** `nanoseconds / unit` without an exponent and without trailing zeros. */
function decimal(nanoseconds: number, unit: number): string {
  const whole = Math.floor(nanoseconds / unit)
  const rest = String(nanoseconds % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')
  return rest === '' ? String(whole) : `${whole}.${rest}`
}
