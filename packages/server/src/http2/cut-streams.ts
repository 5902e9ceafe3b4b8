// The streams that we cut a moment ago: frames of theirs may still be on their way, and are no fault.

const REMEMBERED = 256

export class CutStreams {
  readonly #ids = new Set<number>()

  add(id: number): void {
    this.#ids.add(id)
    if (this.#ids.size <= REMEMBERED) return
    const [oldest] = this.#ids
    if (oldest !== undefined) this.#ids.delete(oldest)
  }

  /** Its client has cut it, too: nothing is on its way any more. */
  forget(id: number): void {
    this.#ids.delete(id)
  }

  has(id: number): boolean {
    return this.#ids.has(id)
  }
}
