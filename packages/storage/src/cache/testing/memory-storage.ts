// A Storage in memory for tests of the cache: it keeps every version, so that it can also be the model, and it can be cut,
// held, compacted, swapped for another store and made to lie.
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type Compacted,
  type Conflict,
  type Created,
  type Deleted,
  type Exists,
  type ListOptions,
  type Listing,
  type Missing,
  type Revision,
  type Storage,
  type StorageEvent,
  type StorageKey,
  StorageUnavailable,
  type StoredObject,
  type Updated,
  type WatchMessage,
  toRevision,
  toStorageKey,
} from '../../storage.ts'
import { compareKeys } from '../keys.ts'

export interface Version {
  readonly key: string
  readonly revision: number
  /** Undefined: a delete. */
  readonly value: Buffer | undefined
}

/** How far a watch has come. */
interface Position {
  /** Announced. */
  seen: number
  /** Delivered: the log before this index. */
  index: number
}

export class MemoryStorage implements Storage {
  #identity = 'memory'
  #revision = 1
  #compacted = 0
  /** Every write ever, in order. */
  #log: Version[] = []
  readonly #wakers = new Set<() => void>()
  #held = false
  /** Operations fail and watches are silent. */
  unavailable = false
  /** Events of one watch message, at most. */
  batch = 1000
  /** Whether a revision that touched no watched key is announced without being asked for. */
  announcesAll = true
  progressRequests = 0
  revisionCalls = 0
  listCalls = 0

  get log(): readonly Version[] {
    return this.#log
  }

  get revision(): number {
    return this.#revision
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  /** Watches deliver nothing until release(). */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    this.#wake()
  }

  /** Another store, empty, whose revisions begin anew. */
  becomeAnother(identity: string): void {
    this.#identity = identity
    this.#revision = 1
    this.#compacted = 0
    this.#log = []
  }

  /** Writes of one transaction: one revision. */
  write(changes: Record<string, string | undefined>): Revision {
    this.#revision++
    for (const [key, value] of Object.entries(changes)) {
      this.#log.push({ key, revision: this.#revision, value: value === undefined ? undefined : Buffer.from(value) })
    }
    this.#wake()
    return toRevision(this.#revision)
  }

  /** Changes a value behind the watch's back. */
  corrupt(key: string, value: string | undefined): void {
    this.#log.push({ key, revision: this.#revision, value: value === undefined ? undefined : Buffer.from(value) })
  }

  async identity(): Promise<string> {
    this.#refuse()
    return this.#identity
  }

  async currentRevision(): Promise<Revision> {
    this.revisionCalls++
    this.#refuse()
    await nextTurn()
    this.#refuse()
    return toRevision(this.#revision)
  }

  async get(key: StorageKey): Promise<StoredObject | undefined> {
    this.#refuse()
    return this.#at(this.#revision).get(key)
  }

  async list(prefix: string, options: ListOptions): Promise<Listing | Compacted> {
    this.listCalls++
    this.#refuse()
    const revision = options.at ?? this.#revision
    if (revision < this.#compacted) return { outcome: 'compacted', compactRevision: toRevision(this.#compacted) }
    await nextTurn()
    const all = [...this.#at(revision).values()]
      .filter(
        ({ key }) => key.startsWith(prefix) && (options.after === undefined || compareKeys(key, options.after) > 0),
      )
      .sort((left, right) => compareKeys(left.key, right.key))
    const items = all.slice(0, options.limit ?? all.length)
    const remaining = all.length - items.length
    return { outcome: 'listed', items, revision: toRevision(revision), more: remaining > 0, remaining }
  }

  async create(key: StorageKey, value: Buffer): Promise<Created | Exists> {
    const current = await this.get(key)
    if (current !== undefined) return { outcome: 'exists', current }
    return { outcome: 'created', revision: this.write({ [key]: value.toString() }) }
  }

  async update(key: StorageKey, expected: Revision, value: Buffer): Promise<Updated | Conflict | Missing> {
    const current = await this.get(key)
    if (current === undefined) return { outcome: 'missing' }
    if (current.modRevision !== expected) return { outcome: 'conflict', current }
    return { outcome: 'updated', revision: this.write({ [key]: value.toString() }) }
  }

  async delete(key: StorageKey, expected: Revision): Promise<Deleted | Conflict | Missing> {
    const current = await this.get(key)
    if (current === undefined) return { outcome: 'missing' }
    if (current.modRevision !== expected) return { outcome: 'conflict', current }
    return { outcome: 'deleted', revision: this.write({ [key]: undefined }) }
  }

  async *watch(
    prefix: string,
    after: Revision,
    signal: AbortSignal,
    options?: { readonly withPrevious?: boolean },
  ): AsyncIterable<WatchMessage> {
    const position: Position = { seen: after, index: 0 }
    let askedBefore = this.progressRequests
    while (!signal.aborted) {
      if (position.seen >= this.#revision) askedBefore = this.progressRequests
      if (!this.#held && !this.unavailable && position.seen < this.#revision) {
        if (position.seen < this.#compacted) {
          yield { type: 'compacted', compactRevision: toRevision(this.#compacted) }
          return
        }
        const message = this.#messageAfter(position, prefix, options?.withPrevious === true)
        const asked = this.progressRequests > askedBefore
        if (message.type === 'events' || this.announcesAll || asked) {
          askedBefore = this.progressRequests
          position.seen = message.upTo
          yield message
          continue
        }
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wakers.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        this.#wakers.add(wake)
        signal.addEventListener('abort', wake)
      })
    }
  }

  requestProgress(): void {
    this.progressRequests++
    this.#wake()
  }

  async compact(revision: Revision): Promise<void> {
    this.#compacted = Math.max(this.#compacted, revision)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wake()
  }

  /** A message ends anywhere; it announces only revisions whose events are all in it or in those before. */
  #messageAfter(
    position: Position,
    prefix: string,
    withPrevious: boolean,
  ): Exclude<WatchMessage, { type: 'compacted' }> {
    const events: StorageEvent[] = []
    let upTo = this.#revision
    for (; position.index < this.#log.length; position.index++) {
      const version = this.#log[position.index]
      if (version === undefined || version.revision <= position.seen || !version.key.startsWith(prefix)) continue
      if (events.length >= this.batch) {
        upTo = version.revision - 1
        break
      }
      events.push(this.#eventOf(version, withPrevious))
    }
    const reached = toRevision(upTo)
    return events.length === 0 ? { type: 'progress', upTo: reached } : { type: 'events', events, upTo: reached }
  }

  #eventOf({ key, revision, value }: Version, withPrevious: boolean): StorageEvent {
    const previous = this.#at(revision - 1).get(key)
    return {
      type: value === undefined ? 'delete' : 'put',
      key: toStorageKey(key),
      revision: toRevision(revision),
      value,
      isCreate: value !== undefined && previous === undefined,
      previous: withPrevious ? previous : undefined,
    }
  }

  #at(revision: number): Map<string, StoredObject> {
    const state = new Map<string, StoredObject>()
    for (const version of this.#log) {
      if (version.revision > revision) continue
      if (version.value === undefined) state.delete(version.key)
      else {
        const { key, value } = version
        state.set(key, { key: toStorageKey(key), value, modRevision: toRevision(version.revision) })
      }
    }
    return state
  }

  #refuse(): void {
    if (this.unavailable) throw new StorageUnavailable('the store is away')
  }

  #wake(): void {
    for (const wake of this.#wakers) wake()
  }
}
