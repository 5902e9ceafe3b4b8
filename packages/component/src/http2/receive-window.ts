// What a peer may still send on a whole connection: given back half a window at a time, when bodies were dealt with.
import { ConnectionError, ErrorCode } from './frames.ts'

export class ReceiveWindow {
  readonly #bytes: number
  readonly #update: (bytes: number) => void
  #left: number
  #unacknowledged = 0

  /** `update` tells the peer that it may send so many more. */
  constructor(bytes: number, update: (bytes: number) => void) {
    this.#bytes = bytes
    this.#left = bytes
    this.#update = update
  }

  /** @throws {ConnectionError} FLOW_CONTROL_ERROR */
  received(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0) throw new ConnectionError(ErrorCode.flowControlError, 'more than the window')
  }

  consumed(bytes: number): void {
    this.#unacknowledged += bytes
    if (this.#unacknowledged < this.#bytes / 2) return
    this.#update(this.#unacknowledged)
    this.#left += this.#unacknowledged
    this.#unacknowledged = 0
  }
}
