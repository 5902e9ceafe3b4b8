// A watcher: a reflector that writes down every event, and how long the longest silence was.
import type { KubeObject } from '@keelson/apimachinery'
import { type KubeClient, runReflector, type WatchEvent } from '@keelson/client'
import type { History, ObservedEvent, WatchSegment } from './history.ts'

export interface Watcher {
  readonly name: string
  /** Revision of the newest event or bookmark. */
  readonly revision: number
  /** Longest time between two events since resetGap(), the running silence included, in ms. */
  longestGapMs(): number
  resetGap(): void
  /** Rejects only on a bug of ours. */
  readonly finished: Promise<void>
}

export function startWatcher(
  client: KubeClient,
  history: History,
  collection: string,
  name: string,
  signal: AbortSignal,
): Watcher {
  let segment: WatchSegment | undefined
  let lastEventMs = performance.now()
  let longestMs = 0
  let watches = 0
  const finished = runReflector(
    client,
    collection,
    {
      onList(list) {
        history.relists++
        const from = Number(list.metadata.resourceVersion)
        segment = { watcher: name, from, upTo: from, revisions: [] }
        history.segments.push(segment)
      },
      onWatch: () => {
        if (watches++ > 0) history.reconnects++
      },
      onEvents(events) {
        if (segment === undefined) throw new Error(`${name}: events before a list`)
        const nowMs = performance.now()
        longestMs = Math.max(longestMs, nowMs - lastEventMs)
        lastEventMs = nowMs
        for (const event of events) {
          if (event.type === 'BOOKMARK')
            segment.upTo = Math.max(segment.upTo, Number(event.object.metadata.resourceVersion))
          else history.observe(segment, observed(event))
        }
      },
      onGone: () => history.gone++,
      onError: (error) => history.failed(`watch of ${name}`, error),
    },
    signal,
  )
  return {
    name,
    get revision() {
      return segment?.upTo ?? 0
    },
    longestGapMs: () => Math.max(longestMs, performance.now() - lastEventMs),
    resetGap() {
      longestMs = 0
      lastEventMs = performance.now()
    },
    finished,
  }
}

function observed({ type, object }: WatchEvent): ObservedEvent {
  const { op = '', count } = (object.data ?? {}) as Record<string, string> // The workload's own objects: data holds strings.
  if (type === 'BOOKMARK' || type === 'ERROR') throw new Error(`not an object event: ${type}`)
  return {
    revision: Number(object.metadata.resourceVersion),
    type,
    key: nameOf(object),
    op,
    count: type === 'DELETED' || count === undefined ? undefined : Number(count),
  }
}

const nameOf = (object: KubeObject): string => object.metadata.name ?? ''
