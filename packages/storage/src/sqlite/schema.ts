// The tables of the revision log, and how a database is opened.
//
//   log      every change, in order. id = revision * CHANGES_PER_REVISION + place within the revision (several places
//            only when a lease with many keys expires), so one B-tree serves "after revision R" and "at revision R".
//   current  the newest change of each live key: what get, list and the guards of writes read.
//   lease    when each lease ends; current.lease says which keys it takes with it.
//   meta     the store's identity and how far the log is compacted.
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { StorageUnavailable } from '../storage.ts'

/** More than MAX_KEYS_PER_LEASE; 2^53 / 4096 leaves 2 * 10^12 revisions. */
export const CHANGES_PER_REVISION = 4096

/** log.kind */
export const KIND = { put: 0, create: 1, delete: 2 } as const

/** A new store is at revision 1, as a new etcd is. */
export const FIRST_REVISION = 1

const TABLES = `
  CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind INTEGER NOT NULL, value BLOB);
  CREATE INDEX IF NOT EXISTS log_by_key ON log (key);
  CREATE TABLE IF NOT EXISTS current (key TEXT PRIMARY KEY, id INTEGER NOT NULL, lease INTEGER) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS current_by_lease ON current (lease) WHERE lease IS NOT NULL;
  CREATE TABLE IF NOT EXISTS lease (id INTEGER PRIMARY KEY, expires_at_ms INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`

/**
 * Opens (or makes) the database. One process holds a file at a time: revisions are counted in memory.
 * A kill of the process loses nothing that was answered; a power cut may lose the last commits (WAL, synchronous NORMAL),
 * never the consistency.
 */
export function openDatabase(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file)
    if (file !== ':memory:') {
      // EXCLUSIVE before WAL: the write-ahead log then needs no shared memory file, and a second process is refused.
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    }
    database.exec(`PRAGMA cache_size = -16000; BEGIN IMMEDIATE; ${TABLES} COMMIT`)
    return database
  } catch (error) {
    throw new StorageUnavailable(`cannot open the database ${file}: ${String(error)}`, { cause: error })
  }
}

/** The store's identity, made with the database. */
export function readIdentity(database: DatabaseSync): string {
  database
    .prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('identity', ?)")
    .run(`sqlite-${randomBytes(8).toString('hex')}`)
  return String(database.prepare("SELECT value FROM meta WHERE name = 'identity'").get()?.['value'])
}

/** The last revision in the log. Compaction never removes the newest change, so this survives a restart. */
export function readHead(database: DatabaseSync): number {
  const last = Number(database.prepare('SELECT max(id) AS id FROM log').get()?.['id'] ?? 0)
  return Math.max(FIRST_REVISION, Math.floor(last / CHANGES_PER_REVISION))
}

/** Everything before this revision may be gone. 0: nothing is. */
export function readCompactRevision(database: DatabaseSync): number {
  return Number(database.prepare("SELECT value FROM meta WHERE name = 'compactRevision'").get()?.['value'] ?? 0)
}

export function saveCompactRevision(database: DatabaseSync, revision: number): void {
  database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('compactRevision', ?)").run(String(revision))
}
