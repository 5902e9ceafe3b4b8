// Compaction every five minutes, by one server of all that share the etcd: ours and upstream's alike take turns through
// the key `compact_rev_key`, whose value is a revision in decimal.
//
// Each server remembers the key as it last saw it. When its interval is over it writes, if the key is still the same,
// the store's revision of one interval ago, and compacts to it. Who finds the key changed has been overtaken, and waits
// for another interval. So history is kept for one to two intervals.
import { type StorageKey, toStorageKey } from '../storage.ts'
import { METHOD, type TxnResponse, encodeCompaction, encodeTxn } from './messages.ts'
import { isCompacted } from './faults.ts'
import type { Logger, Pool } from './pool.ts'
import { transact } from './transaction.ts'

const COMPACT_REVISION_KEY: StorageKey = toStorageKey('compact_rev_key')

export class CompactionLoop {
  readonly #pool: Pool
  readonly #logger: Logger | undefined
  readonly #timer: NodeJS.Timeout
  /** The key's last change that we know of; 0: it was never written. */
  #keyRevision = 0
  /** Where the store was when the last interval ended; 0 at first. */
  #target = 0

  constructor(pool: Pool, intervalMs: number, logger: Logger | undefined) {
    this.#pool = pool
    this.#logger = logger
    this.#timer = setInterval(() => {
      this.turn().catch((error: unknown) =>
        logger?.warn({ error: String(error) }, 'etcd compaction failed, trying again at the next interval'),
      )
    }, intervalMs).unref()
  }

  /** One turn of this server: resolves to the revision that was compacted to, undefined when it was another's turn. */
  async turn(): Promise<number | undefined> {
    const target = this.#target
    const message = encodeTxn(COMPACT_REVISION_KEY, this.#keyRevision, {
      type: 'put',
      value: Buffer.from(String(target)),
      lease: undefined,
    })
    const result = await transact(this.#pool, message)
    if (result.outcome === 'unknown') throw result.cause
    this.#remember(result.response)
    if (result.outcome !== 'succeeded' || target === 0) return undefined
    await compactTo(this.#pool, target)
    this.#logger?.info({ revision: target }, 'etcd is compacted')
    return target
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #remember(response: TxnResponse): void {
    this.#target = response.revision
    this.#keyRevision = response.succeeded ? response.revision : (response.current?.modRevision ?? 0)
  }
}

/** Forgets what is before `revision`; nothing happens when that is done already. Throws EtcdError, StorageUnavailable. */
export async function compactTo(pool: Pool, revision: number): Promise<void> {
  try {
    await pool.read(METHOD.compact, encodeCompaction(revision))
  } catch (error) {
    if (!isCompacted(error)) throw error
  }
}
