// Cells that many kinds share: ages and times the way kubectl shows them.
import type { KubeObject } from '@keelson/apimachinery'

export const UNSET = '<unset>'
export const NONE = '<none>'
export const UNKNOWN = '<unknown>'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago the object was made. */
export const age = (object: KubeObject, now: Date): string => timeSince(object.metadata.creationTimestamp, now)

/** How long ago an RFC 3339 time was; `<unknown>` without one. */
export function timeSince(time: string | null | undefined, now: Date): string {
  if (time === undefined || time === null || time === '') return UNKNOWN
  return humanDuration(now.getTime() - Date.parse(time))
}

/** Two units at most, fewer as the time gets longer: `15s`, `3m20s`, `47m`, `5h10m`, `2d3h`, `9d`, `2y10d`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / SECOND)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(milliseconds / MINUTE)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(milliseconds / HOUR)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (days < 8) return withRest(days, 'd', hours % 24, 'h')
  if (days < 365 * 2) return `${days}d`
  const years = Math.floor(days / 365)
  if (days < 365 * 8) return withRest(years, 'y', days % 365, 'd')
  return `${Math.floor(milliseconds / (365 * DAY))}y`
}

const withRest = (count: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${count}${unit}` : `${count}${unit}${rest}${restUnit}`

/** `a=b,c=d` sorted by key, `<none>` when there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).toSorted()
  return keys.length === 0 ? NONE : keys.map((key) => `${key}=${labels?.[key]}`).join(',')
}
