// Once the server has told its clients to go (see shutdown.ts), what still arrives on old connections is sent elsewhere.
// Health goes on answering: it is how balancers and probes learn the news.
import { StatusError } from '@keelson/apimachinery'
import type { Middleware } from '../context.ts'

export interface Drain {
  readonly filter: Middleware
  /** From now on requests are refused with 429 and Retry-After, which clients repeat on a new connection. */
  begin(): void
}

export function drain(): Drain {
  let refusing = false
  return {
    filter: (context, next) => {
      if (!refusing || !context.info.isResourceRequest) return next()
      if (context.httpVersion === '1.1') context.setHeader('connection', 'close')
      const details = { retryAfterSeconds: 1 }
      throw new StatusError(429, 'TooManyRequests', 'The apiserver is shutting down, please try again later.', details)
    },
    begin() {
      refusing = true
    },
  }
}
