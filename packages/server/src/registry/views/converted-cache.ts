// The cache of a stored version, seen in another one. Each entry is converted when it is first asked for, and the result is
// dropped with it.
import type {
  CacheEntry,
  CacheEvent,
  CacheListOptions,
  CacheListing,
  CachedResource,
  Cursor,
  Freshness,
  Gone,
  ResourceCache,
  Revision,
  TooLarge,
} from '@keelson/storage'
import { type StoredPrefix, encodeUnstored } from '../stored-json.ts'
import { parseEntry } from '../parsed-entry.ts'
import type { Conversion } from './version-view.ts'

export class ConvertedCache implements ResourceCache {
  readonly #stored: ResourceCache
  readonly #conversion: Conversion
  readonly #prefix: StoredPrefix
  readonly #converted = new WeakMap<CacheEntry, CacheEntry>()

  constructor(stored: ResourceCache, conversion: Conversion, prefix: StoredPrefix) {
    this.#stored = stored
    this.#conversion = conversion
    this.#prefix = prefix
  }

  get resource(): CachedResource {
    return this.#stored.resource
  }

  get ready(): boolean {
    return this.#stored.ready
  }

  get notReadyReason(): string | undefined {
    return this.#stored.notReadyReason
  }

  get size(): number {
    return this.#stored.size
  }

  get revision(): Revision {
    return this.#stored.revision
  }

  get end(): Cursor {
    return this.#stored.end
  }

  get begin(): Cursor {
    return this.#stored.begin
  }

  whenBackfilled(signal?: AbortSignal): Promise<void> {
    return this.#stored.whenBackfilled(signal)
  }

  whenFilled(signal?: AbortSignal): Promise<void> {
    return this.#stored.whenFilled(signal)
  }

  async get(
    namespace: string,
    name: string,
    freshness: Freshness,
    signal?: AbortSignal,
  ): ReturnType<ResourceCache['get']> {
    const result = await this.#stored.get(namespace, name, freshness, signal)
    return result.outcome === 'found' ? { outcome: 'found', entry: this.#convert(result.entry) } : result
  }

  peek(namespace: string, name: string): CacheEntry | undefined {
    const entry = this.#stored.peek(namespace, name)
    return entry && this.#convert(entry)
  }

  async list(options: CacheListOptions, signal?: AbortSignal): Promise<CacheListing | Gone | TooLarge> {
    const result = await this.#stored.list(options, signal)
    if (result.outcome !== 'listed') return result
    return { ...result, entries: result.entries.map((entry) => this.#convert(entry)) }
  }

  snapshot(namespace?: string): readonly CacheEntry[] {
    return this.#stored.snapshot(namespace).map((entry) => this.#convert(entry))
  }

  byOwner(uid: string): readonly CacheEntry[] {
    return this.#stored.byOwner(uid).map((entry) => this.#convert(entry))
  }

  seek(revision: Revision): ReturnType<ResourceCache['seek']> {
    return this.#stored.seek(revision)
  }

  eventAt(cursor: Cursor): CacheEvent | undefined {
    const event = this.#stored.eventAt(cursor)
    if (event === undefined) return undefined
    const { type, revision, entry, previous } = event
    return { type, revision, entry: this.#convert(entry), previous: previous && this.#convert(previous) }
  }

  subscribe(listener: (from: Cursor, end: Cursor) => void): () => void {
    return this.#stored.subscribe(listener)
  }

  onReset(listener: () => void): () => void {
    return this.#stored.onReset(listener)
  }

  #convert(entry: CacheEntry): CacheEntry {
    let converted = this.#converted.get(entry)
    if (converted === undefined) {
      const stored = parseEntry(entry)
      const json = encodeUnstored(this.#conversion.fromStored(stored), this.#prefix)
      converted = { ...entry, json, parts: undefined, itemOffset: this.#prefix.itemOffset, representations: undefined }
      this.#converted.set(entry, converted)
    }
    return converted
  }
}
