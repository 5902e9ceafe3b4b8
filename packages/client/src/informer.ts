// A shared informer: one reflector, one store, any number of handlers. Handlers are called in the order of events, after the
// store has changed, and must not throw: what is slow belongs behind a work queue.
//
//   reflector ──list, events──► store ──► added(object) | updated(old, new) | deleted(last known)
//
// There is no resync: a handler that fails asks its queue to come back.
import type { KubeObject } from '@keelson/apimachinery'
import type { KubeClient, ListAnswer, WatchEvent } from './client.ts'
import { type ReflectorOptions, runReflector } from './reflector.ts'
import { type Indexer, Store, keyOf } from './store.ts'

export interface InformerHandlers<T extends KubeObject> {
  added?(object: T): void
  updated?(old: T, object: T): void
  /** `object` is the last state known: older than the deletion when the informer learned of it by a list. */
  deleted?(object: T): void
}

export interface InformerOptions<T extends KubeObject> extends Omit<ReflectorOptions, 'transform'> {
  /** What is kept of an object. */
  readonly transform?: (object: KubeObject) => T
  readonly indexers?: Readonly<Record<string, Indexer<T>>>
  readonly onError?: (error: unknown) => void
}

/** Objects of a list that are taken before the loop gets its turn: about a millisecond. */
const TAKEN_AT_ONCE = 200

export class Informer<T extends KubeObject = KubeObject> {
  readonly store: Pick<Store<T>, 'get' | 'list' | 'byIndex' | 'size'>
  readonly #store: Store<T>
  readonly #client: KubeClient
  readonly #path: string
  readonly #options: InformerOptions<T>
  readonly #handlers = new Set<InformerHandlers<T>>()
  readonly #synced = Promise.withResolvers<void>()
  #isSynced = false

  /** `path` is the collection, with selectors in its query when wanted. */
  constructor(client: KubeClient, path: string, options: InformerOptions<T> = {}) {
    this.#client = client
    this.#path = path
    this.#options = options
    this.#store = new Store(options.indexers)
    this.store = this.#store
  }

  /** True when the first list is in the store and its handlers were called. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Rejects with the signal's reason. */
  async whenSynced(signal?: AbortSignal): Promise<void> {
    if (this.#isSynced || signal === undefined) return this.#synced.promise
    signal.throwIfAborted()
    const { promise, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason as Error) // Aborted with an Error, or Node's own.
    signal.addEventListener('abort', abort, { once: true })
    try {
      await Promise.race([this.#synced.promise, promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** What is in the store already is told as added, at once. Returns how to take the handlers away. */
  addHandlers(handlers: InformerHandlers<T>): () => void {
    for (const object of this.#store.list()) handlers.added?.(object)
    this.#handlers.add(handlers)
    return () => this.#handlers.delete(handlers)
  }

  /** Until the signal aborts. Once. */
  async run(signal: AbortSignal): Promise<void> {
    const { transform, onError, watchList = true, metadata } = this.#options
    await runReflector(
      this.#client,
      this.#path,
      {
        onList: (list) => this.#replace(list),
        onEvents: (events) => this.#apply(events),
        ...(onError !== undefined && { onError }),
      },
      signal,
      {
        watchList,
        ...(metadata !== undefined && { metadata }),
        ...(transform !== undefined && { transform }),
      },
    )
  }

  async #replace({ items }: ListAnswer): Promise<void> {
    const gone = new Set(this.#store.keys())
    let taken = 0
    for (const item of items) {
      const object = item as T // Transformed by the reflector, or T is what the resource holds.
      gone.delete(keyOf(object))
      this.#set(object)
      if (++taken % TAKEN_AT_ONCE === 0) await new Promise(setImmediate)
    }
    for (const key of gone) this.#delete(key)
    this.#isSynced = true
    this.#synced.resolve()
  }

  #apply(events: readonly WatchEvent[]): void {
    const { transform } = this.#options
    for (const { type, object } of events) {
      if (type === 'BOOKMARK' || type === 'ERROR') continue
      const kept = transform === undefined ? (object as T) : transform(object) // As above.
      if (type === 'DELETED') this.#delete(keyOf(object), kept)
      else this.#set(kept)
    }
  }

  #set(object: T): void {
    const old = this.#store.set(keyOf(object), object)
    if (old === undefined) {
      for (const handlers of this.#handlers) handlers.added?.(object)
    } else if (old.metadata.uid !== object.metadata.uid) {
      // Deleted and made again while nobody looked.
      for (const handlers of this.#handlers) {
        handlers.deleted?.(old)
        handlers.added?.(object)
      }
    } else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) {
      for (const handlers of this.#handlers) handlers.updated?.(old, object)
    }
  }

  #delete(key: string, last?: T): void {
    const old = this.#store.delete(key)
    if (old === undefined) return
    for (const handlers of this.#handlers) handlers.deleted?.(last ?? old)
  }
}
