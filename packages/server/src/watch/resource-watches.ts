// All watches of one resource: which groups an event concerns, and its way to them.
//
// In each loop turn that brings events:
//   1. an event is offered to the groups that could want it: those of everything, of its namespace, of its name, of its
//      indexed fields (before and after the change); groups of other scopes are not looked at;
//   2. each group that took something builds one chunk;
//   3. the chunk is written once to each live watcher of the group.
// Steps 1 to 3 stop after a few milliseconds and go on in the next turn; `cursor` is how far they have come, and all live
// watchers stand there. Nobody becomes live while a delivery is under way.
import type { CacheEntry, CacheEvent, Cursor, ResourceCache, Revision } from '@keelson/storage'
import type { RepresentedResource } from '../representation/table.ts'
import type { EventFilter, SeenType } from './event-filter.ts'
import type { EventEncoder } from './event-lines.ts'
import { historyExpired } from './expired.ts'
import { type Delivery, WatchGroup } from './group.ts'
import { GroupIndex } from './group-index.ts'
import type { RunQueue } from './run-queue.ts'
import type { Watcher } from './watcher.ts'

const SLICE_MS = 4
/** Chunks in the making are delivered when they have this many bytes together, and then the next are begun. */
const ROUND_BYTES = 1024 * 1024
/** Bookmarks come about every minute, groups not all at once. */
const BOOKMARK_INTERVAL_MS = 60_000

export class ResourceWatches {
  readonly cache: ResourceCache
  readonly queue: RunQueue
  /** All live watchers have had all events before this one. */
  cursor: Cursor
  /** What bookmarks may say: the store's revision that `cursor` stands for. */
  #revision: Revision
  readonly #groups = new Map<string, WatchGroup>()
  readonly #index: GroupIndex
  readonly #watchers = new Set<Watcher>()
  /** Watchers that are up to date with the cache but ahead of `cursor`, or that came while a delivery was under way. */
  #joining: Watcher[] = []
  #touched: WatchGroup[] = []
  #deliveries: Delivery[] = []
  #continuing = false
  /** When the events now under way came; 0: none are. */
  #arrivedAt = 0
  readonly #delivered: (seconds: number) => void
  readonly #stopListening: (() => void)[]

  /** `delivered` hears how long the events of a turn took from the cache to the last socket. */
  constructor(cache: ResourceCache, queue: RunQueue, delivered: (seconds: number) => void) {
    this.#delivered = delivered
    this.cache = cache
    this.queue = queue
    this.cursor = cache.end
    this.#revision = cache.revision
    this.#index = new GroupIndex(cache.resource.indexedFields)
    this.#stopListening = [
      cache.subscribe((from, end) => {
        if (from < end && this.#arrivedAt === 0) this.#arrivedAt = performance.now()
        if (!this.#continuing) this.#run()
      }),
      cache.onReset(() => this.#expireAll()),
    ]
  }

  get size(): number {
    return this.#watchers.size
  }

  /** The group for these, made when there is none. A member must be added to it in the same turn. */
  group(resource: RepresentedResource, filter: EventFilter, events: EventEncoder): WatchGroup {
    const key = `${resource.definition.version}\n${events.representation.key}\n${filter.key}`
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = new WatchGroup(key, filter, events)
      group.nextBookmarkAt = performance.now() + BOOKMARK_INTERVAL_MS * (0.75 + Math.random() / 4)
      this.#groups.set(key, group)
      this.#index.add(group)
    }
    return group
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher)
    watcher.group.members++
    watcher.schedule()
  }

  /** A watcher that has had all up to its cursor: live from now on, or as soon as the groups are where it is. */
  join(watcher: Watcher): void {
    if (watcher.state === 'closed') return
    if (watcher.cursor === this.cursor && !this.#delivering) {
      watcher.state = 'live'
      watcher.group.live.add(watcher)
    } else this.#joining.push(watcher)
  }

  /** A live watcher that parks. */
  left(watcher: Watcher): void {
    watcher.group.live.delete(watcher)
  }

