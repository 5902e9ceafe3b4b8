// What the watch cache promises the server. One WatchCache is one Store: one watch, one revision, many resources.
//
// The cache knows bytes and revisions only. How a stored value becomes an entry is told by the resource's decoder.
import type { FieldSelector, KubeObject, LabelSelector } from '@keelson/apimachinery'
import type { Revision, StorageKey } from '../storage.ts'
import type { JsonParts, JsonSpan } from './json-parts.ts'

/** One version of one object. Immutable and shared: state, history and all watchers hold the same entry. */
export interface CacheEntry {
  readonly key: StorageKey
  /** '' for a cluster-scoped object. */
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly revision: Revision
  /**
   * The object's JSON with `metadata.resourceVersion` spliced in. Begins `{"kind":"K","apiVersion":"V",`; no newline at the end.
   * An entry that has `parts` joins them anew at each look.
   */
  readonly json: Buffer
  /** The same bytes, when some of them are kept once for many objects. */
  readonly parts?: JsonParts | undefined
  /** Where the rest after kind and apiVersion begins: a list item is `{` + json.subarray(itemOffset). */
  readonly itemOffset: number
  readonly labels: Readonly<Record<string, string>> | undefined
  /** Selectable fields besides metadata.name and metadata.namespace, for example `spec.nodeName`; undefined when the kind has none. */
  readonly fields: Readonly<Record<string, string>> | undefined
  /** Uids of metadata.ownerReferences. */
  readonly ownerUids: readonly string[] | undefined
  /** Other encodings made on demand (Table row, PartialObjectMetadata, …) by name; dropped with the entry. */
  representations: Map<string, Buffer> | undefined
}

/** One change, as history keeps it and watches see it. */
export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly revision: Revision
  /** The new state; for DELETED the last state, its json carrying the revision of the deletion. */
  readonly entry: CacheEntry
  /** The state before (undefined for ADDED): decides whether a selector's watcher saw the object. */
  readonly previous: CacheEntry | undefined
}

/** How one resource's values are read. `decode` throws for a value it cannot read: the resource is then marked not ready. */
export interface CachedResource {
  /** `pods`, `deployments.apps`: for metrics, logs and readiness. */
  readonly name: string
  /** `/registry/pods/`: ends with a slash. */
  readonly prefix: string
  readonly namespaced: boolean
  decode(key: StorageKey, value: Buffer, revision: Revision): CacheEntry
  /**
   * This process is about to write `value`, the encoding of `object`: what decode needs to know of it need not be parsed, nor
   * `spans`, the parts that other objects may have too, be looked for.
   */
  expect?(key: StorageKey, value: Buffer, object: KubeObject, spans: readonly JsonSpan[]): void
  /** The deleted object's entry: the same object at the revision of its deletion. */
  atRevision(entry: CacheEntry, revision: Revision): CacheEntry
  /** Selectable fields to be indexed, such as `spec.nodeName`. */
  readonly indexedFields: readonly string[]
  /** So many events at least stay in its history, whatever their age; the cache's own number when left out. */
  readonly minHistoryEvents?: number
}

/** How fresh a read must be. */
export type Freshness =
  | { readonly kind: 'any' } // resourceVersion=0: what is here now
  | { readonly kind: 'atLeast'; readonly revision: Revision }
  | { readonly kind: 'exact'; readonly revision: Revision }
  | { readonly kind: 'consistent' } // no resourceVersion: linearizable

export interface CacheListOptions {
  readonly freshness: Freshness
  /** '' or undefined: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: LabelSelector
  readonly fieldSelector?: FieldSelector
  /** 0 or undefined: no limit. */
  readonly limit?: number
  /** Keys strictly after this one (from a continue token). */
  readonly after?: StorageKey
}

export type CacheListing = {
  readonly outcome: 'listed'
  readonly revision: Revision
  /** In key order. The array is a snapshot: it never changes while an answer is being sent. */
  readonly entries: readonly CacheEntry[]
  /** The last key of this page when there is more. */
  readonly continueAfter: StorageKey | undefined
  /** Keys left after this page; undefined when a selector makes it unknown. */
  readonly remaining: number | undefined
}
export type Gone = { readonly outcome: 'gone'; readonly oldest: Revision }
export type TooLarge = { readonly outcome: 'tooLarge'; readonly current: Revision }

