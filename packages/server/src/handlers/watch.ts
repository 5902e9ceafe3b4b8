// WATCH: from a revision, from now, or from the state as it is (KEP-3157). Answers the headers, hands the stream to the watch
// groups, and is done; the stream lives on without it.
import { type FieldSelector, fieldSelectorOf, StatusError, tooLargeResourceVersion } from '@keelson/apimachinery'
import type { CacheEntry, Freshness, ResourceCache, Revision, WatchCache } from '@keelson/storage'
import type { RequestContext, ResponseStream } from '../context.ts'
import type { ResourceRegistry } from '../registry/types.ts'
import { representationOf } from '../representation/representation.ts'
import { plainFailure, respondStatus, toStatusError } from '../representation/status.ts'
import { EventFilter } from '../watch/event-filter.ts'
import { type EventEncoder, eventEncoder } from '../watch/event-lines.ts'
import { historyExpired } from '../watch/expired.ts'
import { endWithBookmark, type WatchService } from '../watch/watch-service.ts'
import { Watcher } from '../watch/watcher.ts'
import { InvalidResourceVersion, type ListOptions, parseListOptions, parseResourceVersion } from './list-options.ts'

export interface WatchDependencies {
  readonly cache: WatchCache
  readonly watches: WatchService
  /** Watches without timeoutSeconds last between this and twice this. */
  readonly minRequestTimeoutMs: number
}

/** A watch that ends by its own timeout soon after it began gets no bookmark for it, as upstream. */
const BOOKMARK_BEFORE_TIMEOUT_MS = 2_000

export function watchHandler(
  dependencies: WatchDependencies,
): (context: RequestContext, registry: ResourceRegistry) => Promise<void> {
  return async (context, registry) => {
    const representation = representationOf(context, registry.definition, 'watch')
    const options = parseListOptions(context.query, registry, true)
    const revision = startRevision(context, options)
    if (revision === 'invalid') return
    const namespace = registry.definition.namespaced ? context.info.namespace : ''
    const filter = new EventFilter(namespace, options.labelSelector, selectorOf(context, options))
    await registry.cache.whenFilled(context.signal)

    const start = await findStart(context, registry.cache, dependencies.cache, options, filter, revision)
    if (context.finished) return
    const events = eventEncoder(registry, representation)
    const stream = context.startStream(200, events.contentType)
    if (representation.impossible) return stream.end()
    if (start instanceof StatusError) return stream.end(events.error(start.status))
    const lifetimeMs = timeoutMs(options, dependencies)
    if (start.revision > dependencies.cache.revision) {
      const arrived = await waitForRevision(dependencies.cache, start.revision, context, stream, events, lifetimeMs)
      if (!arrived) return
    }
    const place = await placeOf(registry.cache, start.revision, context)
    if (context.finished) return
    if (place.outcome === 'gone') return stream.end(events.error(historyExpired(registry.cache, start.revision).status))
    const watches = dependencies.watches.of(registry.cache)
    const watcher = new Watcher(watches, watches.group(registry, filter, events), stream, {
      allowBookmarks: options.allowWatchBookmarks,
      initial: start.initial,
      bookmarkAfterInitial: options.sendInitialEvents === true && options.allowWatchBookmarks,
      initialRevision: start.revision,
      cursor: place.cursor,
    })
    watches.add(watcher)
    const timer = setTimeout(() => {
      if (lifetimeMs > BOOKMARK_BEFORE_TIMEOUT_MS) endWithBookmark(watches, watcher)
      else watcher.end()
    }, lifetimeMs)
    timer.unref()
    stream.onClose(() => clearTimeout(timer))
  }
}

/** The old way to watch one object, `/watch/…/{name}`, is a selector of its name. */
function selectorOf({ info }: RequestContext, { fieldSelector }: ListOptions): FieldSelector {
  if (info.name === '' || fieldSelector.requiresExactMatch('metadata.name') === info.name) return fieldSelector
  return fieldSelectorOf([...fieldSelector.requirements, { field: 'metadata.name', operator: '=', value: info.name }])
}

/** Events follow from `revision` on, after the objects of `initial` (when the watch begins with the state). */
interface Start {
  readonly revision: Revision
  readonly initial: readonly CacheEntry[] | undefined
}

/**
 * Without a revision (or with 0) a watch begins with the state, unless sendInitialEvents says otherwise; with one it begins
 * with the events after it, unless sendInitialEvents asks for the state. A StatusError is for an ERROR event.
 */
async function findStart(
  context: RequestContext,
  cache: ResourceCache,
  watchCache: WatchCache,
  options: ListOptions,
  filter: EventFilter,
  revision: Revision | undefined,
): Promise<Start | StatusError> {
  const consistent = options.resourceVersion === ''
  const wantsState = options.sendInitialEvents ?? revision === undefined
  if (!wantsState) {
    return {
      revision: revision ?? (consistent ? await watchCache.consistentRevision() : cache.revision),
      initial: undefined,
    }
  }
  const freshness: Freshness =
    revision !== undefined ? { kind: 'atLeast', revision } : { kind: consistent ? 'consistent' : 'any' }
  const { namespace, labelSelector, fieldSelector } = filter
  const listing = await cache.list({ freshness, namespace, labelSelector, fieldSelector }, context.signal)
  switch (listing.outcome) {
    case 'listed':
      return { revision: listing.revision, initial: listing.entries }
    case 'tooLarge':
      return tooLargeResourceVersion(revision ?? listing.current, listing.current)
    case 'gone':
      return historyExpired(cache, revision)
  }
}

/** Soon after a start more of the history may still be on its way. */
async function placeOf(
  cache: ResourceCache,
  revision: Revision,
  { signal }: RequestContext,
): Promise<ReturnType<ResourceCache['seek']>> {
  const place = cache.seek(revision)
  if (place.outcome === 'found') return place
  await cache.whenBackfilled(signal)
  return cache.seek(revision)
}

/** Waits as long as the watch would have lasted. False: it is over. */
async function waitForRevision(
  cache: WatchCache,
  revision: Revision,
  context: RequestContext,
  stream: ResponseStream,
  events: EventEncoder,
  lifetimeMs: number,
): Promise<boolean> {
  try {
    if (await cache.waitFor(revision, lifetimeMs, context.signal)) return !stream.closed
    stream.end()
  } catch (error) {
    stream.end(events.error(toStatusError(error).status.status))
  }
  return false
}

function startRevision(context: RequestContext, { resourceVersion }: ListOptions): Revision | undefined | 'invalid' {
  try {
    return parseResourceVersion(resourceVersion)
  } catch (error) {
    if (!(error instanceof InvalidResourceVersion)) throw error
    respondStatus(context, plainFailure(error.message))
    return 'invalid'
  }
}

function timeoutMs({ timeoutSeconds }: ListOptions, { minRequestTimeoutMs }: WatchDependencies): number {
  if (timeoutSeconds > 0) return Math.min(timeoutSeconds * 1000, MAX_TIMER_MS)
  return Math.round((minRequestTimeoutMs * (1 + Math.random())) / 1000) * 1000
}

/** What a timer can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1
