// Waiting longer after each failure, with jitter, so that many clients do not come back at the same moment.

export interface BackoffOptions {
  readonly firstMs: number
  readonly mostMs: number
  /** Up to this share is added at random: 1 is up to twice as long. */
  readonly jitter: number
}

export class Backoff {
  readonly #options: BackoffOptions
  #nextMs: number

  constructor(options: BackoffOptions) {
    this.#options = options
    this.#nextMs = options.firstMs
  }

  /** The next wait in ms; the one after it is twice as long. */
  next(): number {
    const waitMs = this.#nextMs * (1 + Math.random() * this.#options.jitter)
    this.#nextMs = Math.min(this.#nextMs * 2, this.#options.mostMs)
    return waitMs
  }

  reset(): void {
    this.#nextMs = this.#options.firstMs
  }
}
