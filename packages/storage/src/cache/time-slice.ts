// Long work in slices, so that no task of ours holds the loop for more than about 5 ms (DESIGN §8).
import { setImmediate as nextTurn } from 'node:timers/promises'

const SLICE_MS = 4
/** What follows a slice that was used so far begins in a turn of its own: it has a slice, too. */
const SHARED_MS = 1

export class TimeSlice {
  #startMs = performance.now()

  /** True when the loop should get its turn: `if (slice.used) await slice.next()`. Costs about 40 ns. */
  get used(): boolean {
    return performance.now() - this.#startMs > SLICE_MS
  }

  /** After the last item: gives the loop its turn when the last slice is used in good part. */
  async end(): Promise<void> {
    if (performance.now() - this.#startMs > SHARED_MS) await nextTurn()
  }

  async next(): Promise<void> {
    await nextTurn()
    this.#startMs = performance.now()
  }

  /** The loop had its turn by other means (an awaited read). */
  restart(): void {
    this.#startMs = performance.now()
  }
}
