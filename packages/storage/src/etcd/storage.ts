// The Storage contract on etcd: reads.ts, writes.ts and watch.ts over one pool of connections.
import { type Compacted, type Conflict, type Created, type Deleted, type Exists, type ListOptions } from '../storage.ts'
import {
  type Listing,
  type Missing,
  type Revision,
  type Storage,
  type StorageKey,
  type StoredObject,
} from '../storage.ts'
import { FutureRevision, type Updated, type WatchMessage, type WriteOptions } from '../storage.ts'
import { CompactionLoop, compactTo } from './compaction.ts'
import { asStorageFault, isFutureRevision } from './faults.ts'
import type { TlsFiles } from './http2/socket.ts'
import { Leases } from './leases.ts'
import { type Alarm, METHOD, decodeAlarms, decodeStatus, encodeEmpty } from './messages.ts'
import { type Logger, Pool } from './pool.ts'
import { Reads } from './reads.ts'
import { hasReliableProgress, versionWarning } from './version.ts'
import { type WatchSettings, watch } from './watch.ts'
import type { WatchStream } from './watch-stream.ts'
import { Writes } from './writes.ts'

export interface EtcdStorageOptions {
  /** `http://127.0.0.1:2379` or `https://…`, one a member. */
  readonly endpoints: readonly string[]
  /** PEM files for https, read again for each connection. */
  readonly tls?: TlsFiles
  /**
   * `keyspace` (the default): the etcd is ours alone; watches cover all keys, so every revision arrives as an event and
   * progress needs no asking. `prefix`: watches cover their prefix only, and progress is asked for. Falls back to
   * `prefix` by itself where etcd's permissions demand it.
   */
  readonly watchScope?: 'keyspace' | 'prefix'
  /** Where all our keys are. Default `/registry`. */
  readonly keyPrefix?: string
  /** Default 5 minutes, as upstream. 0: this server never compacts. */
  readonly compactionIntervalMs?: number
  readonly logger?: Logger
}

export interface EtcdStatus {
  /** Of the member that answered. */
  readonly version: string
  readonly databaseBytes: number
  /** Raised on any member. NOSPACE: writes are refused. */
  readonly alarms: readonly Alarm[]
}

const DEFAULT_KEY_PREFIX = '/registry'
const DEFAULT_COMPACTION_INTERVAL_MS = 300_000

/** Connects in the background: while no member can be reached, operations fail with StorageUnavailable within about a second. */
export async function createEtcdStorage(options: EtcdStorageOptions): Promise<EtcdStorage> {
  return new EtcdStorage(options)
}

export class EtcdStorage implements Storage {
  readonly #pool: Pool
  readonly #reads: Reads
  readonly #writes: Writes
  readonly #compaction: CompactionLoop | undefined
  readonly #watchSettings: WatchSettings
  readonly #logger: Logger | undefined
  #watchScope: 'keyspace' | 'prefix'
  #version: Promise<string> | undefined

  constructor(options: EtcdStorageOptions) {
    this.#logger = options.logger
    this.#watchScope = options.watchScope ?? 'keyspace'
    this.#pool = new Pool({ endpoints: options.endpoints, tls: options.tls, logger: options.logger })
    this.#writes = new Writes(this.#pool, new Leases(this.#pool))
    const absentKey = `${options.keyPrefix ?? DEFAULT_KEY_PREFIX}/`
    this.#reads = new Reads(this.#pool, absentKey, (revision) => this.#writes.sawRevision(revision))
    const intervalMs = options.compactionIntervalMs ?? DEFAULT_COMPACTION_INTERVAL_MS
    if (intervalMs > 0) this.#compaction = new CompactionLoop(this.#pool, intervalMs, options.logger)
    this.#watchSettings = {
      pool: this.#pool,
      logger: options.logger,
      scope: () => this.#watchScope,
      restrictScope: () => {
        this.#watchScope = 'prefix'
      },
      progressIsReliable: async () => this.#watchScope === 'prefix' && hasReliableProgress(await this.#knownVersion()),
      streams: new Set<WatchStream>(),
    }
    // For the warning; who needs the version asks again.
    this.#knownVersion().catch(() => undefined)
  }

  identity(): Promise<string> {
    return this.#reads.clusterId()
  }

  currentRevision(): Promise<Revision> {
    return this.#reads.currentRevision()
  }

  get(key: StorageKey): Promise<StoredObject | undefined> {
    return this.#reads.get(key)
  }

  list(prefix: string, options: ListOptions): Promise<Listing | Compacted> {
    return this.#reads.list(prefix, options)
  }

  create(key: StorageKey, value: Buffer, options?: WriteOptions): Promise<Created | Exists> {
    return this.#writes.create(key, value, options)
  }

  update(
    key: StorageKey,
    expected: Revision,
    value: Buffer,
    options?: WriteOptions,
  ): Promise<Updated | Conflict | Missing> {
    return this.#writes.update(key, expected, value, options)
  }

  delete(key: StorageKey, expected: Revision): Promise<Deleted | Conflict | Missing> {
    return this.#writes.delete(key, expected)
  }

  watch(
    prefix: string,
    after: Revision,
    signal: AbortSignal,
    options?: { readonly withPrevious?: boolean },
  ): AsyncIterable<WatchMessage> {
    return watch(this.#watchSettings, prefix, after, options?.withPrevious === true, signal)
  }

  requestProgress(): void {
    if (this.#watchScope === 'keyspace') return
    for (const stream of this.#watchSettings.streams) stream.requestProgress()
  }

  async compact(revision: Revision): Promise<void> {
    try {
      await compactTo(this.#pool, revision)
    } catch (error) {
      if (isFutureRevision(error))
        throw new FutureRevision(`etcd has not reached revision ${revision}`, { cause: error })
      throw asStorageFault(error)
    }
  }

  /** For readiness and metrics. Throws StorageUnavailable. */
  async status(): Promise<EtcdStatus> {
    try {
      const status = decodeStatus(await this.#pool.read(METHOD.status, encodeEmpty()))
      const alarms = decodeAlarms(await this.#pool.read(METHOD.alarm, encodeEmpty()))
      return { ...status, alarms }
    } catch (error) {
      throw asStorageFault(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#compaction?.stop()
    this.#pool.close()
  }

  /** Asked once; the first answer is also judged. Throws StorageUnavailable. */
  #knownVersion(): Promise<string> {
    this.#version ??= this.#pool.read(METHOD.status, encodeEmpty()).then(
      (answer) => {
        const { version } = decodeStatus(answer)
        const warning = versionWarning(version)
        if (warning !== undefined) this.#logger?.warn({ version }, warning)
        return version
      },
      (error: unknown) => {
        this.#version = undefined
        throw asStorageFault(error)
      },
    )
    return this.#version
  }
}
