// A token bucket: `perSecond` on average, `burst` at once. Limits the requests of a client, as client-go's --kube-api-qps, and
// the retries of a work queue as a whole.
import { setTimeout as delay } from 'node:timers/promises'

export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  /** May be negative: tokens that were promised and are not there yet. */
  #tokens: number
  #atMs: number

  constructor(perSecond: number, burst: number, nowMs = performance.now()) {
    if (!(perSecond > 0) || !(burst >= 1)) throw new RangeError('a rate must be positive, and a burst at least 1')
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** Takes a token now or in advance. Returns how long to wait for it, in ms. */
  reserve(nowMs = performance.now()): number {
    this.#refill(nowMs)
    this.#tokens--
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs
  }

  /** False: there is none, and none was taken. */
  tryTake(nowMs = performance.now()): boolean {
    this.#refill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Resolves when a token is the caller's; rejects when the signal aborts first. */
  async take(signal?: AbortSignal): Promise<void> {
    const waitMs = this.reserve()
    if (waitMs > 0) await delay(waitMs, undefined, signal && { signal })
  }

  #refill(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, nowMs - this.#atMs) * this.#perMs)
    this.#atMs = Math.max(this.#atMs, nowMs)
  }
}
