// The endless watch: one WatchStream after another, resumed where the last complete revision ended.
//
// What is complete: etcd sends the events of one revision in one message, and revisions in order; a message may come in
// fragments. So of a fragment the events of its last revision are held back until the next one; of a whole message
// everything is complete. A lost connection forgets what was held back: the resume sends it again, from the revision
// after the last one that was announced. A response's header tells the store's revision, not how far the watch is: only
// an empty response (progress) says that.
import { setTimeout as delay } from 'node:timers/promises'
import { type StorageEvent, type WatchMessage, toRevision } from '../storage.ts'
import { prefixEnd } from '../prefix.ts'
import { ZERO_BYTE } from './messages.ts'
import { type Logger, type Pool } from './pool.ts'
import type { WatchResponse } from './watch-messages.ts'
import { WatchStream } from './watch-stream.ts'

export interface WatchSettings {
  readonly pool: Pool
  readonly logger: Logger | undefined
  /** What is asked of etcd: all keys (then every revision is seen as an event), or only the prefix. */
  readonly scope: () => 'keyspace' | 'prefix'
  /** etcd does not let us watch everything: from now on only prefixes. */
  readonly restrictScope: () => void
  /** Progress requests are made, and their answers can be trusted (etcd#15220). */
  readonly progressIsReliable: () => Promise<boolean>
  /** The open streams, for requestProgress(). */
  readonly streams: Set<WatchStream>
}

const RETRY_DELAY_MS = 50
const MAX_RETRY_DELAY_MS = 1000

export async function* watch(
  settings: WatchSettings,
  prefix: string,
  after: number,
  withPrevious: boolean,
  signal: AbortSignal,
): AsyncIterable<WatchMessage> {
  const position = new WatchPosition(prefix, after)
  let failures = 0
  while (!signal.aborted) {
    let stream: WatchStream | undefined
    try {
      const connection = await settings.pool.acquire()
      stream = new WatchStream(connection, {
        ...range(settings, prefix),
        startRevision: position.upTo + 1,
        withPrevious,
      })
      settings.streams.add(stream)
      const trusted = await settings.progressIsReliable()
      const close = stream.close.bind(stream)
      signal.addEventListener('abort', close)
      try {
        if (signal.aborted) return
        for await (const responses of stream.responses()) {
          failures = 0
          const message = position.advance(responses, trusted)
          if (message !== undefined) yield message
          const cancelled = responses.at(-1)
          if (cancelled?.canceled !== true) continue
          if (cancelled.compactRevision === 0) throw new Error(`etcd cancelled the watch: ${cancelled.cancelReason}`)
          yield { type: 'compacted', compactRevision: toRevision(cancelled.compactRevision) }
          return
        }
      } finally {
        signal.removeEventListener('abort', close)
      }
      settings.pool.avoid(connection)
      throw new Error('etcd ended the watch')
    } catch (error) {
      if (signal.aborted || settings.pool.closed) return
      const reason = error instanceof Error ? error.message : String(error)
      if (settings.scope() === 'keyspace' && /permission denied/.test(reason)) settings.restrictScope()
      // Once an outage: the pool tells of the members.
      if (failures === 0) {
        settings.logger?.warn({ prefix, upTo: position.upTo, error: reason }, 'etcd watch is interrupted, resuming')
      }
      position.forgetHeld()
    } finally {
      if (stream !== undefined) {
        settings.streams.delete(stream)
        stream.close()
      }
    }
    if (failures++ > 0)
      await delay(Math.min(MAX_RETRY_DELAY_MS, RETRY_DELAY_MS * failures), undefined, { signal }).catch(() => undefined)
  }
}

function range(settings: WatchSettings, prefix: string): { key: Buffer; end: Buffer } {
  const end = settings.scope() === 'keyspace' ? undefined : prefixEnd(prefix)
  return end === undefined ? { key: ZERO_BYTE, end: ZERO_BYTE } : { key: Buffer.from(prefix), end }
}

/** How far a watch has come, and what of the newest revision is still held back. */
class WatchPosition {
  upTo: number
  readonly #prefix: string
  #held: StorageEvent[] = []

  constructor(prefix: string, after: number) {
    this.#prefix = prefix
    this.upTo = after
  }

  /** What can be told to the reader now: one message for all responses that arrived together. */
  advance(responses: readonly WatchResponse[], progressIsReliable: boolean): WatchMessage | undefined {
    const before = this.upTo
    const events: StorageEvent[] = []
    for (const response of responses) {
      if (response.events.length > 0) this.#addEvents(response, events)
      else if (progressIsReliable && isProgress(response) && response.revision > this.upTo)
        this.upTo = response.revision
    }
    if (this.upTo === before) return undefined
    const upTo = toRevision(this.upTo)
    return events.length > 0 ? { type: 'events', events, upTo } : { type: 'progress', upTo }
  }

  forgetHeld(): void {
    this.#held = []
  }

  /** Adds those events to `complete` whose revision is complete, and moves on. */
  #addEvents(response: WatchResponse, complete: StorageEvent[]): void {
    const events = this.#held.length === 0 ? response.events : [...this.#held, ...response.events]
    const last = events.at(-1)?.revision ?? 0
    this.#held = response.fragment ? events.filter((event) => event.revision === last) : []
    const count = events.length - this.#held.length
    for (let index = 0; index < count; index++) {
      const event = events[index]
      if (event === undefined) break
      this.upTo = event.revision
      // Only when the whole keyspace is watched are there others.
      if (event.key.startsWith(this.#prefix)) complete.push(event)
    }
  }
}

function isProgress(response: WatchResponse): boolean {
  return !response.created && !response.canceled
}
