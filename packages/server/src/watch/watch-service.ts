// All watches of a server: by resource, with their bookmarks, their timeouts, and their end when the server stops.
import type { ResourceCache } from '@keelson/storage'
import { ResourceWatches } from './resource-watches.ts'
import { RunQueue } from './run-queue.ts'
import type { Watcher } from './watcher.ts'

const BOOKMARK_SWEEP_MS = 1_000
/** Resources without watches are looked for as often; they then cost the cache nothing. */
const IDLE_SWEEPS = 60

export class WatchService {
  readonly #resources = new Map<ResourceCache, ResourceWatches>()
  readonly #queue = new RunQueue()
  readonly #sweep: NodeJS.Timeout
  readonly #delivered: (seconds: number) => void
  #sweeps = 0

  constructor(delivered: (seconds: number) => void = () => {}) {
    this.#delivered = delivered
    this.#sweep = setInterval(() => this.#sendBookmarks(), BOOKMARK_SWEEP_MS)
    this.#sweep.unref()
  }

  of(cache: ResourceCache): ResourceWatches {
    let watches = this.#resources.get(cache)
    if (watches === undefined) {
      watches = new ResourceWatches(cache, this.#queue, this.#delivered)
      this.#resources.set(cache, watches)
    }
    return watches
  }

  get size(): number {
    let sum = 0
    for (const watches of this.#resources.values()) sum += watches.size
    return sum
  }

  /** Ends every watch, paced over `spreadMs`: first a bookmark for those that may have one, so that they resume right there. */
  async endAll(spreadMs: number): Promise<void> {
    const end = performance.now() + spreadMs
    let left = this.size
    for (const watches of this.#resources.values()) {
      for (const watcher of watches.watchers()) {
        endWithBookmark(watches, watcher)
        left--
        const share = Math.max(end - performance.now(), 0) / Math.max(left, 1)
        if (share >= 1) await new Promise((resolve) => setTimeout(resolve, share))
        else if (left % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  close(): void {
    clearInterval(this.#sweep)
    for (const watches of this.#resources.values()) watches.close()
  }

  #sendBookmarks(): void {
    const now = performance.now()
    const forget = ++this.#sweeps % IDLE_SWEEPS === 0
    for (const [cache, watches] of this.#resources) {
      watches.sendBookmarks(now)
      if (forget && watches.size === 0) {
        watches.close()
        this.#resources.delete(cache)
      }
    }
  }
}

export function endWithBookmark(watches: ResourceWatches, watcher: Watcher): void {
  watcher.end(watches.bookmarkFor(watcher))
}
