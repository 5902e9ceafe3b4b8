// The reads of one resource: how fresh they must be, and where the answer comes from.
//
//   fresh enough, now      ─► the state
//   fresh enough, the past ─► the state with later events undone ─(older than history)─► the store
//   too late               ─► a revision was asked for: tooLarge; else the store
import { type Revision, type Storage, toRevision } from '../storage.ts'
import { getDirectly, listDirectly } from './direct.ts'
import { type Freshness as CacheFreshness, withDeadline } from './freshness.ts'
import { namespaceEnd, namespaceStart, objectKey } from './keys.ts'
import { candidates, pageOf } from './page.ts'
import { MAX_UNDONE_EVENTS } from './past.ts'
import { lowerBound } from './sorted-entries.ts'
import type { ResourceStore } from './store.ts'
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

/** How long a read waits for the cache before it is too late. */
const CATCH_UP_MS = 3_000
/** Within this a read that needs the store or the first fill is answered or fails. */
const READ_DEADLINE_MS = 4_000
/** Of it, what is left for the store when the cache was waited for in vain. */
const LAST_CHANCE_MS = 1_000

/** What the reads of a resource need of the cache it is in. */
export interface ReadSurroundings {
  readonly storage: Storage
  readonly freshness: CacheFreshness
  /** Resolves when the backfill at start is through or no longer waited for. */
  readonly backfilled: () => Promise<void>
  /** Resolves when it is through, or given up. */
  readonly backfillEnded: () => Promise<void>
  /** True when no resource with a longer prefix has the key. */
  readonly owns: (resource: CachedResource, key: string) => boolean
}

export class ResourceReads implements ResourceCache {
  readonly resource: CachedResource
  readonly #store: ResourceStore
  readonly #around: ReadSurroundings

  constructor(store: ResourceStore, around: ReadSurroundings) {
    this.resource = store.resource
    this.#store = store
    this.#around = around
  }

  get ready(): boolean {
    return this.#store.filled && this.#store.undecodable.size === 0
  }

