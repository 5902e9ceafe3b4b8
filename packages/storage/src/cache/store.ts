// One resource in the cache, as ingest feeds it: state and history change together here, and nowhere else.
//
//   empty ──install──► filled ──drop (other store)──► empty
//                       │  ▲
//                       └──┘ install again (lost events, checker mismatch): watches end, reads go on meanwhile
import { ownBytes } from './json-parts.ts'
import { type Revision, type StorageEvent, type StorageKey, toRevision } from '../storage.ts'
import { reasonOf } from './direct.ts'
import type { Filled } from './fill.ts'
import { History, type HistoryLimits } from './history.ts'
import { Past } from './past.ts'
import { ResourceState } from './state.ts'
import type { CacheEntry, CacheEvent, CachedResource, Cursor } from './types.ts'

/** What may arrive while a resource is being read whole; beyond it the reading starts again. */
const MAX_PENDING_EVENTS = 20_000
const MAX_PENDING_BYTES = 64 * 1024 * 1024

export interface StoreObserver {
  failed(error: unknown, doing: string): void
  /** Watches were ended. */
  wasReset(resource: CachedResource, why: string): void
  undecodable(resource: CachedResource, key: string, reason: string): void
}

/** An event, decoded and waiting for its revision to be announced. */
export interface StagedEvent {
  readonly owner: ResourceStore
  readonly key: StorageKey
  readonly revision: Revision
  /** Undefined for a delete, and when it could not be decoded. */
  readonly entry: CacheEntry | undefined
  readonly failure: string | undefined
}

export class ResourceStore {
  readonly resource: CachedResource
  readonly #observer: StoreObserver
  readonly #past = new Past()
  readonly #listeners = new Set<(from: Cursor, end: Cursor) => void>()
  readonly #resetListeners = new Set<() => void>()
  readonly historyLimits: HistoryLimits
  readonly #history: History
  #state: ResourceState
  #undecodable = new Map<string, string>()
  #filled = false
  #filledAt: Revision = toRevision(0)
  #whenInstalled: PromiseWithResolvers<void> = Promise.withResolvers()
  /** Events that arrive while a new state is being read. */
  #pending: StagedEvent[] | undefined
  #pendingBytes = 0
  #dispatched: Cursor

  constructor(resource: CachedResource, limits: HistoryLimits, observer: StoreObserver) {
    this.resource = resource
    this.#observer = observer
    this.#state = new ResourceState(resource)
    this.historyLimits = limits
    this.#history = new History(limits, toRevision(0))
    this.#dispatched = this.#history.end
  }

  // What readers look at

  get filled(): boolean {
    return this.#filled
  }

  /** The revision of the listing that filled it; 0 when it is not filled. */
  get filledAt(): Revision {
    return this.#filledAt
  }

  get whenInstalled(): Promise<void> {
    return this.#whenInstalled.promise
  }

  /** Another object after each install or drop. */
  get state(): ResourceState {
    return this.#state
  }

  get history(): History {
    return this.#history
  }

  /** Why, by key. */
  get undecodable(): ReadonlyMap<string, string> {
    return this.#undecodable
  }

  /** Everything as it was before the event at `cursor`, in key order. */
  snapshotAt(cursor: Cursor): Promise<readonly CacheEntry[]> {
    return this.#past.snapshot(this.#state, this.#history, cursor)
  }

  /** The present will be asked for again, as the past, page by page. */
  keepSnapshot(): void {
    this.#past.keep(this.#history.end, Promise.resolve(this.#state.snapshot()))
  }

