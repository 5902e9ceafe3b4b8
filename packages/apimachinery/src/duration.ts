// Durations as Go writes them: `5m0s`, `1h30m`, `250ms`, `1.5s`. In milliseconds here; finer parts are kept as fractions.

const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, the micro sign
  μs: 1e-3, // U+03BC, the Greek letter
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds; undefined for what time.ParseDuration refuses. */
export function parseDuration(text: string): number | undefined {
  const match = /^([-+]?)(?:0|((?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+))$/.exec(text)
  if (match === null || text.length > 128) return undefined
  let milliseconds = 0
  for (const [, number = '', unit = ''] of (match[2] ?? '').matchAll(/([0-9.]+)([a-zµμ]+)/g)) {
    milliseconds += Number(number) * (MILLISECONDS[unit] ?? Number.NaN)
  }
  // A Go duration is 64 bits of nanoseconds.
  if (!(milliseconds <= 9_223_372_036_854)) return undefined
  return match[1] === '-' ? -milliseconds : milliseconds
}

/** As Go prints it: `1h0m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s'
  const sign = milliseconds < 0 ? '-' : ''
  const size = Math.abs(milliseconds)
  if (size < 1e-3) return `${sign}${Math.round(size * 1e6)}ns`
  if (size < 1) return `${sign}${trim(size * 1e3, 3)}µs`
  if (size < 1000) return `${sign}${trim(size, 6)}ms`
  const hours = Math.floor(size / 3_600_000)
  const minutes = Math.floor((size % 3_600_000) / 60_000)
  const seconds = `${trim((size % 60_000) / 1000, 9)}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}

const trim = (value: number, places: number): string => String(Number(value.toFixed(places)))
