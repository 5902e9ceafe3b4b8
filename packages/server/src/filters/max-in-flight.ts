// Limits how many requests are worked on at a time: reading and changing ones apart, long-running ones not counted. The
// server's own masters are not limited, so that a flooded server can still be looked at.
import { MASTERS_GROUP } from '@keelson/auth'
import { tooManyRequests } from '@keelson/apimachinery'
import type { Middleware } from '../context.ts'
import { isLongRunning } from './deadline.ts'

const MUTATING = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

export interface InFlightCounts {
  readOnly: number
  mutating: number
}

/** 0: no limit. */
export function maxInFlight(maxReadOnly: number, maxMutating: number, counts: InFlightCounts): Middleware {
  return async (context, next) => {
    if (isLongRunning(context)) return next()
    const kind = MUTATING.has(context.info.verb) ? 'mutating' : 'readOnly'
    const limit = kind === 'mutating' ? maxMutating : maxReadOnly
    if (limit > 0 && counts[kind] >= limit && context.user?.groups.includes(MASTERS_GROUP) !== true) {
      throw tooManyRequests('Too many requests, please try again later.', 1)
    }
    counts[kind]++
    try {
      await next()
    } finally {
      counts[kind]--
    }
  }
}
