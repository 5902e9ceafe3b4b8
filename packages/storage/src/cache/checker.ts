// Compares the cache with the store in the background: keys and revisions only, page by page, at a revision that both have.
// What differs is read again; it should never be.
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Listing,
  type Revision,
  type Storage,
  type StorageKey,
  StorageUnavailable,
  toRevision,
} from '../storage.ts'
import { compareKeys } from './keys.ts'
import type { ResourceStore } from './store.ts'
import type { CacheEntry } from './types.ts'

const PAGE_SIZE = 1_000
/** Between two pages: 50,000 objects take 5 s, and cost the store next to nothing. */
const PAGE_PAUSE_MS = 100

export interface CheckerOptions {
  readonly storage: Storage
  readonly intervalMs: number
  readonly signal: AbortSignal
  readonly stores: () => Iterable<ResourceStore>
  /** The revision that all stores are complete up to. */
  readonly revision: () => Revision
  readonly owns: (store: ResourceStore, key: string) => boolean
  readonly mismatch: (store: ResourceStore, key: string) => void
  readonly failed: (error: unknown, doing: string) => void
}

/** Runs until the signal aborts: all resources, then a pause, and again. */
export async function checkForever(options: CheckerOptions): Promise<void> {
  const { signal } = options
  while (await pause(options.intervalMs, signal)) {
    for (const store of options.stores()) {
      if (signal.aborted) return
      try {
        const key = await firstDifference(store, options)
        if (key !== undefined) options.mismatch(store, key)
      } catch (error) {
        // A store that is away is told of elsewhere; the next round compares.
        if (signal.aborted || error instanceof StorageUnavailable) break
        options.failed(error, `comparing ${store.resource.name} with the store`)
      }
    }
  }
}

/** The first key in which the cache and the store differ; undefined when they are equal or cannot be compared now. */
async function firstDifference(store: ResourceStore, options: CheckerOptions): Promise<string | undefined> {
  const { state } = store
  const at = toRevision(Math.max(options.revision(), store.filledAt))
  if (!store.filled || store.undecodable.size > 0) return undefined
  const entries = state.snapshot()
  let next = 0
  let after: StorageKey | undefined
  for (;;) {
    const page = await options.storage.list(store.resource.prefix, {
      at,
      keysOnly: true,
      limit: PAGE_SIZE,
      ...(after !== undefined && { after }),
    })
    // It was filled anew or dropped meanwhile, or the store no longer knows that revision.
    if (store.state !== state || page.outcome === 'compacted') return undefined
    const compared = comparePage(page, entries, next, (key) => options.owns(store, key))
    if (typeof compared === 'string') return compared
    next = compared
    after = page.items.at(-1)?.key
    if (!page.more || after === undefined) return entries[next]?.key
    if (!(await pause(PAGE_PAUSE_MS, options.signal))) return undefined
  }
}

/** The key that differs, or the index of the entry that the next page must begin with. */
function comparePage(
  page: Listing,
  entries: readonly CacheEntry[],
  from: number,
  owns: (key: string) => boolean,
): string | number {
  let next = from
  for (const { key, modRevision } of page.items) {
    if (!owns(key)) continue
    const entry = entries[next]
    if (entry?.key === key && entry.revision === modRevision) next++
    else return entry !== undefined && compareKeys(entry.key, key) < 0 ? entry.key : key
  }
  return next
}

/** False when aborted. */
async function pause(timeMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(timeMs, undefined, { signal, ref: false })
    return true
  } catch {
    // The only way a delay fails is the abort.
    return false
  }
}
