// The outermost filter: whatever is thrown below becomes a Status, or a cut when the answer has begun.
import type { Middleware } from '../context.ts'
import { respondStatus, toStatusError } from '../representation/status.ts'
import type { ServerLogger } from '../server-options.ts'

export function panicRecovery(logger: ServerLogger): Middleware {
  return async (context, next) => {
    try {
      await next()
    } catch (error) {
      const { status, fault } = toStatusError(error)
      // A handler that comes back after its request was answered for it (deadline, client gone) has nothing more to say.
      if (context.finished || (context.responded && context.signal.aborted)) return
      if (fault)
        logger.error(
          { err: error, method: context.method, path: context.path, auditId: context.auditId },
          'a request failed',
        )
      if (context.responded) context.destroy()
      else respondStatus(context, status)
    }
  }
}
