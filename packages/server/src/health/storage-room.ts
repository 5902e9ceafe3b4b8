// Whether the store still takes writes: asked now and then, for readiness and metrics. A store that is full answers every read,
// so nothing else would tell.
import type { Storage, StorageStatus } from '@keelson/storage'
import type { HealthCheck } from '@keelson/component'

const ASK_MS = 2_000

export class StorageRoom {
  readonly #storage: Storage
  #last: StorageStatus = { databaseBytes: 0, alarms: [] }
  #timer: NodeJS.Timeout | undefined

  constructor(storage: Storage) {
    this.#storage = storage
    this.#ask()
  }

  get databaseBytes(): number {
    return this.#last.databaseBytes
  }

  /** 1 for each alarm that is raised. */
  get alarms(): Readonly<Record<string, number>> {
    return { NOSPACE: 0, ...Object.fromEntries(this.#last.alarms.map((alarm) => [alarm, 1])) }
  }

  readonly check: HealthCheck = {
    name: 'etcd-space',
    check: () => {
      if (this.#last.alarms.length > 0) throw new Error(`the store raised ${this.#last.alarms.join(', ')}`)
    },
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #ask(): void {
    // The store of a single process knows no alarms.
    if (this.#storage.status === undefined) return
    const timer = setTimeout(() => this.#ask(), ASK_MS).unref()
    this.#timer = timer
    this.#storage.status().then(
      (status) => {
        this.#last = status
      },
      () => {
        // Not reachable: the check of etcd itself says so, and what was known last stays true.
      },
    )
  }
}
