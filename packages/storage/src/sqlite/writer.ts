// What a write does inside its transaction: read the key's newest change, check the guard, append to the log.
// The revision counted here is the transaction's; the store announces it after the commit.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Conflict, type Created, type Deleted, type Exists, type Missing } from '../storage.ts'
import { type Revision, type StorageKey, type Updated, type WriteOptions, toRevision } from '../storage.ts'
import type { LeaseBook } from './leases.ts'
import type { LogReader } from './log-reader.ts'
import { CHANGES_PER_REVISION, KIND } from './schema.ts'

export class Writer {
  readonly #reader: LogReader
  readonly #leases: LeaseBook
  readonly #find: StatementSync
  readonly #append: StatementSync
  readonly #setCurrent: StatementSync
  readonly #dropCurrent: StatementSync
  /** The newest revision, the open transaction's included. */
  revision: number

  constructor(database: DatabaseSync, reader: LogReader, leases: LeaseBook, revision: number) {
    this.#reader = reader
    this.#leases = leases
    this.revision = revision
    this.#find = database.prepare('SELECT id FROM current WHERE key = ?')
    this.#append = database.prepare('INSERT INTO log (id, key, kind, value) VALUES (?, ?, ?, ?)')
    this.#setCurrent = database.prepare('INSERT OR REPLACE INTO current (key, id, lease) VALUES (?, ?, ?)')
    this.#dropCurrent = database.prepare('DELETE FROM current WHERE key = ?')
  }

  create(key: StorageKey, value: Buffer, options: WriteOptions | undefined): Created | Exists {
    if (this.#revisionOf(key) !== undefined) return { outcome: 'exists', current: this.#current(key) }
    return { outcome: 'created', revision: this.#put(key, KIND.create, value, options) }
  }

  update(key: StorageKey, expected: Revision, value: Buffer, options?: WriteOptions): Updated | Conflict | Missing {
    const revision = this.#revisionOf(key)
    if (revision === undefined) return { outcome: 'missing' }
    if (revision !== expected) return { outcome: 'conflict', current: this.#current(key) }
    return { outcome: 'updated', revision: this.#put(key, KIND.put, value, options) }
  }

  delete(key: StorageKey, expected: Revision): Deleted | Conflict | Missing {
    const revision = this.#revisionOf(key)
    if (revision === undefined) return { outcome: 'missing' }
    if (revision !== expected) return { outcome: 'conflict', current: this.#current(key) }
    return { outcome: 'deleted', revision: this.#deleteTogether([key]) }
  }

  /** Ends the leases whose time has come: all keys of one lease go at one revision. */
  expireLeases(nowMs: number): void {
    for (const lease of this.#leases.expired(nowMs)) {
      const keys = this.#leases.keysOf(lease)
      if (keys.length > 0) this.#deleteTogether(keys)
      this.#leases.remove(lease)
    }
  }

  #revisionOf(key: string): number | undefined {
    const id = this.#find.get(key)?.['id']
    return id === undefined ? undefined : Math.floor(Number(id) / CHANGES_PER_REVISION)
  }

  #current(key: StorageKey) {
    const current = this.#reader.get(key)
    if (current === undefined) throw new Error(`the key ${key} is in the index but not in the log`)
    return current
  }

  #put(key: string, kind: number, value: Buffer, options: WriteOptions | undefined): Revision {
    const revision = ++this.revision
    const id = revision * CHANGES_PER_REVISION
    const lease = options?.leaseSeconds === undefined ? null : this.#leases.join(options.leaseSeconds, Date.now())
    this.#append.run(id, key, kind, value)
    this.#setCurrent.run(key, id, lease)
    return toRevision(revision)
  }

  #deleteTogether(keys: readonly string[]): Revision {
    const revision = ++this.revision
    for (const [place, key] of keys.entries()) {
      this.#append.run(revision * CHANGES_PER_REVISION + place, key, KIND.delete, null)
      this.#dropCurrent.run(key)
    }
    return toRevision(revision)
  }
}
