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
          for (const response of responses) {
            if (response.canceled) {
              if (response.compactRevision > 0) {
                yield { type: 'compacted', compactRevision: toRevision(response.compactRevision) }
                return
              }
              throw new Error(`etcd cancelled the watch: ${response.cancelReason}`)
            }
            const message = position.advance(response, trusted)
            if (message !== undefined) yield message
          }
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
      settings.logger?.warn({ prefix, upTo: position.upTo, error: reason }, 'etcd watch is interrupted, resuming')
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

  /** What can be told to the reader now. */
  advance(response: WatchResponse, progressIsReliable: boolean): WatchMessage | undefined {
    if (response.events.length > 0) return this.#addEvents(response.events, response.fragment)
    if (response.created || !progressIsReliable || response.revision <= this.upTo) return undefined
    this.upTo = response.revision
    return { type: 'progress', upTo: toRevision(this.upTo) }
  }

  forgetHeld(): void {
    this.#held = []
  }

  #addEvents(events: readonly StorageEvent[], isFragment: boolean): WatchMessage | undefined {
    const all = this.#held.length === 0 ? events : [...this.#held, ...events]
    const last = all.at(-1)?.revision ?? 0
    const complete = isFragment ? all.filter((event) => event.revision < last) : all
    this.#held = isFragment ? all.filter((event) => event.revision === last) : []
    const upTo = complete.at(-1)?.revision
    if (upTo === undefined) return undefined
    this.upTo = upTo
    // Also drops what lies outside the prefix when the whole keyspace is watched.
    const ours = complete.filter((event) => event.key.startsWith(this.#prefix))
    return ours.length > 0 ? { type: 'events', events: ours, upTo } : { type: 'progress', upTo }
  }
}