  subscribe(listener: (from: Cursor, end: Cursor) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onReset(listener: () => void): () => void {
    this.#resetListeners.add(listener)
    return () => this.#resetListeners.delete(listener)
  }

  // What ingest does

  /** A new state is being read: from now on its events are kept for it. What it returns is handed to install(). */
  beginFill(): readonly StagedEvent[] {
    this.#pending = []
    this.#pendingBytes = 0
    return this.#pending
  }

  /** False when too much happened during the reading, or another one was begun: this one is worth nothing. */
  install(filled: Filled, pending: readonly StagedEvent[], nowMs: number): boolean {
    if (this.#pending !== pending) return false
    this.#pending = undefined
    const endsWatches = this.#filled
    this.#state = filled.state
    this.#undecodable = filled.undecodable
    for (const [key, reason] of filled.undecodable) this.#observer.undecodable(this.resource, key, reason)
    this.#filledAt = filled.revision
    this.#filled = true
    this.#forgetHistory(filled.revision)
    for (const event of pending) this.apply(event, nowMs)
    if (endsWatches) this.#endWatches('it was read again')
    this.#whenInstalled.resolve()
    return true
  }

  /** The store is another one: nothing of this is true any more. */
  drop(why: string): void {
    this.#pending = undefined
    if (this.#filled) this.#whenInstalled = Promise.withResolvers()
    this.#filled = false
    this.#filledAt = toRevision(0)
    this.#state = new ResourceState(this.resource)
    this.#undecodable = new Map()
    this.#forgetHistory(toRevision(0))
    this.#endWatches(why)
  }

  /** Decodes; nothing is seen of it before apply(). */
  stage(event: StorageEvent): StagedEvent {
    const { key, revision, value } = event
    if (value === undefined) return { owner: this, key, revision, entry: undefined, failure: undefined }
    try {
      return { owner: this, key, revision, entry: this.resource.decode(key, value, revision), failure: undefined }
    } catch (error) {
      return { owner: this, key, revision, entry: undefined, failure: reasonOf(error) }
    }
  }

  apply(staged: StagedEvent, nowMs: number): void {
    if (this.#pending !== undefined) this.#keepForFill(staged, this.#pending)
    if (!this.#filled || staged.revision <= this.#filledAt) return
    if (staged.failure !== undefined) {
      this.#undecodable.set(staged.key, staged.failure)
      this.#observer.undecodable(this.resource, staged.key, staged.failure)
      return
    }
    if (staged.entry === undefined) this.#applyDelete(staged, nowMs)
    else this.#applyPut(staged.entry, nowMs)
    if (this.#undecodable.size > 0 && this.#undecodable.delete(staged.key)) this.#repaired(staged.revision)
  }

  /** Older events, from before the cache started: see backfill.ts. */
  prependHistory(events: readonly CacheEvent[], revision: Revision, begunAt: Revision, nowMs: number): void {
    this.#history.prepend(events, revision, begunAt, nowMs)
  }

  /** Tells the subscribers what is new since the last time. */
  dispatch(): void {
    if (!this.#filled) return
    const from = this.#dispatched
    const end = this.#history.end
    this.#dispatched = end
    for (const listener of this.#listeners) {
      try {
        listener(from, end)
      } catch (error) {
        this.#observer.failed(error, `a subscriber of ${this.resource.name}`)
      }
    }
  }

  /** Drops what is too old, and the oldest beyond so many bytes. */
  evict(nowMs: number, maxBytes: number): void {
    this.#history.evictOld(nowMs)
    this.#history.evictTo(maxBytes)
    this.#past.evictBefore(this.#history.begin)
  }

  #applyPut(entry: CacheEntry, nowMs: number): void {
    const previous = this.#state.set(entry)
    const type = previous === undefined ? 'ADDED' : 'MODIFIED'
    this.#history.append({ type, revision: entry.revision, entry, previous }, nowMs)
  }

  #applyDelete({ key, revision }: StagedEvent, nowMs: number): void {
    const previous = this.#state.delete(key)
    if (previous === undefined) return
    const entry = this.resource.atRevision(previous, revision)
    this.#history.append({ type: 'DELETED', revision, entry, previous }, nowMs)
  }

  #keepForFill(staged: StagedEvent, pending: StagedEvent[]): void {
    pending.push(staged)
    this.#pendingBytes += staged.entry === undefined ? 0 : ownBytes(staged.entry)
    if (pending.length > MAX_PENDING_EVENTS || this.#pendingBytes > MAX_PENDING_BYTES) this.#pending = undefined
  }

  /** Watches missed what the unreadable object was meanwhile: they must list again. */
  #repaired(revision: Revision): void {
    this.#forgetHistory(revision)
    this.#endWatches('an object that could not be decoded is readable again')
  }

  #forgetHistory(revision: Revision): void {
    this.#history.reset(revision)
    this.#dispatched = this.#history.end
    this.#past.evictBefore(this.#history.begin)
  }

  #endWatches(why: string): void {
    this.#observer.wasReset(this.resource, why)
    for (const listener of this.#resetListeners) {
      try {
        listener()
      } catch (error) {
        this.#observer.failed(error, `a reset listener of ${this.resource.name}`)
      }
    }
  }
}
