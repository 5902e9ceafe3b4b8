// The filters, in the order in which a request meets them; read from top to bottom. What is left at the end goes to `dispatch`
// (routes.ts), which knows the handlers.
import compose from 'koa-compose'
import type { Authenticator, Authorizer } from '@keelson/auth'
import type { Handler, Middleware, RequestContext } from './context.ts'
import { auditId } from './filters/audit-id.ts'
import { authentication } from './filters/authentication.ts'
import { authorization } from './filters/authorization.ts'
import type { Deadlines } from './filters/deadline.ts'
import type { Drain } from './filters/drain.ts'
import { impersonation } from './filters/impersonation.ts'
import { type InFlightCounts, maxInFlight } from './filters/max-in-flight.ts'
import { panicRecovery } from './filters/panic-recovery.ts'
import { requestInfo } from './filters/request-info.ts'
import { turns } from './filters/turns.ts'
import type { ServerLogger } from './server-options.ts'

export interface ChainParts {
  readonly logger: ServerLogger
  readonly metrics: Middleware
  readonly deadlines: Deadlines
  readonly drain: Drain
  readonly authenticator: Authenticator
  readonly authorizer: Authorizer
  readonly maxRequestsInflight: number
  readonly maxMutatingRequestsInflight: number
  readonly inFlight: InFlightCounts
  readonly dispatch: Handler
}

/** The result never rejects. */
export function chain(parts: ChainParts): (context: RequestContext) => Promise<void> {
  const filters: Middleware[] = [
    panicRecovery(parts.logger),
    auditId,
    parts.metrics,
    requestInfo,
    parts.deadlines.filter,
    parts.drain.filter,
    authentication(parts.authenticator),
    impersonation(parts.authorizer),
    maxInFlight(parts.maxRequestsInflight, parts.maxMutatingRequestsInflight, parts.inFlight),
    authorization(parts.authorizer),
    turns(),
    parts.dispatch,
  ]
  return compose(filters)
}
