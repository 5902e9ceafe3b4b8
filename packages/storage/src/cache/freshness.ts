// How far the cache is, who waits for it to get further, and how far it must be for a linearizable read.
import { type Revision, type Storage, StorageUnavailable, toRevision } from '../storage.ts'

/** No answer of the store in this time counts as its loss. */
const STORE_DEADLINE_MS = 3_000
/** While someone waits for a revision that no event brought, the store is asked for its progress this often. */
const PROGRESS_INTERVAL_MS = 100

interface Waiter {
  readonly revision: Revision
  readonly settle: (reached: boolean) => void
}

export class Freshness {
  readonly #storage: Storage
  readonly #onStoreWentBack: () => void
  #revision: Revision = toRevision(0)
  #waiters: Waiter[] = []
  #asking: Promise<Revision> | undefined
  #nextAsking: Promise<Revision> | undefined
  #progressTimer: NodeJS.Timeout | undefined
  #progressAskedAtMs = Number.NEGATIVE_INFINITY
  #closed = false

  /** `onStoreWentBack`: the store named a revision older than one that the cache had already seen. */
  constructor(storage: Storage, onStoreWentBack: () => void) {
    this.#storage = storage
    this.#onStoreWentBack = onStoreWentBack
  }

  /** The store revision up to which all resources are complete; 0 before the first fill. */
  get revision(): Revision {
    return this.#revision
  }

  advance(revision: Revision): void {
    if (revision <= this.#revision) return
    this.#revision = revision
    if (this.#waiters.length === 0) return
    const reached = this.#waiters.filter((waiter) => waiter.revision <= revision)
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision)
    for (const waiter of reached) waiter.settle(true)
  }

  /** The store is another one: its revisions begin anew. */
  reset(): void {
    this.#revision = toRevision(0)
  }

  /** Resolves true when the cache is at `revision`, false after the time, an abort or the end of the cache. */
  waitFor(revision: Revision, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (revision <= this.#revision) return Promise.resolve(true)
    if (this.#closed || signal?.aborted === true) return Promise.resolve(false)
    return new Promise((resolve) => {
      const giveUp = (): void => waiter.settle(false)
      const timer = setTimeout(giveUp, timeoutMs)
      const waiter: Waiter = {
        revision,
        settle: (reached) => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', giveUp)
          if (!reached) this.#waiters = this.#waiters.filter((other) => other !== waiter)
          resolve(reached)
        },
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiters.push(waiter)
      this.#askForProgress()
    })
  }

  /**
   * A revision that is not older than any write finished before this call. At most one question is on its way; who comes
   * meanwhile shares the next one, because the answer under way may be older than their call.
   */
  consistentRevision(): Promise<Revision> {
    if (this.#asking === undefined) return this.#ask()
    // The deadline is the waiters': they shall not wait for two answers that do not come.
    this.#nextAsking ??= withDeadline(
      this.#asking.then(
        () => this.#ask(),
        () => this.#ask(),
      ),
      STORE_DEADLINE_MS,
    )
    return this.#nextAsking
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#progressTimer)
    for (const waiter of this.#waiters) waiter.settle(false)
  }

  #ask(): Promise<Revision> {
    const seen = this.#revision
    const asking = withDeadline(this.#storage.currentRevision(), STORE_DEADLINE_MS).then(
      (revision) => {
        this.#asking = undefined
        if (revision >= seen) return revision
        this.#onStoreWentBack()
        // What the cache had seen before the question is a bound by itself.
        return seen
      },
      (error: unknown) => {
        this.#asking = undefined
        throw error
      },
    )
    this.#asking = asking
    this.#nextAsking = undefined
    return asking
  }

  /** An event usually brings the revision within a millisecond; a revision that touched none of our keys must be asked for. */
  #askForProgress(): void {
    if (this.#progressTimer !== undefined || this.#waiters.length === 0 || this.#closed) return
    const nowMs = performance.now()
    const waitMs = this.#progressAskedAtMs + PROGRESS_INTERVAL_MS - nowMs
    if (waitMs <= 0) {
      this.#progressAskedAtMs = nowMs
      this.#storage.requestProgress()
    }
    this.#progressTimer = setTimeout(
      () => {
        this.#progressTimer = undefined
        this.#askForProgress()
      },
      waitMs <= 0 ? PROGRESS_INTERVAL_MS : waitMs,
    )
  }
}

/** Rejects with StorageUnavailable when the store has not answered in time. */
export function withDeadline<Value>(answer: Promise<Value>, timeoutMs: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new StorageUnavailable(`the store did not answer within ${Math.round(timeoutMs)} ms`)),
      timeoutMs,
    )
    answer.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
