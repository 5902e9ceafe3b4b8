// One guarded transaction, sent until its outcome is known, or time is up.
//
// A transaction whose answer was lost may have been applied, or may still be. The same transaction is sent again, as a
// fence: its guard names the key's last revision, so at most one of the attempts changes the key.
//  - one attempt succeeded: done, at that attempt's revision;
//  - attempts failed their guard and none was lost: somebody else was faster;
//  - attempts failed their guard and others were lost: `lostAndFailed`, the history must tell (history.ts);
//  - all attempts were lost: `unknown`.
// An attempt that is only slow is not given up: its answer, when it comes, is worth more than any inference.
import { setTimeout as delay } from 'node:timers/promises'
import { asStorageFault, faultKind } from './faults.ts'
import { METHOD, type TxnResponse, decodeTxnResponse } from './messages.ts'
import { CALL_TIMEOUT_MS, type Pool } from './pool.ts'

export type TransactionOutcome =
  | { readonly outcome: 'succeeded'; readonly response: TxnResponse }
  | { readonly outcome: 'failed'; readonly response: TxnResponse }
  | { readonly outcome: 'lostAndFailed'; readonly response: TxnResponse }
  | { readonly outcome: 'unknown'; readonly cause: unknown }

/** How often a transaction without an answer is looked at. */
const CHECK_MS = 100
const MAX_ATTEMPTS_IN_FLIGHT = 4
/** How long, after one attempt failed its guard, the others are waited for: what made it fail was answered before it. */
const GRACE_MS = 1000
const RETRY_DELAY_MS = 30

type AttemptEnd =
  | { readonly kind: 'answered'; readonly response: TxnResponse }
  | { readonly kind: 'faulted'; readonly error: unknown }

/** Throws what etcd refused (EtcdError), or StorageUnavailable: in both cases it was surely not applied. */
export async function transact(pool: Pool, message: Buffer): Promise<TransactionOutcome> {
  const deadline = performance.now() + CALL_TIMEOUT_MS
  const attempts = new Attempts(pool, message, deadline)
  let failed: TxnResponse | undefined
  let refused: unknown
  let lost: unknown
  let fault: unknown
  let waitMs = CHECK_MS
  for (;;) {
    const isOpen = failed === undefined && refused === undefined && performance.now() < deadline
    if (!isOpen && attempts.inFlight === 0) break
    if (isOpen && attempts.isOverdue) {
      const unreachable = await attempts.launch()
      fault = unreachable ?? fault
      if (unreachable !== undefined && lost === undefined && attempts.inFlight === 0) throw asStorageFault(unreachable)
    }
    const end = await attempts.nextEnd(waitMs)
    if (end === undefined && failed !== undefined) return { outcome: 'lostAndFailed', response: failed }
    if (end === undefined) continue
    if (end.kind === 'answered') {
      if (end.response.succeeded) return { outcome: 'succeeded', response: end.response }
      failed = end.response
      waitMs = GRACE_MS
      continue
    }
    fault = end.error
    const kind = faultKind(fault)
    if (kind === 'refused') refused = fault
    else if (kind === 'inDoubt') lost = fault
  }
  if (failed !== undefined) return { outcome: lost === undefined ? 'failed' : 'lostAndFailed', response: failed }
  if (lost !== undefined) return { outcome: 'unknown', cause: lost }
  throw refused ?? asStorageFault(fault)
}

/** The attempts of one transaction, and their ends in the order they came. Each ends by the deadline, one way or the other. */
class Attempts {
  readonly #pool: Pool
  readonly #message: Buffer
  readonly #deadline: number
  readonly #ends: AttemptEnd[] = []
  #wake: (() => void) | undefined
  #launched = 0
  #lastSentMs = 0
  #ended = 0

  constructor(pool: Pool, message: Buffer, deadline: number) {
    this.#pool = pool
    this.#message = message
    this.#deadline = deadline
  }

  /** Sent, and its end not yet told by nextEnd(). */
  get inFlight(): number {
    return this.#launched - this.#ended
  }

  /** None is in flight, or the last one should have been answered. */
  get isOverdue(): boolean {
    if (this.inFlight === 0) return true
    const { writeProgress } = this.#pool
    return this.inFlight < MAX_ATTEMPTS_IN_FLIGHT && writeProgress.isOverdue(this.#lastSentMs, performance.now())
  }

  /** Starts one attempt; returns the fault when no member could be reached to start it on. */
  async launch(): Promise<unknown> {
    if (this.#launched > 0) await delay(RETRY_DELAY_MS)
    try {
      const connection = this.#pool.open() ?? (await this.#pool.acquire(this.#deadline))
      this.#launched++
      const sentMs = performance.now()
      this.#lastSentMs = sentMs
      connection
        .unary(METHOD.txn, this.#message, Math.max(1, this.#deadline - sentMs))
        .then(decodeTxnResponse)
        .then(
          (response) => {
            this.#pool.writeProgress.answered(sentMs, performance.now())
            this.#end({ kind: 'answered', response })
          },
          (error: unknown) => {
            this.#pool.avoid(connection)
            this.#end({ kind: 'faulted', error })
          },
        )
      return undefined
    } catch (error) {
      return error
    }
  }

  /** The next attempt's end; undefined when none came within `timeoutMs`. */
  async nextEnd(timeoutMs: number): Promise<AttemptEnd | undefined> {
    if (this.#ends.length === 0 && this.inFlight > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    const end = this.#ends.shift()
    if (end !== undefined) this.#ended++
    return end
  }

  #end(end: AttemptEnd): void {
    this.#ends.push(end)
    this.#wake?.()
  }
}
