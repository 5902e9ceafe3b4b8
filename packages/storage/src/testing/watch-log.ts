// A watch as its reader sees it, with every promise of the contract checked at each message: ordered, unique, atomic
// (a revision is announced only when it is complete) and never back in time.
import assert from 'node:assert/strict'
import type { Revision, Storage, StorageEvent, WatchMessage } from '../storage.ts'

export class WatchLog {
  readonly events: StorageEvent[] = []
  readonly prefix: string
  upTo: Revision
  compactedAt: Revision | undefined

  constructor(prefix: string, after: Revision) {
    this.prefix = prefix
    this.upTo = after
  }

  add(message: WatchMessage): void {
    assert.equal(this.compactedAt, undefined, 'nothing follows a compacted message')
    if (message.type === 'compacted') {
      this.compactedAt = message.compactRevision
      return
    }
    assert.ok(message.upTo >= this.upTo, `upTo went back from ${this.upTo} to ${message.upTo}`)
    if (message.type === 'events') this.#addEvents(message.events, message.upTo)
    this.upTo = message.upTo
  }

  #addEvents(events: readonly StorageEvent[], upTo: Revision): void {
    assert.ok(events.length > 0, 'an events message has events')
    const seen = new Set<string>()
    let last: number = this.upTo
    for (const event of events) {
      assert.ok(event.key.startsWith(this.prefix), `${event.key} is not under ${this.prefix}`)
      assert.ok(
        event.revision > this.upTo,
        `revision ${event.revision} was announced as complete (${this.upTo}) before`,
      )
      assert.ok(event.revision >= last, `revision ${event.revision} came after ${last}`)
      assert.ok(!seen.has(`${event.revision} ${event.key}`), `${event.key} at ${event.revision} came twice`)
      seen.add(`${event.revision} ${event.key}`)
      last = event.revision
      this.events.push(event)
    }
    assert.ok(upTo >= last, `upTo ${upTo} is before its own event ${last}`)
  }
}

export interface WatchUntil {
  readonly withPrevious?: boolean
  /** Fails the test when the condition has not come true by then. */
  readonly timeoutMs?: number
  readonly onMessage?: (message: WatchMessage, log: WatchLog) => void
}

/** Watches until `done` says so (asked after each message), or until the watch ends. */
export async function watchUntil(
  storage: Storage,
  prefix: string,
  after: Revision,
  done: (log: WatchLog) => boolean,
  options: WatchUntil = {},
): Promise<WatchLog> {
  const log = new WatchLog(prefix, after)
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(new Error('timeout')), options.timeoutMs ?? 15_000)
  try {
    for await (const message of storage.watch(prefix, after, ended.signal, {
      withPrevious: options.withPrevious === true,
    })) {
      log.add(message)
      options.onMessage?.(message, log)
      if (done(log)) return log
    }
  } finally {
    clearTimeout(timer)
    ended.abort()
  }
  if (log.compactedAt === undefined) assert.fail(`the watch ended at ${log.upTo} with ${log.events.length} events`)
  return log
}

/** Watches from `after` until everything up to `revision` is announced, asking for progress meanwhile. */
export async function watchTo(
  storage: Storage,
  prefix: string,
  after: Revision,
  revision: Revision,
  options: WatchUntil = {},
) {
  if (after >= revision) return new WatchLog(prefix, after)
  const asking = setInterval(() => storage.requestProgress(), 20)
  try {
    return await watchUntil(storage, prefix, after, (log) => log.upTo >= revision, options)
  } finally {
    clearInterval(asking)
  }
}
