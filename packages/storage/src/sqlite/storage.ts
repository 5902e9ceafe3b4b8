// The Storage contract on node:sqlite: an append-only revision log in one file, or in memory. For one process; ready in
// a few milliseconds. Reads are synchronous underneath (a page is about 2 ms at most), writes are committed in groups.
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Compacted, type Conflict, type Created, type Deleted, type Exists, type Listing } from '../storage.ts'
import { type ListOptions, type Missing, type Revision, type Storage, type StorageKey } from '../storage.ts'
import { type StoredObject, type Updated, type WatchMessage, type WriteOptions } from '../storage.ts'
import { FutureRevision, MAX_VALUE_BYTES, StorageUnavailable, ValueTooLarge, toRevision } from '../storage.ts'
import { compactLog } from './compaction.ts'
import { LeaseBook } from './leases.ts'
import { LogReader } from './log-reader.ts'
import { openDatabase, readCompactRevision, readHead, readIdentity, saveCompactRevision } from './schema.ts'
import { WriteQueue } from './write-queue.ts'
import { Writer } from './writer.ts'

export interface SqliteStorageOptions {
  /** A path (made when it is not there), or `:memory:`. */
  readonly file: string
  /** History is kept for one to two of these. 0: compact() is only called from outside. Default 5 minutes. */
  readonly compactionIntervalMs?: number
}

const DEFAULT_COMPACTION_INTERVAL_MS = 300_000
/** The longest a Node timer can run. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Throws StorageUnavailable when the file cannot be opened, or another process holds it. */
export async function createSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  return new SqliteStorage(options)
}

class SqliteStorage implements Storage {
  readonly #database: DatabaseSync
  readonly #identity: string
  readonly #reader: LogReader
  readonly #leases: LeaseBook
  readonly #writer: Writer
  readonly #queue: WriteQueue
  readonly #closing = new AbortController()
  readonly #compactionTimer: NodeJS.Timeout | undefined
  #leaseTimer: NodeJS.Timeout | undefined
  /** The last committed revision. */
  #head: number
  #compactRevision: number
  #compaction: Promise<void> = Promise.resolve()
  /** Where the log stood when the compaction timer last fired. */
  #compactNext = 0
  /** Grows with each requestProgress(). */
  #progressAsked = 0
  /** Watches that have delivered everything and wait for more. */
  readonly #waiting = new Set<() => void>()

  constructor(options: SqliteStorageOptions) {
    this.#database = openDatabase(options.file)
    this.#identity = readIdentity(this.#database)
    this.#head = readHead(this.#database)
    this.#compactRevision = readCompactRevision(this.#database)
    this.#reader = new LogReader(this.#database)
    this.#leases = new LeaseBook(this.#database)
    this.#writer = new Writer(this.#database, this.#reader, this.#leases, this.#head)
    this.#queue = new WriteQueue(this.#database, (committed) => this.#afterCommit(committed))
    const intervalMs = options.compactionIntervalMs ?? DEFAULT_COMPACTION_INTERVAL_MS
    if (intervalMs > 0) this.#compactionTimer = setInterval(() => this.#compactOldHistory(), intervalMs).unref()
    this.#scheduleExpiry()
  }

  async identity(): Promise<string> {
    this.#checkOpen()
    return this.#identity
  }

