// A TCP proxy that breaks connections the way networks do. It knows nothing of what flows through it.
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  readonly endpoint: string
  /** Breaks all connections now; new ones are taken. */
  cut(): void
  /** Each connection made from now on is broken after this many bytes towards the client. Infinity: never. */
  cutAfter(bytes: number): void
  /** New connections are closed at once. */
  refuse(isRefusing: boolean): void
  /** Nothing flows in either direction, while connections stay open. */
  stall(isStalled: boolean): void
  /** How many connections were made so far. */
  readonly connections: number
}

/** In front of 127.0.0.1:`targetPort`, on a free port. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let budget = Infinity
  let isRefusing = false
  let isStalled = false
  let connections = 0
  const server = createServer((client) => {
    if (isRefusing) {
      client.destroy()
      return
    }
    connections++
    const pair = new Pair(client, connect(targetPort, '127.0.0.1'), budget, () => pairs.delete(pair))
    pairs.add(pair)
    if (isStalled) pair.stall(true)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const cut = (): void => {
    for (const pair of pairs) pair.break()
  }
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    cut,
    cutAfter: (bytes) => {
      budget = bytes
    },
    refuse: (value) => {
      isRefusing = value
    },
    stall: (value) => {
      isStalled = value
      for (const pair of pairs) pair.stall(value)
    },
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One client and its connection to the target. */
class Pair {
  readonly #client: Socket
  readonly #target: Socket
  readonly #onEnd: () => void
  #bytesLeft: number

  constructor(client: Socket, target: Socket, bytesLeft: number, onEnd: () => void) {
    this.#client = client
    this.#target = target
    this.#bytesLeft = bytesLeft
    this.#onEnd = onEnd
    for (const socket of [client, target]) {
      // A reset on one side ends the other: that is all a proxy can tell.
      socket.on('error', () => this.break())
      socket.on('close', () => this.break())
    }
    client.pipe(target)
    target.on('data', (chunk: Buffer) => this.#toClient(chunk))
    client.on('drain', () => target.resume())
  }

  break(): void {
    this.#client.destroy()
    this.#target.destroy()
    this.#onEnd()
  }

  stall(isStalled: boolean): void {
    if (isStalled) {
      this.#client.unpipe(this.#target)
      this.#client.pause()
      this.#target.pause()
    } else {
      this.#client.pipe(this.#target)
      this.#target.resume()
    }
  }

  #toClient(chunk: Buffer): void {
    const part = chunk.subarray(0, this.#bytesLeft)
    this.#bytesLeft -= part.length
    if (!this.#client.write(part)) this.#target.pause()
    if (this.#bytesLeft <= 0) this.break()
  }
}
