// How keys that are written close together share one lease, on every backend: the rule that upstream's lease manager
// follows. A lease is reused for 5 % of its time, from 1 to 60 s, and for at most 1,000 keys; it lives that much longer
// than was asked, so that the last key to join still gets its full time.

const MIN_REUSE_SECONDS = 1
const MAX_REUSE_SECONDS = 60
const REUSE_SHARE = 0.05

/** Also the most keys that one revision can delete, when a lease expires. */
export const MAX_KEYS_PER_LEASE = 1000

/** How long a lease of `leaseSeconds` takes new keys. */
export function reuseSeconds(leaseSeconds: number): number {
  return Math.min(MAX_REUSE_SECONDS, Math.max(MIN_REUSE_SECONDS, Math.floor(leaseSeconds * REUSE_SHARE)))
}

/** What the backend is asked for. */
export function grantedSeconds(leaseSeconds: number): number {
  return Math.max(1, Math.ceil(leaseSeconds)) + reuseSeconds(leaseSeconds)
}

/** One shared lease: who made it decides what an id is. */
export interface SharedLease<Id> {
  readonly id: Id
  /** No new keys from then on (`Date.now()` time). */
  readonly closesAtMs: number
  keys: number
}

/** True when one more key may join. */
export function hasRoom(lease: SharedLease<unknown>, nowMs: number): boolean {
  return lease.keys < MAX_KEYS_PER_LEASE && nowMs < lease.closesAtMs
}