  get notReadyReason(): string | undefined {
    if (!this.#store.filled) return 'not yet read from the store'
    for (const [key, reason] of this.#store.undecodable) return `${key} cannot be decoded: ${reason}`
    return undefined
  }

  get size(): number {
    return this.#store.state.size
  }

  get revision(): Revision {
    if (!this.#store.filled) return toRevision(0)
    const { revision } = this.#around.freshness
    return revision > this.#store.filledAt ? revision : this.#store.filledAt
  }

  async whenFilled(signal?: AbortSignal): Promise<void> {
    await this.#whenInstalled(performance.now() + READ_DEADLINE_MS, signal)
    await untilAborted(this.#around.backfilled(), signal)
  }

  async whenBackfilled(signal?: AbortSignal): Promise<void> {
    await untilAborted(this.#around.backfillEnded(), signal)
  }

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
      entry = this.#store.state.get(key)
    } else if (freshness.kind === 'consistent') {
      entry = await withDeadline(getDirectly(this.#around.storage, this.resource, key), remaining(deadlineMs))
    } else {
      return { outcome: 'tooLarge', current: this.revision }
    }
    return entry === undefined ? { outcome: 'missing', revision: this.revision } : { outcome: 'found', entry }
  }

  peek(namespace: string, name: string): CacheEntry | undefined {
    return this.#store.state.get(objectKey(this.resource.prefix, namespace, name))
  }

  async list(options: CacheListOptions, signal?: AbortSignal): Promise<CacheListing | Gone | TooLarge> {
    const deadlineMs = performance.now() + READ_DEADLINE_MS
    const { freshness } = options
    if (await this.#reach(freshness, deadlineMs, signal)) {
      return freshness.kind === 'exact' ? this.#listAt(freshness.revision, options, deadlineMs) : this.#listNow(options)
    }
    if (freshness.kind === 'consistent') return this.#listStore(options, undefined, deadlineMs)
    return { outcome: 'tooLarge', current: this.revision }
  }

  snapshot(namespace?: string): readonly CacheEntry[] {
    return this.#store.state.snapshot(namespace)
  }

  byOwner(uid: string): readonly CacheEntry[] {
    return this.#store.state.byOwner(uid)
  }

  get begin(): Cursor {
    return this.#store.history.begin
  }

  get end(): Cursor {
    return this.#store.history.end
  }

  seek(revision: Revision): { outcome: 'found'; cursor: Cursor } | Gone {
    if (!this.#store.filled) return { outcome: 'gone', oldest: this.#around.freshness.revision }
    return this.#store.history.seek(revision)
  }

  eventAt(cursor: Cursor): CacheEvent | undefined {
    return this.#store.history.at(cursor)
  }

  subscribe(listener: (from: Cursor, end: Cursor) => void): () => void {
    return this.#store.subscribe(listener)
  }

  onReset(listener: () => void): () => void {
    return this.#store.onReset(listener)
  }

  #listNow(options: CacheListOptions): Promise<CacheListing> {
    this.#refuseUndecodable(this.#scopeOf(options))
    const { state } = this.#store
    const pointed = candidates(state, options)
    if (pointed !== undefined) return pageOf(pointed, this.revision, options)
    const snapshot = state.snapshot(options.namespace)
    // Further pages will be asked for at this revision: they shall find the snapshot again.
    if (options.limit !== undefined && options.limit > 0 && snapshot.length > options.limit) this.#store.keepSnapshot()
    return pageOf(snapshot, this.revision, options)
  }

  async #listAt(revision: Revision, options: CacheListOptions, deadlineMs: number): Promise<CacheListing | Gone> {
    const { history } = this.#store
    const position = history.seek(revision)
    if (position.outcome === 'gone' || history.end - position.cursor > MAX_UNDONE_EVENTS) {
      return this.#listStore(options, revision, deadlineMs)
    }
    this.#refuseUndecodable(this.#scopeOf(options))
    const snapshot = await this.#store.snapshotAt(position.cursor)
    return pageOf(ofNamespace(snapshot, this.resource.prefix, options.namespace), revision, options)
  }

  #listStore(options: CacheListOptions, at: Revision | undefined, deadlineMs: number): Promise<CacheListing | Gone> {
    const owns = (key: string): boolean => this.#around.owns(this.resource, key)
    const answer = listDirectly(this.#around.storage, this.resource, owns, options, at)
    return withDeadline(answer, remaining(deadlineMs))
  }

  #scopeOf(options: CacheListOptions): string {
    const namespace = options.namespace ?? ''
    return namespace === '' ? this.resource.prefix : namespaceStart(this.resource.prefix, namespace)
  }

  /** `scope`: a key, or the beginning of keys. */
  #refuseUndecodable(scope: string): void {
    if (this.#store.undecodable.size === 0) return
    for (const [key, reason] of this.#store.undecodable) {
      if (key === scope || (scope.endsWith('/') && key.startsWith(scope))) {
        throw new UndecodableObject(this.resource.name, key, reason)
      }
    }
  }

  /** False: not there in time. */
  async #reach(freshness: Freshness, deadlineMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (freshness.kind === 'any') {
      if (!this.#store.filled) await this.#whenInstalled(deadlineMs, signal)
      return true
    }
    const gate = this.#around.freshness
    const wanted = freshness.kind === 'consistent' ? await gate.consistentRevision() : freshness.revision
    signal?.throwIfAborted()
    if (this.#store.filled && this.revision >= wanted) return true
    const waitMs = Math.min(CATCH_UP_MS, Math.max(0, deadlineMs - performance.now() - LAST_CHANCE_MS))
    const reached = await gate.waitFor(wanted, waitMs, signal)
    signal?.throwIfAborted()
    // A resource that joined later than the others is filled at or beyond what they have reached.
    if (reached && !this.#store.filled) await this.#whenInstalled(deadlineMs, signal)
    return this.#store.filled && this.revision >= wanted
  }

  async #whenInstalled(deadlineMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#store.filled) return
    await untilAborted(withDeadline(this.#store.whenInstalled, remaining(deadlineMs)), signal)
  }
}

function remaining(deadlineMs: number): number {
  return Math.max(LAST_CHANCE_MS, deadlineMs - performance.now())
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
