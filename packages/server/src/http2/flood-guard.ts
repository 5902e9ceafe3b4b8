// Bounds what a client may make a server do for nothing: so much at once, so much a second after that. Whoever goes on past it
// is cut.
import { ConnectionError, ErrorCode } from '@keelson/component/http2'

export class FloodGuard {
  readonly #what: string
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #at = performance.now()

  constructor(what: string, burst: number, perSecond: number) {
    this.#what = what
    this.#burst = burst
    this.#perSecond = perSecond
    this.#left = burst
  }

  /** @throws {ConnectionError} ENHANCE_YOUR_CALM */
  count(): void {
    const now = performance.now()
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    if (this.#left < 1) throw new ConnectionError(ErrorCode.enhanceYourCalm, `too many ${this.#what}`)
    this.#left--
  }
}
