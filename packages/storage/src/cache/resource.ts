// One resource in the cache: reads are answered here, ingest's events arrive here, watches get their history here.
//
//   empty ──install──► filled ──drop (other store)──► empty
//                       │  ▲
//                       └──┘ install again (lost events, checker mismatch): watches end, reads go on meanwhile
import { type Revision, type Storage, type StorageEvent, type StorageKey, toRevision } from '../storage.ts'
import { getDirectly, listDirectly, reasonOf } from './direct.ts'
import type { Filled } from './fill.ts'
import { type Freshness as CacheFreshness, withDeadline } from './freshness.ts'
import { History, type HistoryLimits } from './history.ts'
import { namespaceEnd, namespaceStart, objectKey } from './keys.ts'
import { MAX_UNDONE_EVENTS, Past } from './past.ts'
import { candidates, pageOf } from './page.ts'
import { lowerBound } from './sorted-entries.ts'
import { ResourceState } from './state.ts'
import {
  type CacheEntry,
  type CacheEvent,
  type CacheListOptions,
  type CacheListing,
  type CachedResource,
  type Cursor,
  type Freshness,
  type Gone,
  type ResourceCache,
  type TooLarge,
  UndecodableObject,
} from './types.ts'

/** How long a read waits for the cache before it is too large (a revision was asked for) or goes to the store (none was). */
const CATCH_UP_MS = 3_000
/** Within this a read that needs the store or the first fill is answered or fails. */
const READ_DEADLINE_MS = 5_000
/** What may arrive while a resource is being read whole; beyond it the reading starts again. */
const MAX_PENDING_EVENTS = 100_000
const MAX_PENDING_BYTES = 64 * 1024 * 1024

/** What a resource needs of the cache it is in. */
export interface ResourceSurroundings {
  readonly storage: Storage
  readonly freshness: CacheFreshness
  readonly history: HistoryLimits
  /** Resolves when the backfill at start is through or given up. */
  backfilled(): Promise<void>
  /** True when no resource with a longer prefix has the key. */
  owns(resource: CachedResource, key: string): boolean
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

export class ResourceStore implements ResourceCache {
  readonly resource: CachedResource
  readonly #around: ResourceSurroundings
  readonly #past = new Past()
  readonly #listeners = new Set<(from: Cursor, end: Cursor) => void>()
  readonly #resetListeners = new Set<() => void>()
  #state: ResourceState
  #history: History
  #undecodable = new Map<string, string>()
  #filled = false
  #filledAt: Revision = toRevision(0)
  #whenInstalled: PromiseWithResolvers<void> = Promise.withResolvers()
  /** Events that arrive while a new state is being read. */
  #pending: StagedEvent[] | undefined
  #pendingBytes = 0
  #dispatched: Cursor

  constructor(resource: CachedResource, around: ResourceSurroundings) {
    this.resource = resource
    this.#around = around
    this.#state = new ResourceState(resource)
    this.#history = new History(around.history, toRevision(0))
    this.#dispatched = this.#history.end
  }

  get filled(): boolean {
    return this.#filled
  }

  get ready(): boolean {
    return this.#filled && this.#undecodable.size === 0
  }

