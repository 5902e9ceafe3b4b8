// A work queue with client-go's promises: an item that is added many times before it is taken is taken once; an item is never
// with two workers at once; one that is added while it is being worked on comes again after `done`.
//
//   add ──► waiting for a worker ──take()──► in work ──done()──► gone, or waiting again if it was added meanwhile
//    ▲
//    └── addAfter, addRateLimited: when their time has come (the earliest counts)
import type { RetryLimiter } from './retry-limiter.ts'

export interface QueueObserver {
  added(depth: number): void
  /** `waitedMs` since it was added. */
  taken(depth: number, waitedMs: number): void
  done(workedMs: number): void
  retried(): void
}

export interface QueueOptions<Item> {
  readonly limiter: RetryLimiter<Item>
  readonly observer?: QueueObserver
}

export class WorkQueue<Item> {
  readonly #limiter: RetryLimiter<Item>
  readonly #observer: QueueObserver | undefined
  /** In the order in which they are taken; each with the time at which it was added. */
  readonly #ready = new Map<Item, number>()
  readonly #inWork = new Map<Item, number>()
  /** Added while in work. */
  readonly #again = new Set<Item>()
  readonly #delayed = new Map<Item, { readonly dueMs: number; readonly timer: NodeJS.Timeout }>()
  readonly #takers: ((item: Item | undefined) => void)[] = []
  #isShutDown = false

  constructor({ limiter, observer }: QueueOptions<Item>) {
    this.#limiter = limiter
    this.#observer = observer
  }

  /** Waiting for a worker now. */
  get depth(): number {
    return this.#ready.size
  }

  add(item: Item): void {
    if (this.#isShutDown || this.#ready.has(item) || this.#again.has(item)) return
    if (this.#inWork.has(item)) {
      this.#again.add(item)
      this.#observer?.added(this.#ready.size)
      return
    }
    this.#ready.set(item, performance.now())
    this.#observer?.added(this.#ready.size)
    const taker = this.#takers.shift()
    if (taker !== undefined) taker(this.#take())
  }

  /** When it is waiting already, the earlier time counts. */
  addAfter(item: Item, delayMs: number): void {
    if (this.#isShutDown) return
    if (delayMs <= 0) {
      this.add(item)
      return
    }
    const dueMs = performance.now() + delayMs
    const known = this.#delayed.get(item)
    if (known !== undefined) {
      if (known.dueMs <= dueMs) return
      clearTimeout(known.timer)
    }
    const timer = setTimeout(() => {
      this.#delayed.delete(item)
      this.add(item)
    }, delayMs)
    this.#delayed.set(item, { dueMs, timer })
  }

  /** After a failure. */
  addRateLimited(item: Item): void {
    this.#observer?.retried()
    this.addAfter(item, this.#limiter.when(item))
  }

  /** After a success: its next failure is its first. */
  forget(item: Item): void {
    this.#limiter.forget(item)
  }

  failures(item: Item): number {
    return this.#limiter.failures(item)
  }

  /** Undefined: the queue was shut down. Whoever took an item says `done`. */
  take(): Promise<Item | undefined> {
    if (this.#ready.size > 0) return Promise.resolve(this.#take())
    if (this.#isShutDown) return Promise.resolve(undefined)
    return new Promise((resolve) => this.#takers.push(resolve))
  }

  done(item: Item): void {
    const since = this.#inWork.get(item)
    if (since === undefined) return
    this.#inWork.delete(item)
    this.#observer?.done(performance.now() - since)
    if (this.#again.delete(item)) this.add(item)
  }

  /** Nothing is added any more; what waits is not worked on, as the process that owned it is over. */
  shutDown(): void {
    this.#isShutDown = true
    for (const { timer } of this.#delayed.values()) clearTimeout(timer)
    this.#delayed.clear()
    this.#ready.clear()
    this.#again.clear()
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }

  #take(): Item | undefined {
    for (const [item, addedMs] of this.#ready) {
      this.#ready.delete(item)
      const nowMs = performance.now()
      this.#inWork.set(item, nowMs)
      this.#observer?.taken(this.#ready.size, nowMs - addedMs)
      return item
    }
    return undefined
  }
}

/** Nothing more to do, or when to look again. */
export type Reconciled = void | { readonly againAfterMs: number }

export interface WorkerOptions<Item> {
  readonly workers: number
  /** One function of an item. Throws to be tried again later. */
  readonly reconcile: (item: Item, signal: AbortSignal) => Promise<Reconciled>
  readonly onError: (error: unknown, item: Item) => void
}

/** Until the signal aborts and the items in work are done. */
export async function workOff<Item>(
  queue: WorkQueue<Item>,
  { workers, reconcile, onError }: WorkerOptions<Item>,
  signal: AbortSignal,
): Promise<void> {
  const shutDown = (): void => queue.shutDown()
  if (signal.aborted) shutDown()
  signal.addEventListener('abort', shutDown, { once: true })
  const work = async (): Promise<void> => {
    for (let item = await queue.take(); item !== undefined; item = await queue.take()) {
      try {
        const result = await reconcile(item, signal)
        queue.forget(item)
        if (result !== undefined) queue.addAfter(item, result.againAfterMs)
      } catch (error) {
        if (!signal.aborted) onError(error, item)
        queue.addRateLimited(item)
      } finally {
        queue.done(item)
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
}
