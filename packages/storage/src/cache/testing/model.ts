// What a store has been through, every version of it: what reads and watches of the cache are compared with.
import assert from 'node:assert/strict'
import { type Revision, type Storage, toRevision, toStorageKey } from '../../storage.ts'
import { compareKeys } from '../keys.ts'
import type { CacheEntry, CacheEvent } from '../types.ts'

interface ModelVersion {
  readonly key: string
  readonly revision: Revision
  /** Undefined: deleted. */
  readonly value: string | undefined
}

export interface ModelEvent {
  readonly type: CacheEvent['type']
  readonly key: string
  readonly revision: number
  /** What metadata.resourceVersion and spec.data must be in the served JSON. */
  readonly data: string
  readonly previousData: string | undefined
}

/** Writes through to a storage and remembers everything; it must be the only writer. */
export class Model {
  readonly #versions: ModelVersion[] = []
  readonly #storage: Storage
  /** Nothing of before this revision is known; there was nothing then. */
  readonly start: Revision
  latest: Revision

  constructor(storage: Storage, start: Revision) {
    this.#storage = storage
    this.start = start
    this.latest = start
  }

  /** The revision `steps` before the latest, as far as it is known. */
  back(steps: number): Revision {
    return toRevision(Math.max(this.start, this.latest - steps))
  }

  async put(key: string, value: string): Promise<void> {
    const current = this.at(this.latest).get(key)
    const bytes = Buffer.from(value)
    const answer =
      current === undefined
        ? await this.#storage.create(toStorageKey(key), bytes)
        : await this.#storage.update(toStorageKey(key), current.revision, bytes)
    assert.ok(answer.outcome === 'created' || answer.outcome === 'updated', answer.outcome)
    this.#remember(key, answer.revision, value)
  }

  async delete(key: string): Promise<void> {
    const current = this.at(this.latest).get(key)
    if (current === undefined) return
    const answer = await this.#storage.delete(toStorageKey(key), current.revision)
    assert.ok(answer.outcome === 'deleted', answer.outcome)
    this.#remember(key, answer.revision, undefined)
  }

  /** Deletes several at one revision, as an expired lease does. */
  async deleteTogether(keys: readonly string[], deleteAll: (keys: readonly string[]) => Revision): Promise<void> {
    const present = [...new Set(keys)].filter((key) => this.at(this.latest).has(key))
    if (present.length === 0) return
    const revision = deleteAll(present)
    for (const key of present) this.#versions.push({ key, revision, value: undefined })
    this.latest = revision
  }

  /** Everything at a revision, by key. */
  at(revision: number): Map<string, ModelVersion> {
    const state = new Map<string, ModelVersion>()
    for (const version of this.#versions) {
      if (version.revision > revision) break
      if (version.value === undefined) state.delete(version.key)
      else state.set(version.key, version)
    }
    return state
  }

  /** Keys under a prefix in key order, with their revisions, as `key@revision`. */
  listing(revision: number, prefix: string, filter: (value: string) => boolean = () => true): string[] {
    return [...this.at(revision).values()]
      .filter(({ key, value }) => key.startsWith(prefix) && filter(value ?? ''))
      .sort((left, right) => compareKeys(left.key, right.key))
      .map((version) => `${version.key}@${version.revision}`)
  }

  /** The events of `prefix` in `(after, upTo]`, as a watch must see them. */
  events(prefix: string, after: number, upTo: number): ModelEvent[] {
    const last = new Map<string, string | undefined>()
    const events: ModelEvent[] = []
    for (const { key, revision, value } of this.#versions) {
      if (revision > upTo) break
      if (!key.startsWith(prefix)) continue
      const previousData = last.get(key)
      last.set(key, value === undefined ? undefined : dataOf(value))
      if (revision <= after) continue
      const type = value === undefined ? 'DELETED' : previousData === undefined ? 'ADDED' : 'MODIFIED'
      events.push({
        type,
        key,
        revision,
        data: value === undefined ? (previousData ?? '') : dataOf(value),
        previousData,
      })
    }
    return events
  }

  #remember(key: string, revision: Revision, value: string | undefined): void {
    assert.ok(revision > this.latest, 'revisions grow')
    this.#versions.push({ key, revision, value })
    this.latest = toRevision(revision)
  }
}

/** A cache event in the model's words; checks that its JSON carries its own revision. */
export function toModelEvent(event: CacheEvent): ModelEvent {
  assert.equal(event.entry.revision, event.revision)
  assert.equal(versionOf(event.entry), String(event.revision))
  const previousData = event.previous === undefined ? undefined : dataOf(event.previous.json.toString())
  const data = dataOf(event.entry.json.toString())
  return { type: event.type, key: event.entry.key, revision: event.revision, data, previousData }
}

export function versionOf(entry: CacheEntry): string {
  return JSON.parse(entry.json.toString()).metadata.resourceVersion
}

function dataOf(value: string): string {
  return JSON.parse(value).spec.data ?? ''
}