/** A stored value that cannot be read: 500 for whoever asks for it or lists over it. */
export class UndecodableObject extends Error {
  override readonly name = 'UndecodableObject'
  readonly resource: string
  readonly key: string

  constructor(resource: string, key: string, reason: string, options?: { cause?: unknown }) {
    super(`${key} cannot be decoded: ${reason}`, options)
    this.resource = resource
    this.key = key
  }
}

/** A place in a resource's history: a sequence number that grows by one per event of that resource. */
export type Cursor = number

export interface ResourceCache {
  readonly resource: CachedResource
  /** False until first filled, and while a value cannot be decoded. */
  readonly ready: boolean
  /** Why it is not ready, with the key, for readyz and logs. */
  readonly notReadyReason: string | undefined
  readonly size: number
  /** The store revision up to which this state is complete. */
  readonly revision: Revision

  /** Resolves when first filled and its history goes back as far as a start waits for; StorageUnavailable after 5 s, or the abort's reason. */
  whenFilled(signal?: AbortSignal): Promise<void>
  /** Resolves when no older history will come any more (30 s after the first fill at the latest), or with the abort's reason. */
  whenBackfilled(signal?: AbortSignal): Promise<void>
  /**
   * Waits for `freshness` (bounded by `signal`), then reads from memory. `tooLarge` after 3 s. Faults: StorageUnavailable
   * within 5 s, UndecodableObject when the object (for a list: one in its scope) cannot be decoded.
   */
  get(
    namespace: string,
    name: string,
    freshness: Freshness,
    signal?: AbortSignal,
  ): Promise<
    | { readonly outcome: 'found'; readonly entry: CacheEntry }
    | { readonly outcome: 'missing'; readonly revision: Revision }
    | TooLarge
  >
  /** What is in memory now, without waiting: for admission, allocators and strategies. */
  peek(namespace: string, name: string): CacheEntry | undefined
  list(options: CacheListOptions, signal?: AbortSignal): Promise<CacheListing | Gone | TooLarge>
  /** Entries of memory now, in key order, optionally of one namespace. */
  snapshot(namespace?: string): readonly CacheEntry[]
  /** Entries whose owner references name this uid (of memory now). */
  byOwner(uid: string): readonly CacheEntry[]

  // History, for server/watch.
  /**
   * The cursor of the first event after `revision`; gone when events after it were evicted (or the resource is not filled:
   * see whenFilled). A revision ahead of the cache gives `end`: wait for it first, or older events will follow.
   */
  seek(revision: Revision): { readonly outcome: 'found'; readonly cursor: Cursor } | Gone
  /** One past the newest event. */
  readonly end: Cursor
  /** The event at a cursor; undefined when it was evicted (answer 410) or is not there yet (cursor >= end). */
  eventAt(cursor: Cursor): CacheEvent | undefined
  /** The oldest cursor still in history. */
  readonly begin: Cursor
  /** Called once a loop turn in which the resource got events [from, end), or its revision moved (from === end). Returns the unsubscribe. */
  subscribe(listener: (from: Cursor, end: Cursor) => void): () => void
  /** Called when the state was dropped and rebuilt (other store, decoding error repaired, checker mismatch): watches end with 410. */
  onReset(listener: () => void): () => void
}

export interface WatchCache {
  /** Resources by `name` as given in CachedResource. */
  get(name: string): ResourceCache | undefined
  /** Joins a resource at run time: list at R, history from R. */
  add(resource: CachedResource): ResourceCache
  /** Watches of it end as by a reset. */
  remove(name: string): void
  /** All of them, in the order of joining. */
  resources(): IterableIterator<ResourceCache>
  /** All resources given at start are filled, and their histories reach as far back as they will. */
  readonly ready: boolean
  /** Resolves when `ready`; rejects when `signal` aborts. */
  whenReady(signal?: AbortSignal): Promise<void>
  /** The store revision the cache is complete up to. */
  readonly revision: Revision
  /** Linearizable revision of the store; at most one call in flight, waiters share the next one. */
  consistentRevision(): Promise<Revision>
  /** Resolves true when the cache reaches `revision`, false after `timeoutMs` or abort. */
  waitFor(revision: Revision, timeoutMs: number, signal?: AbortSignal): Promise<boolean>
  [Symbol.asyncDispose](): Promise<void>
}
