// Work that may wait: watchers that catch up take turns here, a slice of a few milliseconds for all of them in each turn of
// the loop. A thousand reconnecting watchers thus delay nobody.

export interface Runnable {
  /** Does a little; true: there is more to do at once. */
  step(): boolean
}

const SLICE_MS = 3

export class RunQueue {
  #queue: Runnable[] = []
  #head = 0
  #scheduled = false

  /** The caller sees to it that a runnable is not queued twice. */
  add(runnable: Runnable): void {
    this.#queue.push(runnable)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    const end = performance.now() + SLICE_MS
    while (this.#head < this.#queue.length) {
      const runnable = this.#queue[this.#head++]
      if (runnable?.step() === true) this.#queue.push(runnable)
      if (performance.now() >= end) break
    }
    if (this.#head < this.#queue.length) {
      // What was done is dropped now and then, not each time: a shift moves the whole array.
      if (this.#head > 1024) {
        this.#queue = this.#queue.slice(this.#head)
        this.#head = 0
      }
      setImmediate(this.#run)
      return
    }
    this.#queue = []
    this.#head = 0
    this.#scheduled = false
  }
}
