// What is logged when an informer cannot watch. A resource that the server does not serve (--runtime-config) is no failure, and
// is said once, not at each attempt.
import { StatusError } from '@keelson/apimachinery'
import type { ControllerLogger } from './controller.ts'

/** The informer's onError; `what` is watched, in the plural. */
export function tellWatchFailures(logger: ControllerLogger, what: string): (error: unknown) => void {
  let isUnserved = false
  return (error) => {
    if (!(error instanceof StatusError) || error.code !== 404) {
      isUnserved = false
      logger.warn({ err: error }, `${what} are watched again after a failure`)
      return
    }
    if (!isUnserved) logger.info({}, `${what} are not served: they will be watched when they are`)
    isUnserved = true
  }
}
