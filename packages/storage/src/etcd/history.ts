// What became of a write whose answer was lost: the key's history tells.
import { setTimeout as delay } from 'node:timers/promises'
import { prefixEnd } from '../prefix.ts'
import type { StorageEvent, StorageKey } from '../storage.ts'
import type { Pool } from './pool.ts'
import { WatchStream } from './watch-stream.ts'

/**
 * The changes of one key after `after`, in order, until `enough` says so (asked for each). undefined when they cannot be
 * had: compacted, or no answer in time.
 */
export async function changesOf(
  pool: Pool,
  key: StorageKey,
  after: number,
  enough: (event: StorageEvent) => boolean,
): Promise<StorageEvent[] | undefined> {
  const deadline = performance.now() + HISTORY_TIMEOUT_MS
  while (performance.now() < deadline && !pool.closed) {
    const changes = await readOnce(pool, key, after, enough, deadline)
    if (changes !== 'lost') return changes
    await delay(RETRY_DELAY_MS)
  }
  return undefined
}

const RETRY_DELAY_MS = 30
/** It is asked after a transaction that may have taken all of its own time. */
const HISTORY_TIMEOUT_MS = 750

async function readOnce(
  pool: Pool,
  key: StorageKey,
  after: number,
  enough: (event: StorageEvent) => boolean,
  deadline: number,
): Promise<StorageEvent[] | undefined | 'lost'> {
  let stream: WatchStream | undefined
  const timer = setTimeout(() => stream?.close(), Math.max(1, deadline - performance.now()))
  const changes: StorageEvent[] = []
  try {
    const range = { key: Buffer.from(key), end: prefixEnd(key) ?? Buffer.from([0]) }
    stream = new WatchStream(await pool.acquire(deadline), { ...range, startRevision: after + 1, withPrevious: false })
    for await (const responses of stream.responses()) {
      for (const response of responses) {
        if (response.canceled) return undefined
        for (const event of response.events) {
          if (event.key !== key) continue
          changes.push(event)
          if (enough(event)) return changes
        }
      }
    }
    return 'lost'
  } catch {
    return 'lost' // The caller asks again until time is up; then the outcome stays unknown, which is what it says.
  } finally {
    clearTimeout(timer)
    stream?.close()
  }
}
