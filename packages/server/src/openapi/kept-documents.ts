// Documents that are kept encoded for a while.

/** A client that reads documents reads several within a second, and then none for long. */
const KEPT_DOCUMENTS = 8

export class KeptDocuments {
  readonly #kept = new Map<string, Promise<Buffer>>()

  get(key: string, make: () => Promise<Buffer | undefined>): Promise<Buffer> {
    const known = this.#kept.get(key)
    if (known !== undefined) return known
    const made = make().then((document) => document ?? Buffer.alloc(0))
    this.#kept.set(key, made)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_DOCUMENTS) break
      this.#kept.delete(oldest)
    }
    // A failure must not be kept.
    made.catch(() => this.#kept.delete(key))
    return made
  }
}
