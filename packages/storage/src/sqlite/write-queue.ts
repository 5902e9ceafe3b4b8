// Grouped commits: the writes of one turn of the event loop share one transaction (one commit costs as much as 3 to 10
// writes), and each is answered only after the commit.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { StorageFull, StorageUnavailable } from '../storage.ts'

/** Bytes of values that may wait for the next commit; beyond it a write is refused with StorageUnavailable. */
const MAX_PENDING_BYTES = 128 * 1024 * 1024

interface Write {
  readonly apply: () => unknown
  readonly settle: (result: unknown) => void
  readonly fail: (error: Error) => void
}

export class WriteQueue {
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #rollback: StatementSync
  /** Called after each transaction: what was counted in memory becomes true, or is taken back. */
  readonly #afterCommit: (committed: boolean) => void
  #pending: Write[] = []
  #pendingBytes = 0
  #scheduled: NodeJS.Immediate | undefined

  constructor(database: DatabaseSync, afterCommit: (committed: boolean) => void) {
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#rollback = database.prepare('ROLLBACK')
    this.#afterCommit = afterCommit
  }

  /** Runs `apply` within the next transaction; its result is handed on after the commit. `bytes` is what it holds meanwhile. */
  run<T>(bytes: number, apply: () => T): Promise<T> {
    if (this.#pendingBytes + bytes > MAX_PENDING_BYTES) {
      return Promise.reject(new StorageUnavailable('too many writes are waiting for the database'))
    }
    this.#pendingBytes += bytes
    this.#scheduled ??= setImmediate(() => this.flush())
    return new Promise<T>((resolve, reject) => {
      // `settle` gets exactly what `apply` of the same entry returned: a T.
      this.#pending.push({ apply, settle: (result) => resolve(result as T), fail: reject })
    })
  }

  /** Commits what is pending now. */
  flush(): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    if (this.#pending.length === 0) return
    const writes = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    const results: unknown[] = []
    try {
      this.#begin.run()
      for (const write of writes) results.push(write.apply())
      this.#commit.run()
    } catch (error) {
      const fault = asFault(error)
      this.#rollBack(fault)
      this.#afterCommit(false)
      for (const write of writes) write.fail(fault)
      return
    }
    this.#afterCommit(true)
    for (const [index, write] of writes.entries()) write.settle(results[index])
  }

  #rollBack(fault: Error): void {
    try {
      this.#rollback.run()
    } catch (error) {
      // SQLite has rolled back by itself (a full disk), or no transaction was begun: the fault already says why.
      fault.message += ` (rollback: ${String(error)})`
    }
  }
}

const SQLITE_FULL = 13

function asFault(error: unknown): Error {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  const message = `the database refused the transaction: ${String(error)}`
  return code === SQLITE_FULL
    ? new StorageFull(message, { cause: error })
    : new StorageUnavailable(message, { cause: error })
}
