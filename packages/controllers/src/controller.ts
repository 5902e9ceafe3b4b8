// What a controller is, and what it is given.
import type { KubeClient, QueueObserver } from '@keelson/client'

export interface Controller {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** The part of a pino logger that controllers use. */
export interface ControllerLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface ControllerContext {
  readonly client: KubeClient
  readonly logger: ControllerLogger
  /** Items worked on at a time. */
  readonly workers: number
  /** Counts what goes through a queue of this name. */
  readonly observeQueue?: (name: string) => QueueObserver
}
