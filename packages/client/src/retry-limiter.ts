// How long an item of a work queue waits before it is tried again: client-go's limiters.
import type { TokenBucket } from './rate-limiter.ts'

export interface RetryLimiter<Item> {
  /** In ms; each call counts as one more failure of the item. */
  when(item: Item): number
  /** The item succeeded, or is given up. */
  forget(item: Item): void
  failures(item: Item): number
}

/** Doubles from `firstMs` with every failure of the item, to `mostMs`. */
export function exponentialPerItem<Item>(firstMs: number, mostMs: number): RetryLimiter<Item> {
  const failures = new Map<Item, number>()
  return {
    when(item) {
      const before = failures.get(item) ?? 0
      failures.set(item, before + 1)
      return Math.min(mostMs, firstMs * 2 ** before)
    },
    forget: (item) => void failures.delete(item),
    failures: (item) => failures.get(item) ?? 0,
  }
}

/** Of one item's own wait and the wait that all retries share, the longer one. */
export function withOverallLimit<Item>(perItem: RetryLimiter<Item>, overall: TokenBucket): RetryLimiter<Item> {
  return {
    when: (item) => Math.max(perItem.when(item), overall.reserve()),
    forget: (item) => perItem.forget(item),
    failures: (item) => perItem.failures(item),
  }
}