  remove(watcher: Watcher): void {
    if (watcher.state === 'closed') return
    watcher.state = 'closed'
    this.#watchers.delete(watcher)
    const { group } = watcher
    group.live.delete(watcher)
    if (--group.members > 0) return
    this.#groups.delete(group.key)
    this.#index.remove(group)
  }

  /** Stops listening to the cache; the caller drops this object when it has no watchers. */
  close(): void {
    for (const stop of this.#stopListening) stop()
  }

  watchers(): IterableIterator<Watcher> {
    return this.#watchers.values()
  }

  /** The bookmark that a watcher may have now; undefined while it is not up to date. */
  bookmarkFor(watcher: Watcher): Buffer | undefined {
    if (!watcher.allowBookmarks || watcher.state !== 'live' || this.#delivering) return undefined
    return watcher.group.events.bookmark(this.#revision, watcher.needsColumns, false)
  }

  /** Sends the bookmarks that are due. */
  sendBookmarks(now: number): void {
    if (this.#delivering) return
    for (const group of this.#groups.values()) {
      if (group.nextBookmarkAt > now) continue
      group.nextBookmarkAt = now + BOOKMARK_INTERVAL_MS
      for (const watcher of group.live) {
        const bookmark = this.bookmarkFor(watcher)
        if (bookmark === undefined || watcher.overBudget()) continue
        watcher.needsColumns = false
        watcher.stream.write(bookmark)
      }
    }
  }

  get #delivering(): boolean {
    return this.#deliveries.length > 0 || this.#touched.length > 0
  }

  readonly #run = (): void => {
    this.#continuing = false
    const end = performance.now() + SLICE_MS
    while (this.#deliver(end)) {
      if (this.cursor >= this.cache.end) {
        this.#revision = this.cache.revision
        this.#noteDelivery()
        this.#letJoin()
        return
      }
      if (!this.#offerEvents(end)) return this.#expireAll()
    }
    this.#continuing = true
    setImmediate(this.#run)
  }

  /** True when no delivery is left. */
  #deliver(end: number): boolean {
    let delivery = this.#deliveries[0]
    while (delivery !== undefined) {
      if (!delivery.deliverUntil(end)) return false
      this.#deliveries.shift()
      delivery = this.#deliveries[0]
    }
    return true
  }

  /** False when history no longer has the next event. */
  #offerEvents(end: number): boolean {
    const from = this.cursor
    const to = this.cache.end
    let bytes = 0
    let cursor = from
    while (cursor < to) {
      const event = this.cache.eventAt(cursor)
      if (event === undefined) return false
      cursor++
      for (const group of this.#index.candidates(event)) {
        const before = group.pendingBytes
        if (group.offer(this.cache, event)) this.#touched.push(group)
        bytes += group.pendingBytes - before
      }
      if (bytes > ROUND_BYTES || performance.now() >= end) break
    }
    for (const group of this.#touched) this.#deliveries.push(group.takeDelivery(from))
    this.#touched = []
    this.cursor = cursor
    return true
  }

  #noteDelivery(): void {
    if (this.#arrivedAt === 0) return
    if (this.#watchers.size > 0) this.#delivered((performance.now() - this.#arrivedAt) / 1000)
    this.#arrivedAt = 0
  }

  #letJoin(): void {
    if (this.#joining.length === 0) return
    const joining = this.#joining
    this.#joining = []
    for (const watcher of joining) {
      if (watcher.cursor < this.cursor) watcher.schedule()
      else this.join(watcher)
    }
  }

  #expireAll(): void {
    this.#deliveries = []
    this.#touched = []
    this.#joining = []
    this.cursor = this.cache.end
    this.#revision = this.cache.revision
    const { status } = historyExpired(this.cache)
    for (const watcher of this.#watchers) watcher.end(watcher.group.events.error(status))
  }
}

/** The object that an event shows: for one that a selector lost, how it last matched, at the revision that ended it. */
export function shownEntry(cache: ResourceCache, event: CacheEvent, type: SeenType): CacheEntry {
  if (type !== 'DELETED' || event.type === 'DELETED' || event.previous === undefined) return event.entry
  return cache.resource.atRevision(event.previous, event.revision)
}
