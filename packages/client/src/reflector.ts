// Follows a collection as client-go's Reflector does: list once, watch from the list's revision, resume at the last revision
// seen when the watch ends, list again only when the server says that the revision is gone (410).
//
//   list ──► watch(rv) ──event──► rv = event's revision ──┐
//     ▲         │  ▲───────────────────────────────────────┘
//     │        end of stream, cut connection: watch(rv) again (backoff only when no connection could be made or on 429/5xx)
//     └──410────┘
//
// With `watchList` the list is a watch too (KEP-3157): the objects come one by one until the bookmark that ends them, and the
// same stream goes on. A server that does not know it (400, 422) is asked for a list from then on.
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { setTimeout as delay } from 'node:timers/promises'
import { Backoff } from './backoff.ts'
import { type KubeClient, type ListAnswer, type WatchEvent, listOf, statusErrorOf } from './client.ts'
import { ConnectionError } from './transport.ts'

export interface ReflectorHandlers {
  /** All objects as they were at one revision: at first, and after 410. Events wait until it resolves. */
  onList(list: ListAnswer): void | Promise<void>
  onEvents(events: readonly WatchEvent[]): void
  /** A watch is about to be opened from this revision; '' for one that begins with the list. */
  onWatch?(resourceVersion: string): void
  onGone?(): void
  onError?(error: unknown): void
}

export interface ReflectorOptions {
  readonly watchList?: boolean
  /** Objects come as PartialObjectMetadata. */
  readonly metadata?: boolean
  /** What is kept of an object of a list before the next is read: a list is never in memory as a whole. */
  readonly transform?: (object: KubeObject) => KubeObject
}

// client-go's reflector backoff: 800 ms, doubled to 30 s, with up to 100 % of jitter.
const BACKOFF = { firstMs: 800, mostMs: 30_000, jitter: 1 }
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'
/** A server that does not know streamed lists; 500, in an event, when its etcd is too old for them (3.4.24 and below). */
const NO_WATCH_LIST: ReadonlySet<number> = new Set([400, 422, 500])
/** A watch that lived this long is opened again at once when its connection is cut. */
const LIVED_MS = 1000

/** Runs until `signal` aborts. `path` is the collection, with selectors in its query when wanted. */
export async function runReflector(
  client: KubeClient,
  path: string,
  handlers: ReflectorHandlers,
  signal: AbortSignal,
  options: ReflectorOptions = {},
): Promise<void> {
  await new Reflector(client, path, handlers, signal, options).run()
}

class Reflector {
  readonly #client: KubeClient
  readonly #path: string
  readonly #handlers: ReflectorHandlers
  readonly #signal: AbortSignal
  readonly #options: ReflectorOptions
  readonly #backoff = new Backoff(BACKOFF)
  #usesWatchList: boolean
  /** Undefined: a list is due. */
  #resourceVersion: string | undefined
  #openedAtMs = 0
  #sawEvents = false

  constructor(
    client: KubeClient,
    path: string,
    handlers: ReflectorHandlers,
    signal: AbortSignal,
    options: ReflectorOptions,
  ) {
    this.#client = client
    this.#path = path
    this.#handlers = handlers
    this.#signal = signal
    this.#options = options
    this.#usesWatchList = options.watchList === true
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        this.#sawEvents = false
        if (this.#resourceVersion !== undefined) await this.#watch(this.#resourceVersion)
        else if (this.#usesWatchList) await this.#listByWatch()
        else await this.#list()
      } catch (error) {
        if (this.#signal.aborted) return
        await this.#afterFailure(error)
      }
    }
  }

  async #list(): Promise<void> {
    const { metadata, transform } = this.#options
    const request = { signal: this.#signal, ...(metadata === true && { accept: METADATA_LIST }) }
    const list = listOf(await this.#client.request('GET', this.#path, request))
    await this.#handlers.onList(transform === undefined ? list : { ...list, items: list.items.map(transform) })
    this.#resourceVersion = list.metadata.resourceVersion
  }

  async #watch(resourceVersion: string): Promise<void> {
    for await (const events of this.#open(resourceVersion, '')) this.#take(events)
  }

  async #listByWatch(): Promise<void> {
    const keep = this.#options.transform ?? ((object: KubeObject) => object)
    const items = new Map<string, KubeObject>()
    let isListed = false
    for await (const events of this.#open('', '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan')) {
      if (isListed) {
        this.#take(events)
        continue
      }
      for (const [index, event] of events.entries()) {
        if (event.type === 'ERROR') throw statusErrorOf(event.object)
        const { metadata } = event.object
        const key = `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
        if (event.type === 'DELETED') items.delete(key)
        else if (event.type !== 'BOOKMARK') items.set(key, keep(event.object))
        else if (metadata.annotations?.[INITIAL_EVENTS_END] === 'true') {
          isListed = true
          const resourceVersion = metadata.resourceVersion ?? ''
          await this.#handlers.onList({ metadata: { resourceVersion }, items: [...items.values()] })
          this.#resourceVersion = resourceVersion
          items.clear()
          this.#take(events.slice(index + 1))
          break
        }
      }
    }
  }

  #open(resourceVersion: string, more: string): AsyncGenerator<WatchEvent[], void> {
    this.#handlers.onWatch?.(resourceVersion)
    this.#openedAtMs = performance.now()
    const separator = this.#path.includes('?') ? '&' : '?'
    const seconds = 300 + Math.floor(Math.random() * 300)
    const from = resourceVersion === '' ? '' : `&resourceVersion=${resourceVersion}`
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}${from}${more}`
    const accept = this.#options.metadata === true ? METADATA : undefined
    return this.#client.watch(`${this.#path}${separator}${query}`, this.#signal, accept)
  }

  #take(events: readonly WatchEvent[]): void {
    const last = events.at(-1)
    if (last === undefined) return
    this.#backoff.reset()
    this.#sawEvents = true
    // An error ends a stream: what came before it in the same chunk counts.
    const told = last.type === 'ERROR' ? events.slice(0, -1) : events
    this.#resourceVersion = told.at(-1)?.object.metadata.resourceVersion ?? this.#resourceVersion
    if (told.length > 0) this.#handlers.onEvents(told)
    if (last.type === 'ERROR') throw statusErrorOf(last.object)
  }

  async #afterFailure(error: unknown): Promise<void> {
    this.#handlers.onError?.(error)
    const wasListing = this.#resourceVersion === undefined
    if (error instanceof StatusError) {
      if (wasListing && this.#usesWatchList && NO_WATCH_LIST.has(error.code)) {
        this.#usesWatchList = false
        return
      }
      if (error.code === 410) {
        this.#handlers.onGone?.()
        this.#resourceVersion = undefined
        if (!wasListing) return
      }
    }
    // A watch that lived is opened again at once; one that was cut at birth waits, or a dying server would be hammered.
    const lived = this.#sawEvents || performance.now() - this.#openedAtMs > LIVED_MS
    if (error instanceof ConnectionError && error.sent && lived && !wasListing) return
    await delay(this.#backoff.next(), undefined, { signal: this.#signal }).catch(() => {})
  }
}
