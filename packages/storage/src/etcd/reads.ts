// get, list and currentRevision: linearizable reads, the lists in pages of bytes.
import {
  type Compacted,
  type ListOptions,
  type Listing,
  type Revision,
  type StorageKey,
  type StoredObject,
} from '../storage.ts'
import { FutureRevision, toRevision } from '../storage.ts'
import { prefixEnd } from '../prefix.ts'
import { asStorageFault, isCompacted, isFutureRevision } from './faults.ts'
import {
  METHOD,
  type RangeRequest,
  type RangeResponse,
  ZERO_BYTE,
  decodeClusterId,
  decodeRangeResponse,
  encodeRange,
} from './messages.ts'
import { PAGE_ATTEMPT_TIMEOUT_MS, type Pool } from './pool.ts'

/** What a page should have. Decoding it holds the loop for 2 to 4 ms; pages of 1 MB cost twice as much in all. */
const PAGE_BYTES = 8 * 1024 * 1024
/** While the sizes are not known: 96 MB at the very worst. */
const FIRST_PAGE_ITEMS = 64
const MAX_PAGE_ITEMS = 10_000
/** Resources and namespaces are prefixes. Beyond this many all are forgotten: the next page of each is a small one. */
const MAX_KNOWN_SIZES = 10_000
/** Keys without values. */
const KEYS_PAGE_ITEMS = 20_000

export class Reads {
  readonly #pool: Pool
  /** Never written: reading it costs etcd nothing but the proof that it is up to date. */
  readonly #absentKey: string
  readonly #onRevision: (revision: number) => void
  /** The average size of an item, by the prefix it was found under. At most MAX_KNOWN_SIZES. */
  readonly #itemBytes = new Map<string, number>()

  constructor(pool: Pool, absentKey: string, onRevision: (revision: number) => void) {
    this.#pool = pool
    this.#absentKey = absentKey
    this.#onRevision = onRevision
  }

  async get(key: StorageKey): Promise<StoredObject | undefined> {
    return (await this.#range({ key })).items[0]
  }

  async list(prefix: string, options: ListOptions): Promise<Listing | Compacted> {
    const limit = this.#pageItems(prefix, options)
    const request: RangeRequest = {
      key: options.after === undefined ? prefixStart(prefix) : `${options.after}\0`,
      end: prefixEnd(prefix) ?? ZERO_BYTE,
      limit,
      revision: options.at,
      keysOnly: options.keysOnly === true,
    }
    let page: RangeResponse
    try {
      page = await this.#range(request, PAGE_ATTEMPT_TIMEOUT_MS)
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined
      // etcd does not say how far it is compacted; further than what was asked for is what is known.
      if (isCompacted(cause)) return { outcome: 'compacted', compactRevision: toRevision((options.at ?? 0) + 1) }
      if (isFutureRevision(cause)) throw new FutureRevision(`etcd has not reached revision ${options.at}`, { cause })
      throw error
    }
    if (options.keysOnly !== true) this.#learn(prefix, page.items)
    return {
      outcome: 'listed',
      items: page.items,
      revision: options.at ?? toRevision(page.revision),
      more: page.more,
      remaining: page.count - page.items.length,
    }
  }

  async currentRevision(): Promise<Revision> {
    return toRevision((await this.#range({ key: this.#absentKey, countOnly: true })).revision)
  }

  async clusterId(): Promise<string> {
    return decodeClusterId(await this.#send({ key: this.#absentKey, countOnly: true }))
  }

  async #range(request: RangeRequest, attemptTimeoutMs?: number): Promise<RangeResponse> {
    const response = decodeRangeResponse(await this.#send(request, attemptTimeoutMs))
    this.#onRevision(response.revision)
    return response
  }

  async #send(request: RangeRequest, attemptTimeoutMs?: number): Promise<Buffer> {
    try {
      return await this.#pool.read(METHOD.range, encodeRange(request), attemptTimeoutMs)
    } catch (error) {
      throw asStorageFault(error)
    }
  }

  #pageItems(prefix: string, options: ListOptions): number {
    const asked = options.limit !== undefined && options.limit > 0 ? options.limit : Infinity
    if (options.keysOnly === true) return Math.min(asked, KEYS_PAGE_ITEMS)
    const itemBytes = this.#itemBytes.get(prefix)
    const fitting = itemBytes === undefined ? FIRST_PAGE_ITEMS : Math.ceil(PAGE_BYTES / itemBytes)
    return Math.max(1, Math.min(asked, fitting, MAX_PAGE_ITEMS))
  }

  /** The next page of this prefix is fitted to the sizes seen, quickly upwards (big items hurt), slowly downwards. */
  #learn(prefix: string, items: readonly StoredObject[]): void {
    if (items.length === 0) return
    let bytes = 0
    for (const item of items) bytes += item.value.length
    const average = Math.max(1, bytes / items.length)
    const known = this.#itemBytes.get(prefix) ?? average
    if (this.#itemBytes.size >= MAX_KNOWN_SIZES) this.#itemBytes.clear()
    this.#itemBytes.set(prefix, average > known ? average : (average + known) / 2)
  }
}

/** etcd takes an empty key for an error. */
function prefixStart(prefix: string): string | Buffer {
  return prefix === '' ? ZERO_BYTE : prefix
}