  get notReadyReason(): string | undefined {
    if (!this.#filled) return 'not yet read from the store'
    for (const [key, reason] of this.#undecodable) return `${key} cannot be decoded: ${reason}`
    return undefined
  }

  get size(): number {
    return this.#state.size
  }

  get revision(): Revision {
    if (!this.#filled) return toRevision(0)
    const { revision } = this.#around.freshness
    return revision > this.#filledAt ? revision : this.#filledAt
  }

  /** Bytes that only history holds. */
  get historyBytes(): number {
    return this.#history.bytes
  }

  async whenFilled(signal?: AbortSignal): Promise<void> {
    await this.#whenFirstFilled(READ_DEADLINE_MS, signal)
    await this.#around.backfilled()
    signal?.throwIfAborted()
  }

  // Reads

  async get(
    namespace: string,
    name: string,
    freshness: Freshness,
    signal?: AbortSignal,
  ): Promise<{ outcome: 'found'; entry: CacheEntry } | { outcome: 'missing'; revision: Revision } | TooLarge> {
    const deadlineMs = performance.now() + READ_DEADLINE_MS
    const key = objectKey(this.resource.prefix, namespace, name)
    let entry: CacheEntry | undefined
    if (await this.#reach(freshness, deadlineMs, signal)) {
      this.#refuseUndecodable(key)
      entry = this.#state.get(key)
    } else if (freshness.kind === 'consistent') {
      entry = await withDeadline(getDirectly(this.#around.storage, this.resource, key), remaining(deadlineMs))
    } else {
      return { outcome: 'tooLarge', current: this.revision }
    }
    return entry === undefined ? { outcome: 'missing', revision: this.revision } : { outcome: 'found', entry }
  }

  peek(namespace: string, name: string): CacheEntry | undefined {
    return this.#state.get(objectKey(this.resource.prefix, namespace, name))
  }

  async list(options: CacheListOptions, signal?: AbortSignal): Promise<CacheListing | Gone | TooLarge> {
    const deadlineMs = performance.now() + READ_DEADLINE_MS
    const { freshness } = options
    if (!(await this.#reach(freshness, deadlineMs, signal))) {
      return freshness.kind === 'consistent'
        ? withDeadline(this.#listStore(options, undefined), remaining(deadlineMs))
        : { outcome: 'tooLarge', current: this.revision }
    }
    if (freshness.kind === 'exact') return this.#listAt(freshness.revision, options)
    return this.#listNow(options)
  }

  snapshot(namespace?: string): readonly CacheEntry[] {
    return this.#state.snapshot(namespace)
  }

  byOwner(uid: string): readonly CacheEntry[] {
    return this.#state.byOwner(uid)
  }

  #listNow(options: CacheListOptions): Promise<CacheListing> {
    this.#refuseUndecodable(this.#scopeOf(options))
    const { revision } = this
    const pointed = candidates(this.#state, options)
    if (pointed !== undefined) return pageOf(pointed, revision, options)
    const snapshot = this.#state.snapshot(options.namespace)
    // Further pages will be asked for at this revision: they shall find the snapshot again.
    if (options.limit !== undefined && options.limit > 0 && snapshot.length > options.limit) {
      this.#past.keep(this.#history.end, this.#state.snapshot())
    }
    return pageOf(snapshot, revision, options)
  }

  async #listAt(revision: Revision, options: CacheListOptions): Promise<CacheListing | Gone> {
    const position = this.#history.seek(revision)
    if (position.outcome === 'gone' || this.#history.end - position.cursor > MAX_UNDONE_EVENTS) {
      return withDeadline(this.#listStore(options, revision), READ_DEADLINE_MS)
    }
    this.#refuseUndecodable(this.#scopeOf(options))
    const snapshot = this.#past.snapshot(this.#state, this.#history, position.cursor)
    return pageOf(ofNamespace(snapshot, this.resource.prefix, options.namespace), revision, options)
  }

  #listStore(options: CacheListOptions, at: Revision | undefined): Promise<CacheListing | Gone> {
    const owns = (key: string): boolean => this.#around.owns(this.resource, key)
    return listDirectly(this.#around.storage, this.resource, owns, options, at)
  }

  #scopeOf(options: CacheListOptions): string {
    const namespace = options.namespace ?? ''
    return namespace === '' ? this.resource.prefix : namespaceStart(this.resource.prefix, namespace)
  }

  /** `scope`: a key, or the beginning of keys. */
  #refuseUndecodable(scope: string): void {
    if (this.#undecodable.size === 0) return
    for (const [key, reason] of this.#undecodable) {
      if (key === scope || (scope.endsWith('/') && key.startsWith(scope))) {
        throw new UndecodableObject(this.resource.name, key, reason)
      }
    }
  }

  /** False: not there in time. */
  async #reach(freshness: Freshness, deadlineMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (freshness.kind === 'any') {
      if (!this.#filled) await this.#whenFirstFilled(remaining(deadlineMs), signal)
      return true
    }
    const wanted =
      freshness.kind === 'consistent' ? await this.#around.freshness.consistentRevision() : freshness.revision
    signal?.throwIfAborted()
    if (this.#filled && this.revision >= wanted) return true
    const reached = await this.#around.freshness.waitFor(wanted, Math.min(CATCH_UP_MS, remaining(deadlineMs)), signal)
    signal?.throwIfAborted()
    if (reached && !this.#filled) {
      // It joined later than the others: its own reading is at or beyond what they have reached, once it is through.
      await this.#whenFirstFilled(remaining(deadlineMs), signal)
    }
    return this.#filled && this.revision >= wanted
  }

  async #whenFirstFilled(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#filled) return
    await untilAborted(withDeadline(this.#whenInstalled.promise, timeoutMs), signal)
  }

  // History

  get begin(): Cursor {
    return this.#history.begin
  }

  get end(): Cursor {
    return this.#history.end
  }

  seek(revision: Revision): { outcome: 'found'; cursor: Cursor } | Gone {
    if (!this.#filled) return { outcome: 'gone', oldest: this.#around.freshness.revision }
    return this.#history.seek(revision)
  }

  eventAt(cursor: Cursor): CacheEvent | undefined {
    return this.#history.at(cursor)
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
    if (this.#filled) this.#endWatches('it was read again')
    this.#state = filled.state
    this.#undecodable = filled.undecodable
    for (const [key, reason] of filled.undecodable) this.#around.undecodable(this.resource, key, reason)
    this.#filledAt = filled.revision
    this.#forgetHistory(filled.revision)
    this.#filled = true
    for (const event of pending) this.apply(event, nowMs)
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
      this.#around.undecodable(this.resource, staged.key, staged.failure)
      return
    }
    const { entry } = staged
    if (entry === undefined) this.#applyDelete(staged, nowMs)
    else this.#applyPut(entry, nowMs)
    if (this.#undecodable.size > 0 && this.#undecodable.delete(staged.key)) this.#repaired(staged.revision)
  }

  entryOf(key: string): CacheEntry | undefined {
    return this.#state.get(key)
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
        this.#around.failed(error, `a subscriber of ${this.resource.name}`)
      }
    }
  }

  evictOld(nowMs: number): void {
    this.#history.evictOld(nowMs)
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
    this.#pendingBytes += staged.entry?.json.length ?? 0
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
    this.#around.wasReset(this.resource, why)
    for (const listener of this.#resetListeners) {
      try {
        listener()
      } catch (error) {
        this.#around.failed(error, `a reset listener of ${this.resource.name}`)
      }
    }
  }
}

function remaining(deadlineMs: number): number {
  return Math.max(500, deadlineMs - performance.now())
}

function ofNamespace(
  entries: readonly CacheEntry[],
  prefix: string,
  namespace: string | undefined,
): readonly CacheEntry[] {
  if (namespace === undefined || namespace === '') return entries
  const start = lowerBound(entries, namespaceStart(prefix, namespace), prefix.length)
  return entries.slice(start, lowerBound(entries, namespaceEnd(prefix, namespace), prefix.length))
}

/** Rejects with the abort's reason as soon as the signal aborts. */
async function untilAborted<Value>(answer: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return answer
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([answer, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
