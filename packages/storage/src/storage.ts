// The storage contract: what etcd/ and sqlite/ implement, what cache/ reads, and what testing/contract.ts proves.
//
// Promises, each tested by the suite on every implementation:
//  - writes and currentRevision() are linearizable;
//  - a watch delivers every event exactly once, in order, across reconnects;
//  - a revision is announced (Events.upTo, Progress) only when all of its events are delivered: fragments of one
//    message and all the keys of one expired lease included;
//  - update renews the lease it is given (a put without one detaches it);
//  - a value is at most MAX_VALUE_BYTES;
//  - outcomes are values (discriminated unions); an exception is a fault: StorageUnavailable (surely not applied)
//    or OutcomeUnknown (may have been applied, or may still be).

/** A store-wide, ever-growing number: etcd's revision. Always a safe integer. */
export type Revision = number & { readonly __revision: unique symbol }
/** A full key, such as `/registry/pods/default/a`. */
export type StorageKey = string & { readonly __storageKey: unique symbol }

export const toRevision = (value: number): Revision => value as Revision // The one place where a number becomes a Revision.
export const toStorageKey = (value: string): StorageKey => value as StorageKey // The one place where a string becomes a StorageKey.

export const MAX_VALUE_BYTES = 1_500_000

export interface StoredObject {
  readonly key: StorageKey
  /** A view of the message or page it came in: who keeps it copies it. */
  readonly value: Buffer
  /** The revision of the last write to this key. */
  readonly modRevision: Revision
}

/**
 * One change of one key. `value` of a delete is undefined. `previous` is there when the watch was asked for it, unless it
 * is compacted. Values are views, as in StoredObject.
 */
export interface StorageEvent {
  readonly type: 'put' | 'delete'
  readonly key: StorageKey
  readonly revision: Revision
  readonly value: Buffer | undefined
  readonly isCreate: boolean
  readonly previous: StoredObject | undefined
}

export type Listing = {
  readonly outcome: 'listed'
  readonly items: readonly StoredObject[]
  /** The revision the whole listing is of (the pinned one when `at` was given). */
  readonly revision: Revision
  /** True when `limit` (or the byte budget of a page) ended the page before the prefix did. */
  readonly more: boolean
  /** How many keys are left after this page; exact on an unlimited backend count, else undefined. */
  readonly remaining: number | undefined
}
export type Compacted = { readonly outcome: 'compacted'; readonly compactRevision: Revision }

export type Created = { readonly outcome: 'created'; readonly revision: Revision }
export type Exists = { readonly outcome: 'exists'; readonly current: StoredObject }
export type Updated = { readonly outcome: 'updated'; readonly revision: Revision }
export type Conflict = { readonly outcome: 'conflict'; readonly current: StoredObject }
export type Missing = { readonly outcome: 'missing' }
export type Deleted = { readonly outcome: 'deleted'; readonly revision: Revision }

export type WatchMessage =
  | { readonly type: 'events'; readonly events: readonly StorageEvent[]; readonly upTo: Revision }
  | { readonly type: 'progress'; readonly upTo: Revision }
  /** `after` is older than the compaction: the watch is over, the reader lists again. */
  | { readonly type: 'compacted'; readonly compactRevision: Revision }

export interface ListOptions {
  /** Exactly this revision (a later page of a listing). */
  readonly at?: Revision
  /** Not older than this; the backend answers at its latest, which is linearizable. */
  readonly atLeast?: Revision
  readonly limit?: number
  /** Keys strictly after this one. */
  readonly after?: StorageKey
  readonly keysOnly?: boolean
}

export interface WriteOptions {
  /** Attach (or renew) a lease of about this many seconds; leases are shared between keys written close together. */
  readonly leaseSeconds?: number
}

export interface Storage {
  /** A number or string that names the store (etcd's cluster id). Another id later: caches must be dropped. */
  identity(): Promise<string>
  get(key: StorageKey, options?: { readonly atLeast?: Revision }): Promise<StoredObject | undefined>
  list(prefix: string, options: ListOptions): Promise<Listing | Compacted>
  create(key: StorageKey, value: Buffer, options?: WriteOptions): Promise<Created | Exists>
  /** `expected` is the modRevision that must still be current. */
  update(
    key: StorageKey,
    expected: Revision,
    value: Buffer,
    options?: WriteOptions,
  ): Promise<Updated | Conflict | Missing>
  delete(key: StorageKey, expected: Revision): Promise<Deleted | Conflict | Missing>
  /** Ends when `signal` aborts or after a `compacted` message. Reconnects by itself; connection faults are not thrown. */
  watch(
    prefix: string,
    after: Revision,
    signal: AbortSignal,
    options?: { readonly withPrevious?: boolean },
  ): AsyncIterable<WatchMessage>
  /** Asks that open watches announce the current revision soon. May be ignored by a store that announces each revision anyway. */
  requestProgress(): void
  /** Linearizable. */
  currentRevision(): Promise<Revision>
  /** Forget everything before `revision` (operators and the compaction loop). */
  compact(revision: Revision): Promise<void>
  /** For readiness and metrics; a store that cannot raise alarms has none. Throws StorageUnavailable. */
  status?(): Promise<StorageStatus>
  [Symbol.asyncDispose](): Promise<void>
}

export interface StorageStatus {
  readonly databaseBytes: number
  /** NOSPACE: writes are refused, deletes go. CORRUPT: members differ. */
  readonly alarms: readonly ('NOSPACE' | 'CORRUPT')[]
}

/** The store could not be reached and the operation was surely not applied: 503 with Retry-After. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable'
}

/** The answer was lost and could not be found out: 504 without Retry-After. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}

/** The backend has no room left for writes (etcd's NOSPACE alarm, a full disk): not applied. The message is the backend's; 500. Deletes still go. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'
}

/** The value is over MAX_VALUE_BYTES: not applied. */
export class ValueTooLarge extends Error {
  override readonly name = 'ValueTooLarge'
}

/** A revision that the store has not reached was asked for (`at`, or a compaction): only a forged token can do this. */
export class FutureRevision extends Error {
  override readonly name = 'FutureRevision'
}
