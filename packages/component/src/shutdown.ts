// An orderly end: named steps, run one after the other in the order they were added, each with a time limit.
//
//   signal ─▶ step 1 ─▶ step 2 ─▶ … ─▶ exit 0      (a step that fails or is late is reported, and the next one runs)
//          └─ a second signal ─▶ exit 1 at once
import type { Logger } from './logging.ts'

export interface ShutdownStep {
  readonly name: string
  readonly timeoutMs?: number
  /** `signal` aborts when the step's time is over. */
  run(signal: AbortSignal): void | Promise<void>
}

const STEP_TIMEOUT_MS = 30_000

export class Shutdown {
  readonly #steps: ShutdownStep[] = []
  readonly #logger: Logger | undefined
  readonly #started = new AbortController()
  #running: Promise<boolean> | undefined

  constructor(logger?: Logger) {
    this.#logger = logger
  }

  /** Aborts when the shutdown begins. */
  get signal(): AbortSignal {
    return this.#started.signal
  }

  add(step: ShutdownStep): void {
    this.#steps.push(step)
  }

  /** Runs the steps once, however often it is called. True when all went well. */
  run(reason: string): Promise<boolean> {
    this.#running ??= this.#runSteps(reason)
    return this.#running
  }

  async #runSteps(reason: string): Promise<boolean> {
    this.#logger?.info({ reason }, 'shutting down')
    this.#started.abort(new Error(reason))
    let clean = true
    for (const step of this.#steps) {
      try {
        await runStep(step)
      } catch (error) {
        clean = false
        this.#logger?.error({ step: step.name, err: error }, 'shutdown step failed')
      }
    }
    return clean
  }

  /** SIGTERM and SIGINT begin the shutdown, and the process ends after it; a second one ends it at once. */
  listen(exit: (code: number) => void = process.exit): Disposable {
    const onSignal = (name: NodeJS.Signals): void => {
      if (this.#running !== undefined) {
        exit(1)
        return
      }
      void this.run(name).then((clean) => exit(clean ? 0 : 1))
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
    return {
      [Symbol.dispose]: () => {
        process.off('SIGTERM', onSignal)
        process.off('SIGINT', onSignal)
      },
    }
  }
}

async function runStep(step: ShutdownStep): Promise<void> {
  const { name, timeoutMs = STEP_TIMEOUT_MS } = step
  const late = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new Error(`${name} took longer than ${timeoutMs} ms`)
    late.abort(error)
    reject(error)
  }, timeoutMs)
  try {
    await Promise.race([step.run(late.signal), promise])
  } finally {
    clearTimeout(timer)
  }
}
