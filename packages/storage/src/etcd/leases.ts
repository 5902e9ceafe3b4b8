// Leases of etcd, shared by keys that are written close together. The id is chosen here, so that asking twice after a
// lost answer makes one lease.
import { randomInt } from 'node:crypto'
import { type SharedLease, grantedSeconds, hasRoom, reuseSeconds } from '../lease-policy.ts'
import { CODE, EtcdError, asStorageFault } from './faults.ts'
import { METHOD, encodeLeaseGrant } from './messages.ts'
import type { Pool } from './pool.ts'

const MAX_ID = 2 ** 48 - 1

export class Leases {
  readonly #pool: Pool
  /** The lease that takes new keys (its id once granted), by the seconds that were asked for. */
  readonly #open = new Map<number, SharedLease<Promise<number>>>()

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** The id of a lease that lives for at least `leaseSeconds` from now. Throws StorageUnavailable, StorageFull. */
  join(leaseSeconds: number): Promise<number> {
    const nowMs = Date.now()
    const open = this.#open.get(leaseSeconds)
    if (open !== undefined && hasRoom(open, nowMs)) {
      open.keys++
      return open.id
    }
    const id = this.#grant(grantedSeconds(leaseSeconds))
    this.#open.set(leaseSeconds, { id, closesAtMs: nowMs + reuseSeconds(leaseSeconds) * 1000, keys: 1 })
    id.catch(() => this.forget(leaseSeconds))
    return id
  }

  /** etcd does not know the lease (it ran out while we were away): the next key gets another. */
  forget(leaseSeconds: number): void {
    this.#open.delete(leaseSeconds)
  }

  async #grant(seconds: number): Promise<number> {
    const id = randomInt(1, MAX_ID)
    try {
      await this.#pool.read(METHOD.leaseGrant, encodeLeaseGrant(id, seconds))
    } catch (error) {
      const isRepeated = error instanceof EtcdError && error.code === CODE.failedPrecondition
      if (!isRepeated) throw asStorageFault(error)
    }
    return id
  }
}
