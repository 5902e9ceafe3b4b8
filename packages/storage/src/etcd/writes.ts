// create, update and delete: one guarded transaction each, and what is said when its answer was lost.
import { Buffer } from 'node:buffer'
import { type Conflict, type Created, type Deleted, type Exists, type Missing, type Revision } from '../storage.ts'
import { MAX_VALUE_BYTES, OutcomeUnknown, ValueTooLarge, toRevision } from '../storage.ts'
import type { StorageEvent, StorageKey, StoredObject, Updated, WriteOptions } from '../storage.ts'
import { asStorageFault, isLeaseMissing } from './faults.ts'
import { changesOf } from './history.ts'
import type { Leases } from './leases.ts'
import { type Change, type TxnResponse, encodeTxn } from './messages.ts'
import type { Pool } from './pool.ts'
import { type TransactionOutcome, transact } from './transaction.ts'

const NOT_THERE = 0

export class Writes {
  readonly #pool: Pool
  readonly #leases: Leases
  /** The newest revision any answer has named: what was before it cannot be a write of ours that is still on its way. */
  #seen = 0

  constructor(pool: Pool, leases: Leases) {
    this.#pool = pool
    this.#leases = leases
  }

  /** `revision` was in an answer. */
  sawRevision(revision: number): void {
    if (revision > this.#seen) this.#seen = revision
  }

  async create(key: StorageKey, value: Buffer, options: WriteOptions | undefined): Promise<Created | Exists> {
    const before = this.#seen
    const result = await this.#put(key, NOT_THERE, value, options)
    if (result.outcome === 'succeeded') return { outcome: 'created', revision: toRevision(result.response.revision) }
    const current = result.response.current
    if (current === undefined) throw new OutcomeUnknown(`create of ${key}: etcd answered neither yes nor no`)
    if (result.outcome === 'failed') return { outcome: 'exists', current }
    return this.#findCreated(key, before, value, current)
  }

  async update(
    key: StorageKey,
    expected: Revision,
    value: Buffer,
    options?: WriteOptions,
  ): Promise<Updated | Conflict | Missing> {
    const result = await this.#put(key, expected, value, options)
    if (result.outcome === 'succeeded') return { outcome: 'updated', revision: toRevision(result.response.revision) }
    if (result.outcome === 'lostAndFailed') {
      await this.#checkNotOurs(key, expected, (event) => event.value?.equals(value) === true)
    }
    return notDone(result.response)
  }

  async delete(key: StorageKey, expected: Revision): Promise<Deleted | Conflict | Missing> {
    const result = await this.#send(key, expected, { type: 'delete' })
    if (result.outcome === 'succeeded') return { outcome: 'deleted', revision: toRevision(result.response.revision) }
    if (result.outcome === 'lostAndFailed') await this.#checkNotOurs(key, expected, (event) => event.type === 'delete')
    return notDone(result.response)
  }

  async #put(key: StorageKey, expected: number, value: Buffer, options: WriteOptions | undefined) {
    if (value.length > MAX_VALUE_BYTES)
      throw new ValueTooLarge(`the value has ${value.length} bytes, more than ${MAX_VALUE_BYTES}`)
    const leaseSeconds = options?.leaseSeconds
    if (leaseSeconds === undefined) return this.#send(key, expected, { type: 'put', value, lease: undefined })
    try {
      return await this.#send(key, expected, { type: 'put', value, lease: await this.#leases.join(leaseSeconds) })
    } catch (error) {
      if (!(error instanceof Error) || !isLeaseMissing(error.cause)) throw error
      this.#leases.forget(leaseSeconds)
      return this.#send(key, expected, { type: 'put', value, lease: await this.#leases.join(leaseSeconds) })
    }
  }

  async #send(
    key: StorageKey,
    expected: number,
    change: Change,
  ): Promise<Exclude<TransactionOutcome, { outcome: 'unknown' }>> {
    let result: TransactionOutcome
    try {
      result = await transact(this.#pool, encodeTxn(key, expected, change))
    } catch (error) {
      throw asStorageFault(error)
    }
    if (result.outcome === 'unknown') {
      throw new OutcomeUnknown(`etcd did not say whether ${key} was written`, { cause: result.cause })
    }
    this.sawRevision(result.response.revision)
    return result
  }

  /** A value is made for one create (it carries the object's uid): the one that made these bytes was ours. */
  async #findCreated(key: StorageKey, before: number, value: Buffer, current: StoredObject): Promise<Created | Exists> {
    const changes = await changesOf(this.#pool, key, before, (event) => event.revision >= current.modRevision)
    if (changes === undefined) throw new OutcomeUnknown(`the history of ${key} does not tell whether it was created`)
    const ours = changes.find((event) => event.isCreate && event.value?.equals(value) === true)
    return ours === undefined ? { outcome: 'exists', current } : { outcome: 'created', revision: ours.revision }
  }

  /**
   * Only the first change after `expected` can be ours: the guard allows no other. When it looks like ours it may still
   * be another writer's (two counters that both go from 5 to 6 write the same bytes): then nobody knows.
   */
  async #checkNotOurs(
    key: StorageKey,
    expected: number,
    looksLikeOurs: (event: StorageEvent) => boolean,
  ): Promise<void> {
    const first = (await changesOf(this.#pool, key, expected, () => true))?.[0]
    if (first === undefined || looksLikeOurs(first))
      throw new OutcomeUnknown(`${key} was written by us or by another: nobody can tell`)
  }
}

function notDone(response: TxnResponse): Conflict | Missing {
  return response.current === undefined ? { outcome: 'missing' } : { outcome: 'conflict', current: response.current }
}
