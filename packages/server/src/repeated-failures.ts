// Work that is repeated until it succeeds, in the log: told when it begins to fail, once a minute while it goes on failing,
// and when it is over. A store that is away for an hour is worth sixty lines, not an hour of stacks.
import { OutcomeUnknown, StorageUnavailable } from '@keelson/storage'
import type { ServerLogger } from './server-options.ts'

const REMIND_MS = 60_000
/** Of more kinds of work than this at a time, those beyond are told each time. */
const MAX_TROUBLES = 1_000

interface Trouble {
  readonly sinceMs: number
  toldMs: number
  /** Failures since it was last told. */
  untold: number
}

export class RepeatedFailures {
  readonly #logger: Pick<ServerLogger, 'info' | 'warn'>
  readonly #message: string
  readonly #now: () => number
  readonly #troubles = new Map<string, Trouble>()

  /** `message` says what happens after a failure: `the watch cache will try again`. */
  constructor(logger: Pick<ServerLogger, 'info' | 'warn'>, message: string, now = () => performance.now()) {
    this.#logger = logger
    this.#message = message
    this.#now = now
  }

  failed(doing: string, error: unknown): void {
    const nowMs = this.#now()
    const trouble = this.#troubles.get(doing)
    if (trouble !== undefined && nowMs - trouble.toldMs < REMIND_MS) {
      trouble.untold++
      return
    }
    this.#logger.warn({ doing, ...repeats(trouble), ...reasonOf(error) }, this.#message)
    if (trouble !== undefined) {
      trouble.toldMs = nowMs
      trouble.untold = 0
    } else if (this.#troubles.size < MAX_TROUBLES) {
      this.#troubles.set(doing, { sinceMs: nowMs, toldMs: nowMs, untold: 0 })
    }
  }

  /** Costs nothing when nothing had failed. */
  succeeded(doing: string): void {
    const trouble = this.#troubles.get(doing)
    if (trouble === undefined) return
    this.#troubles.delete(doing)
    const seconds = Math.round((this.#now() - trouble.sinceMs) / 1000)
    this.#logger.info({ doing, ...repeats(trouble), seconds }, 'it works again')
  }
}

const repeats = (trouble: Trouble | undefined): { readonly repeated?: number } =>
  trouble === undefined || trouble.untold === 0 ? {} : { repeated: trouble.untold }

/** A store that is away needs no stack: nothing of ours is wrong. */
function reasonOf(error: unknown): { readonly error: string } | { readonly err: unknown } {
  const isAway = error instanceof StorageUnavailable || error instanceof OutcomeUnknown
  return isAway ? { error: error.message } : { err: error }
}
