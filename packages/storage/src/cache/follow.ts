// Takes in what the store's watch delivers.
//
// An event is staged (decoded, in slices) at once, and applied when its revision is announced; readers therefore see whole
// revisions only. Subscribers hear of it at the end of the loop turn, however many messages came in it.
import type { Revision, StorageEvent, WatchMessage } from '../storage.ts'
import type { Freshness } from './freshness.ts'
import type { Router } from './router.ts'
import type { StagedEvent } from './store.ts'
import { TimeSlice } from './time-slice.ts'

/** Events staged or applied between two looks at the clock. */
const CHECK_EVERY = 16

export class Follower {
  readonly #router: Router
  readonly #freshness: Freshness
  #staged: StagedEvent[] = []
  #dispatchScheduled = false
  /** Work since the loop last had its turn. */
  readonly #slice = new TimeSlice()

  constructor(router: Router, freshness: Freshness) {
    this.#router = router
    this.#freshness = freshness
  }

  /** Returns when the messages end; with the compaction's revision when events were compacted before they arrived. */
  async follow(messages: AsyncIterable<WatchMessage>, signal: AbortSignal): Promise<Revision | undefined> {
    this.#staged = []
    for await (const message of messages) {
      if (signal.aborted) return undefined
      if (message.type === 'compacted') return message.compactRevision
      // Nothing was announced since the loop had its turn: this is the first work of this turn.
      if (!this.#dispatchScheduled) this.#slice.restart()
      if (message.type === 'events') await this.#stage(message.events)
      await this.#applyUpTo(message.upTo)
    }
    return undefined
  }

  /** All resources are complete up to this revision. */
  announce(revision: Revision): void {
    this.#freshness.advance(revision)
    if (this.#dispatchScheduled) return
    this.#dispatchScheduled = true
    setImmediate(() => {
      this.#dispatchScheduled = false
      this.#slice.restart()
      for (const store of this.#router.values()) store.dispatch()
    })
  }

  async #stage(events: readonly StorageEvent[]): Promise<void> {
    for (let index = 0; index < events.length; index++) {
      if (index % CHECK_EVERY === CHECK_EVERY - 1 && this.#slice.used) await this.#slice.next()
      const event = events[index]
      if (event === undefined) continue
      const owner = this.#router.ownerOf(event.key)
      if (owner !== undefined) this.#staged.push(owner.stage(event))
    }
  }

  /** Whole revisions only: the loop gets its turn between two of them, never within one. */
  async #applyUpTo(upTo: Revision): Promise<void> {
    const staged = this.#staged
    const nowMs = performance.now()
    let index = 0
    let applied: Revision | undefined
    for (; index < staged.length; index++) {
      const event = staged[index]
      if (event === undefined || event.revision > upTo) break
      if (applied !== undefined && applied < event.revision && index % CHECK_EVERY === 0 && this.#slice.used) {
        this.announce(applied)
        await this.#slice.next()
      }
      event.owner.apply(event, nowMs)
      applied = event.revision
    }
    this.#staged = index === staged.length ? [] : staged.slice(index)
    this.announce(upTo)
  }
}
