// Follows a collection as client-go's Reflector does: list once, watch from the list's revision, resume at the last revision
// seen when the watch ends, list again only when the server says that the revision is gone (410).
//
//   list ──► watch(rv) ──event──► rv = event's revision ──┐
//     ▲         │  ▲───────────────────────────────────────┘
//     │        end of stream, cut connection: watch(rv) again (backoff only when no connection could be made or on 429/5xx)
//     └──410────┘
import { StatusError } from '@keelson/apimachinery'
import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient, ListAnswer, WatchEvent } from './client.ts'
import { ConnectionError } from './transport.ts'

export interface ReflectorHandlers {
  /** A list was made: the first one, or a relist after 410. */
  onList(list: ListAnswer): void
  onEvents(events: readonly WatchEvent[]): void
  /** A watch is about to be opened from this revision. */
  onWatch?(resourceVersion: string): void
  onGone?(): void
  onError?(error: unknown): void
}

// client-go's reflector backoff: 800 ms, doubled to 30 s, with up to 100 % of jitter.
const BACKOFF_MS = { first: 800, most: 30_000 }

/** Runs until `signal` aborts. `path` is the collection, with selectors in its query when wanted. */
export async function runReflector(
  client: KubeClient,
  path: string,
  handlers: ReflectorHandlers,
  signal: AbortSignal,
): Promise<void> {
  const separator = path.includes('?') ? '&' : '?'
  let resourceVersion: string | undefined
  let backoffMs = BACKOFF_MS.first
  let openedAt = 0
  let sawEvents = false
  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) {
        const list = await client.list(path, signal)
        resourceVersion = list.metadata.resourceVersion
        handlers.onList(list)
      }
      handlers.onWatch?.(resourceVersion)
      openedAt = performance.now()
      sawEvents = false
      const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${300 + Math.floor(Math.random() * 300)}&resourceVersion=${resourceVersion}`
      for await (const events of client.watch(`${path}${separator}${query}`, signal)) {
        backoffMs = BACKOFF_MS.first
        sawEvents = true
        const last = events.at(-1)
        if (last?.type === 'ERROR') throw errorOf(last)
        resourceVersion = last?.object.metadata.resourceVersion ?? resourceVersion
        handlers.onEvents(events)
      }
    } catch (error) {
      if (signal.aborted) return
      handlers.onError?.(error)
      if (error instanceof StatusError && error.code === 410) {
        handlers.onGone?.()
        resourceVersion = undefined
        continue
      }
      // A watch that lived is opened again at once; one that was cut at birth waits, or a dying server would be hammered.
      const lived = sawEvents || performance.now() - openedAt > 1000
      if (error instanceof ConnectionError && error.sent && lived) continue
      await delay(backoffMs * (1 + Math.random()), undefined, { signal }).catch(() => {})
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most)
    }
  }
}

function errorOf({ object }: WatchEvent): StatusError {
  const { code, reason, message } = object as unknown as { code?: number; reason?: string; message?: string } // A Status.
  return new StatusError(code ?? 500, reason ?? 'Unknown', message ?? 'the watch ended with an error')
}
