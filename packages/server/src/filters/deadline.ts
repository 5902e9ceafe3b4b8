// Every request but the long-running ones has an end: 60 s, or the shorter time that `?timeout=` asks for. At it the request
// is answered 504 and its signal aborts; an answer that is still going out (a client that does not read) is cut.
import { badRequest, StatusError } from '@keelson/apimachinery'
import type { Middleware, RequestContext } from '../context.ts'
import { respondStatus } from '../representation/status.ts'

/** Deadlines are looked at together: a timer for each request would cost more than most requests. */
const SWEEP_INTERVAL_MS = 250

const LONG_RUNNING_SUBRESOURCES = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

export interface Deadlines {
  readonly filter: Middleware
  /** How many requests with a deadline are in flight. */
  readonly inFlight: number
  close(): void
}

export function deadlines(requestTimeoutMs: number): Deadlines {
  const ends = new Map<RequestContext, number>()
  const timer = setInterval(() => {
    const now = performance.now()
    for (const [context, end] of ends) if (end <= now) expire(context)
  }, SWEEP_INTERVAL_MS)
  timer.unref()

  const expire = (context: RequestContext): void => {
    ends.delete(context)
    if (context.responded) return context.destroy()
    const timeout = requestTimedOut()
    respondStatus(context, timeout)
    context.abort(timeout)
  }

  return {
    filter: (context, next) => {
      if (isLongRunning(context)) return next()
      ends.set(context, context.receivedAt + Math.min(requestTimeoutMs, askedTimeoutMs(context)))
      context.onFinish(() => ends.delete(context))
      return next()
    },
    get inFlight() {
      return ends.size
    },
    close: () => clearInterval(timer),
  }
}

export const requestTimedOut = (): StatusError =>
  new StatusError(
    504,
    'Timeout',
    'Timeout: request did not complete within requested timeout - context deadline exceeded',
    {},
  )

export const isLongRunning = ({ info }: RequestContext): boolean =>
  info.verb === 'watch' || (info.subresource !== '' && LONG_RUNNING_SUBRESOURCES.has(info.subresource))

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
}

/** `?timeout=` is a Go duration: `10s`, `1m30s`, `250ms`. Infinity: none was asked for. */
function askedTimeoutMs({ query, path }: RequestContext): number {
  const text = path === '' ? null : query.get('timeout')
  if (text === null || text === '') return Infinity
  const parts = /^(\d+(\.\d+)?(h|ms|m|s|us|µs|ns))+$/.test(text) ? text.match(/[\d.]+[a-zµ]+/g) : null
  if (parts === null && text !== '0') {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`)
  }
  const sum = (parts ?? []).reduce(
    (total, part) => total + Number.parseFloat(part) * (UNIT_MS[part.replace(/[\d.]+/, '')] ?? 0),
    0,
  )
  return sum === 0 ? Infinity : sum
}
