// Compaction: old changes leave the log in slices, with a turn of the event loop between two, so that no request waits
// for more than one slice (about 2 ms).
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DatabaseSync } from 'node:sqlite'
import { CHANGES_PER_REVISION, KIND } from './schema.ts'

const ROWS_PER_SLICE = 500

/**
 * Removes what no read at `revision` or later needs: changes that have a newer one up to `revision`, and deletions
 * before it. Goes upwards, so a key's old values go before its deletion does. Stops between two slices when `signal` aborts.
 */
export async function compactLog(database: DatabaseSync, revision: number, signal: AbortSignal): Promise<void> {
  const end = (revision + 1) * CHANGES_PER_REVISION
  const sliceEnd = database.prepare('SELECT id FROM log WHERE id > ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?')
  const removeSlice = database.prepare(
    `DELETE FROM log WHERE id > ? AND id <= ? AND (
       (kind = ${KIND.delete} AND id < ?)
       OR EXISTS (SELECT 1 FROM log newer WHERE newer.key = log.key AND newer.id > log.id AND newer.id < ?))`,
  )
  let from = -1
  while (!signal.aborted && from < end) {
    const last = sliceEnd.get(from, end, ROWS_PER_SLICE - 1)?.['id']
    const to = last === undefined ? end - 1 : Number(last)
    removeSlice.run(from, to, revision * CHANGES_PER_REVISION, end)
    from = last === undefined ? end : to
    await nextTurn()
  }
}
