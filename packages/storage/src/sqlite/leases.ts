// Leases: keys that end by themselves. Kept in the database (wall clock), so a restart ends what ran out meanwhile.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type SharedLease, grantedSeconds, hasRoom, reuseSeconds } from '../lease-policy.ts'

export class LeaseBook {
  readonly #insert: StatementSync
  readonly #next: StatementSync
  readonly #expired: StatementSync
  readonly #keys: StatementSync
  readonly #remove: StatementSync
  /** The lease that takes new keys, by the seconds that were asked for. */
  readonly #open = new Map<number, SharedLease<number>>()

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO lease (expires_at_ms) VALUES (?)')
    this.#next = database.prepare('SELECT min(expires_at_ms) AS at FROM lease')
    this.#expired = database.prepare('SELECT id FROM lease WHERE expires_at_ms <= ? ORDER BY expires_at_ms')
    this.#keys = database.prepare('SELECT key FROM current WHERE lease = ? ORDER BY key')
    this.#remove = database.prepare('DELETE FROM lease WHERE id = ?')
  }

  /** The id of a lease that lives for at least `leaseSeconds` from now. Within a transaction. */
  join(leaseSeconds: number, nowMs: number): number {
    const open = this.#open.get(leaseSeconds)
    if (open !== undefined && hasRoom(open, nowMs)) {
      open.keys++
      return open.id
    }
    const { lastInsertRowid } = this.#insert.run(nowMs + grantedSeconds(leaseSeconds) * 1000)
    const lease = { id: Number(lastInsertRowid), closesAtMs: nowMs + reuseSeconds(leaseSeconds) * 1000, keys: 1 }
    this.#open.set(leaseSeconds, lease)
    return lease.id
  }

  /** After a rollback: a lease that was made in it is not there. */
  forgetOpen(): void {
    this.#open.clear()
  }

  /** When the next lease ends (`Date.now()` time). */
  nextExpiryMs(): number | undefined {
    const at = this.#next.get()?.['at']
    return typeof at === 'number' ? at : undefined
  }

  expired(nowMs: number): number[] {
    return this.#expired.all(nowMs).map((row) => Number(row['id']))
  }

  keysOf(lease: number): string[] {
    return this.#keys.all(lease).map((row) => String(row['key']))
  }

  remove(lease: number): void {
    this.#remove.run(lease)
  }
}
