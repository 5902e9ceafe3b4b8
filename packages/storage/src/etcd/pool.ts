// The connections to all members of one etcd: kept open, made again when they break, and one of them preferred.
import { setTimeout as delay } from 'node:timers/promises'
import { StorageUnavailable } from '../storage.ts'
import { Connection } from './connection.ts'
import { ConnectionLost, asStorageFault, faultKind } from './faults.ts'
import type { TlsFiles } from './http2/socket.ts'
import { WriteProgress } from './write-progress.ts'

export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface PoolOptions {
  readonly endpoints: readonly string[]
  readonly tls: TlsFiles | undefined
  readonly logger: Logger | undefined
}

/** A call, with its retries, ends within this time: what it is a part of shall end within 5 s, on a busy machine too. */
export const CALL_TIMEOUT_MS = 3500
/** How long a call waits for any connection when there is none. */
const NO_CONNECTION_TIMEOUT_MS = 1000
/** One member gets this long to answer a small read before the next is asked; each further one twice as long. */
const READ_ATTEMPT_TIMEOUT_MS = 500
/** The same for a big read: a page of a list. */
export const PAGE_ATTEMPT_TIMEOUT_MS = 2000
const FIRST_RECONNECT_DELAY_MS = 50
const MAX_RECONNECT_DELAY_MS = 1000
const RETRY_DELAY_MS = 30

export class Pool {
  readonly writeProgress = new WriteProgress()
  readonly #options: PoolOptions
  readonly #members: Member[]
  #preferred: number
  /** Their members are going away; what was begun there may end. */
  readonly #draining = new Set<Connection>()
  /** Resolvers of those who wait for a connection. */
  readonly #waiting = new Set<() => void>()
  #closed = false

  constructor(options: PoolOptions) {
    if (options.endpoints.length === 0) throw new RangeError('an etcd endpoint is needed')
    this.#options = options
    // Replicas spread over the members by chance.
    this.#preferred = Math.floor(Math.random() * options.endpoints.length)
    this.#members = options.endpoints.map((endpoint) => ({
      endpoint,
      connection: undefined,
      timer: undefined,
      failures: 0,
      lastError: '',
    }))
    for (const member of this.#members) this.#connect(member)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** A connection that is open now: the preferred one, else the next. */
  open(): Connection | undefined {
    for (let offset = 0; offset < this.#members.length; offset++) {
      const index = (this.#preferred + offset) % this.#members.length
      const connection = this.#members[index]?.connection
      if (connection?.state !== 'open') continue
      this.#preferred = index
      return connection
    }
    return undefined
  }

  /** Waits for an open connection. Throws StorageUnavailable after a second, at `deadline`, or when the pool closes. */
  async acquire(callDeadline = Infinity): Promise<Connection> {
    const deadline = Math.min(callDeadline, performance.now() + NO_CONNECTION_TIMEOUT_MS)
    for (;;) {
      if (this.#closed) throw new StorageUnavailable('the storage is closed')
      const connection = this.open()
      if (connection !== undefined) return connection
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) throw new StorageUnavailable(`no etcd member can be reached: ${this.#reasons()}`)
      await this.#change(leftMs)
    }
  }

  /** This connection did badly: others go to the next member. */
  avoid(connection: Connection): void {
    if (this.#members[this.#preferred]?.connection === connection)
      this.#preferred = (this.#preferred + 1) % this.#members.length
  }

  /**
   * A request that changes nothing, or the same thing when it is repeated: asks one member after another.
   * Throws EtcdError when etcd refuses it, StorageUnavailable when no answer came in time.
   */
  async read(method: string, message: Buffer, attemptTimeoutMs = READ_ATTEMPT_TIMEOUT_MS): Promise<Buffer> {
    const deadline = performance.now() + CALL_TIMEOUT_MS
    let patienceMs = attemptTimeoutMs
    for (;;) {
      const connection = this.open() ?? (await this.acquire(deadline))
      const leftMs = deadline - performance.now()
      const attemptMs = this.#members.length > 1 ? Math.min(patienceMs, leftMs) : leftMs
      patienceMs *= 2
      try {
        return await connection.unary(method, message, Math.max(1, attemptMs))
      } catch (error) {
        if (faultKind(error) === 'refused') throw error
        if (this.#closed || performance.now() + RETRY_DELAY_MS >= deadline) throw asStorageFault(error)
        this.avoid(connection)
        // A connection that broke is left at once; one that stands might refuse again, as quickly as it is asked.
        if (!(error instanceof ConnectionLost) || connection.state === 'open') await delay(RETRY_DELAY_MS)
      }
    }
  }

  close(): void {
    this.#closed = true
    for (const member of this.#members) {
      clearTimeout(member.timer)
      member.connection?.destroy()
    }
    for (const connection of this.#draining) connection.destroy()
    this.#wake()
  }

  #connect(member: Member): void {
    const several = this.#members.length > 1
    try {
      const connection: Connection = new Connection({
        endpoint: member.endpoint,
        tls: this.#options.tls,
        // With nowhere else to go, patience costs less than a lost connection.
        connectTimeoutMs: several ? 1000 : 3000,
        probeTimeoutMs: several ? 500 : 2000,
        onOpen: () => {
          if (member.failures > 0) this.#options.logger?.info({ endpoint: member.endpoint }, 'etcd member is reachable')
          member.failures = 0
          this.#wake()
        },
        onDrain: (reason) => {
          this.#draining.add(connection)
          this.#reconnect(member, reason)
        },
        onClose: (error) => {
          if (!this.#draining.delete(connection)) this.#reconnect(member, error)
        },
      })
      member.connection = connection
    } catch (error) {
      // A certificate file that cannot be read, for now.
      this.#reconnect(member, error instanceof Error ? error : new Error(String(error)))
    }
  }

  #reconnect(member: Member, error: Error): void {
    if (this.#closed) return
    member.lastError = error.message
    if (member.failures === 0)
      this.#options.logger?.warn({ endpoint: member.endpoint, error: error.message }, 'etcd member is lost')
    const delayMs = Math.min(MAX_RECONNECT_DELAY_MS, FIRST_RECONNECT_DELAY_MS * 2 ** Math.min(member.failures, 10))
    member.failures++
    member.timer = setTimeout(() => this.#connect(member), delayMs * (0.5 + Math.random() / 2))
  }

  #reasons(): string {
    return this.#members.map((member) => `${member.endpoint}: ${member.lastError || 'connecting'}`).join('; ')
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, timeoutMs)
      this.#waiting.add(done)
    })
  }
}

interface Member {
  readonly endpoint: string
  connection: Connection | undefined
  timer: NodeJS.Timeout | undefined
  /** Connections that were lost or not made since the last one that opened. */
  failures: number
  lastError: string
}
