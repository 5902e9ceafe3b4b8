// The reads of the revision log: one key, a page of a prefix (now or at a revision), and the changes after a revision.
import { Buffer } from 'node:buffer'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type ListOptions, type StorageEvent, type StorageKey, type StoredObject } from '../storage.ts'
import { toRevision, toStorageKey } from '../storage.ts'
import { CHANGES_PER_REVISION, KIND } from './schema.ts'

/** A page ends after this many bytes of values: about 2 ms of reading. */
const PAGE_BYTES = 4 * 1024 * 1024
/** Changes looked at in one go by a watch, its own and others'. */
const CHANGES_PER_STEP = 1000

/** Sorts after every key that begins with the prefix it is put behind. */
const LAST_CHARACTER = '\u{10ffff}'

type Row = Record<string, unknown>

export interface Page {
  readonly items: StoredObject[]
  readonly more: boolean
}

export interface Changes {
  readonly events: StorageEvent[]
  /** All changes of the prefix up to this revision are in `events`. */
  readonly upTo: number
}

export class LogReader {
  readonly #get: StatementSync
  readonly #listNow: StatementSync
  readonly #listAt: StatementSync
  readonly #countNow: StatementSync
  readonly #changes: StatementSync
  readonly #previous: StatementSync

  constructor(database: DatabaseSync) {
    this.#get = database.prepare('SELECT l.key, l.id, l.value FROM current c JOIN log l ON l.id = c.id WHERE c.key = ?')
    this.#listNow = database.prepare(
      `SELECT l.key, l.id, l.value FROM current c JOIN log l ON l.id = c.id
       WHERE c.key >= ? AND c.key > ? AND c.key < ? ORDER BY c.key LIMIT ?`,
    )
    this.#listAt = database.prepare(
      `SELECT l.key, l.id, l.value
       FROM (SELECT key, max(id) AS id FROM log WHERE key >= ? AND key > ? AND key < ? AND id < ? GROUP BY key) newest
       JOIN log l ON l.id = newest.id WHERE l.kind <> ${KIND.delete} ORDER BY newest.key LIMIT ?`,
    )
    this.#countNow = database.prepare('SELECT count(*) AS n FROM current WHERE key > ? AND key < ?')
    this.#changes = database.prepare('SELECT id, key, kind, value FROM log WHERE id >= ? AND id < ? ORDER BY id')
    this.#previous = database.prepare(
      'SELECT key, id, kind, value FROM log WHERE key = ? AND id < ? ORDER BY id DESC LIMIT 1',
    )
  }

  get(key: StorageKey): StoredObject | undefined {
    const row = this.#get.get(key)
    return row === undefined ? undefined : toObject(row)
  }

  /** `at` undefined: what is here now. */
  page(prefix: string, options: ListOptions): Page {
    const limit = options.limit !== undefined && options.limit > 0 ? options.limit : Number.MAX_SAFE_INTEGER - 1
    const after = options.after ?? ''
    const end = prefix + LAST_CHARACTER
    // One row more than the limit tells whether there is more.
    const rows =
      options.at === undefined
        ? this.#listNow.iterate(prefix, after, end, limit + 1)
        : this.#listAt.iterate(prefix, after, end, (options.at + 1) * CHANGES_PER_REVISION, limit + 1)
    const items: StoredObject[] = []
    let bytes = 0
    for (const row of rows) {
      if (items.length === limit || bytes > PAGE_BYTES) return { items, more: true }
      const item = toObject(row)
      bytes += item.value.length
      items.push(options.keysOnly === true ? { ...item, value: Buffer.alloc(0) } : item)
    }
    return { items, more: false }
  }

  /** Live keys of the prefix after this one. */
  countAfter(prefix: string, after: StorageKey): number {
    return Number(this.#countNow.get(after, prefix + LAST_CHARACTER)?.['n'])
  }

  /** The next changes after revision `after`, up to revision `head` at most, in whole revisions. */
  changesAfter(prefix: string, after: number, head: number, withPrevious: boolean): Changes {
    const first = (after + 1) * CHANGES_PER_REVISION
    const events: StorageEvent[] = []
    let seen = 0
    let bytes = 0
    let revision = after
    for (const row of this.#changes.iterate(first, (head + 1) * CHANGES_PER_REVISION)) {
      const rowRevision = revisionOf(row)
      if (rowRevision !== revision && (seen >= CHANGES_PER_STEP || bytes > PAGE_BYTES))
        return { events, upTo: revision }
      revision = rowRevision
      seen++
      const key = String(row['key'])
      if (!key.startsWith(prefix)) continue
      const event = this.#toEvent(row, withPrevious)
      bytes += event.value?.length ?? 0
      events.push(event)
    }
    return { events, upTo: head }
  }

  #toEvent(row: Row, withPrevious: boolean): StorageEvent {
    const previous = withPrevious ? this.#previous.get(String(row['key']), Number(row['id'])) : undefined
    return {
      type: row['kind'] === KIND.delete ? 'delete' : 'put',
      key: toStorageKey(String(row['key'])),
      revision: toRevision(revisionOf(row)),
      value: row['kind'] === KIND.delete ? undefined : toBuffer(row['value']),
      isCreate: row['kind'] === KIND.create,
      previous: previous === undefined || previous['kind'] === KIND.delete ? undefined : toObject(previous),
    }
  }
}

function revisionOf(row: Row): number {
  return Math.floor(Number(row['id']) / CHANGES_PER_REVISION)
}

function toObject(row: Row): StoredObject {
  return {
    key: toStorageKey(String(row['key'])),
    value: toBuffer(row['value']),
    modRevision: toRevision(revisionOf(row)),
  }
}

/** SQLite may give an empty value back as null. */
function toBuffer(value: unknown): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.alloc(0)
}