  async currentRevision(): Promise<Revision> {
    this.#checkOpen()
    return toRevision(this.#head)
  }

  async get(key: StorageKey): Promise<StoredObject | undefined> {
    this.#checkOpen()
    return this.#reader.get(key)
  }

  async list(prefix: string, options: ListOptions): Promise<Listing | Compacted> {
    this.#checkOpen()
    const at = options.at
    if (at !== undefined && at > this.#head) throw new FutureRevision(`revision ${at} is after ${this.#head}`)
    if (at !== undefined && at < this.#compactRevision) {
      return { outcome: 'compacted', compactRevision: toRevision(this.#compactRevision) }
    }
    const { items, more } = this.#reader.page(prefix, options)
    const last = items.at(-1)
    const countable = at === undefined || at === this.#head
    const remaining = more && countable && last !== undefined ? this.#reader.countAfter(prefix, last.key) : undefined
    return { outcome: 'listed', items, revision: at ?? toRevision(this.#head), more, remaining: more ? remaining : 0 }
  }

  async create(key: StorageKey, value: Buffer, options?: WriteOptions): Promise<Created | Exists> {
    return this.#write(value.length, () => this.#writer.create(key, value, options))
  }

  async update(
    key: StorageKey,
    expected: Revision,
    value: Buffer,
    options?: WriteOptions,
  ): Promise<Updated | Conflict | Missing> {
    return this.#write(value.length, () => this.#writer.update(key, expected, value, options))
  }

  async delete(key: StorageKey, expected: Revision): Promise<Deleted | Conflict | Missing> {
    return this.#write(0, () => this.#writer.delete(key, expected))
  }

  /** Reads the log itself, from `after` on: a slow reader costs no memory, and a late one is the same as an early one. */
  async *watch(
    prefix: string,
    after: Revision,
    signal: AbortSignal,
    options?: { readonly withPrevious?: boolean },
  ): AsyncIterable<WatchMessage> {
    const ended = AbortSignal.any([signal, this.#closing.signal])
    let upTo: number = after
    let progressAnswered = this.#progressAsked
    while (!ended.aborted) {
      if (upTo + 1 < this.#compactRevision) {
        yield { type: 'compacted', compactRevision: toRevision(this.#compactRevision) }
        return
      }
      if (upTo < this.#head) {
        const changes = this.#reader.changesAfter(prefix, upTo, this.#head, options?.withPrevious === true)
        upTo = changes.upTo
        const revision = toRevision(upTo)
        yield changes.events.length > 0
          ? { type: 'events', events: changes.events, upTo: revision }
          : { type: 'progress', upTo: revision }
        if (upTo < this.#head) await nextTurn()
      } else if (progressAnswered !== this.#progressAsked) {
        progressAnswered = this.#progressAsked
        if (upTo === this.#head) yield { type: 'progress', upTo: toRevision(upTo) }
      } else {
        await this.#change(ended)
      }
    }
  }

  requestProgress(): void {
    this.#progressAsked++
    this.#wakeWatches()
  }

  async compact(revision: Revision): Promise<void> {
    this.#checkOpen()
    if (revision > this.#head) throw new FutureRevision(`revision ${revision} is after ${this.#head}`)
    if (revision <= this.#compactRevision) return
    this.#compactRevision = revision
    saveCompactRevision(this.#database, revision)
    this.#compaction = this.#compaction.then(() => compactLog(this.#database, revision, this.#closing.signal))
    return this.#compaction
  }

  /** Commits what is pending, ends the watches, closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#queue.flush()
    this.#closing.abort()
    clearInterval(this.#compactionTimer)
    clearTimeout(this.#leaseTimer)
    await this.#compaction
    this.#database.close()
  }

  async #write<T>(bytes: number, apply: () => T): Promise<T> {
    this.#checkOpen()
    if (bytes > MAX_VALUE_BYTES) throw new ValueTooLarge(`the value has ${bytes} bytes, more than ${MAX_VALUE_BYTES}`)
    return this.#queue.run(bytes, apply)
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new StorageUnavailable('the database is closed')
  }

  #afterCommit(committed: boolean): void {
    if (!committed) {
      this.#writer.revision = this.#head
      this.#leases.forgetOpen()
      return
    }
    if (this.#writer.revision === this.#head) return
    this.#head = this.#writer.revision
    this.#scheduleExpiry()
    this.#wakeWatches()
  }

  #wakeWatches(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** Resolves at the next commit, the next requestProgress(), or when `ended` aborts. */
  #change(ended: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        ended.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      ended.addEventListener('abort', wake)
      this.#waiting.add(wake)
    })
  }

  #scheduleExpiry(): void {
    clearTimeout(this.#leaseTimer)
    if (this.#closing.signal.aborted) return
    const nextMs = this.#leases.nextExpiryMs()
    if (nextMs === undefined) return
    const delayMs = Math.min(Math.max(0, nextMs - Date.now()), MAX_TIMER_MS)
    this.#leaseTimer = setTimeout(() => this.#expireLeases(), delayMs)
  }

  #expireLeases(): void {
    const failed = (): void => {
      this.#leaseTimer = setTimeout(() => this.#expireLeases(), 1000) // The disk is full or gone: keep trying.
    }
    this.#queue.run(0, () => this.#writer.expireLeases(Date.now())).then(() => this.#scheduleExpiry(), failed)
  }

  #compactOldHistory(): void {
    const target = this.#compactNext
    this.#compactNext = this.#head
    if (target <= this.#compactRevision) return
    // A failed compaction (a full disk) costs space, not correctness: the next interval tries again.
    this.compact(toRevision(target)).catch((error: unknown) =>
      process.emitWarning(`storage/sqlite: compaction: ${String(error)}`),
    )
  }
}
