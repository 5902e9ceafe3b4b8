// A thousand clients that reconnect at once (a replica died) must not stop the loop for a thousand handshakes: each costs
// about a millisecond of cryptography, and Node does all that are due in one turn. So connections are accepted at once, but
// only a few begin their handshake in each turn of the loop; the others wait unread, and watches go on between them.
import type { Socket } from 'node:net'

/** In one turn of the loop: some 6 ms. */
const HANDSHAKES_PER_TURN = 8
/** Connections that wait for longer than a client's patience are of no use to anyone. */
const MAX_WAITING = 16_384

export class HandshakeQueue {
  readonly #begin: (socket: Socket) => void
  #waiting: Socket[] = []
  #begunThisTurn = 0

  /** `begin` must not throw. */
  constructor(begin: (socket: Socket) => void) {
    this.#begin = begin
  }

  /** The socket must be paused since it was accepted. */
  add(socket: Socket): void {
    if (this.#begunThisTurn < HANDSHAKES_PER_TURN) this.#beginOne(socket)
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(socket)
    else socket.destroy()
  }

  close(): void {
    for (const socket of this.#waiting) socket.destroy()
    this.#waiting = []
  }

  #beginOne(socket: Socket): void {
    if (this.#begunThisTurn++ === 0) setImmediate(this.#nextTurn)
    this.#begin(socket)
  }

  readonly #nextTurn = (): void => {
    this.#begunThisTurn = 0
    for (const socket of this.#waiting.splice(0, HANDSHAKES_PER_TURN)) this.#beginOne(socket)
  }
}
