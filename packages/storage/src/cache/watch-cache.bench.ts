// What the cache costs: `node watch-cache.bench.ts [objects]`. Objects are Pods of about 6 KB.
//
// The figures to hold (Node 26, one of 2 busy cores; 6 KB objects): an event 25 µs, half of it garbage collection of the
// bytes it replaces; a get 1 µs; a list 1 µs whatever its size, 1 ms by label; 10,000 objects 65 MB, 60 of them their JSON.
import {
  type Compacted,
  type Listing,
  type Revision,
  type Storage,
  type StorageEvent,
  type StorageKey,
  type WatchMessage,
  toRevision,
  toStorageKey,
} from '../storage.ts'
import { podKey, pods, encode } from './testing/objects.ts'
import { MemoryStorage } from './testing/memory-storage.ts'
import { required } from './testing/open-cache.ts'
import type { CacheEntry, CachedResource, ResourceCache } from './types.ts'
import { createWatchCache } from './watch-cache.ts'

const OBJECTS = Number(process.argv[2] ?? 10_000)
const CHURN = 20_000
const FILLER = 'x'.repeat(5_800)

const indexes = Array.from({ length: OBJECTS + CHURN }, (_, index) => index)
/** Flat strings, as a store reads them from its messages. */
const keys = indexes.map((index) => {
  const name = `pod-${String(index * 7919).padStart(9, '0')}`
  return toStorageKey(Buffer.from(podKey(`namespace-${index % 20}`, name)).toString('latin1'))
})
const values = indexes.slice(0, 100).map((index) =>
  Buffer.from(
    encode({
      name: 'shared-by-many',
      namespace: 'all',
      labels: { app: `app-${index % 50}`, tier: 'web' },
      nodeName: `node-${index}`,
      data: FILLER,
    }),
  ),
)
const keyOf = (index: number): StorageKey => required(keys[index])
const valueOf = (index: number): Buffer => required(values[index % values.length])

function entryOf(
  key: StorageKey,
  json: Buffer,
  revision: Revision,
  labels: CacheEntry['labels'],
  node: string,
): CacheEntry {
  const slash = key.indexOf('/', pods.prefix.length)
  return {
    key,
    namespace: key.slice(pods.prefix.length, slash),
    name: key.slice(slash + 1),
    uid: '',
    revision,
    json,
    itemOffset: 0,
    labels,
    fields: { 'spec.nodeName': node },
    ownerUids: undefined,
    representations: undefined,
  }
}

function copy(value: Buffer): Buffer {
  const json = Buffer.allocUnsafeSlow(value.length)
  value.copy(json)
  return json
}

/** A decoder that costs nothing but the copy: what remains is the cache. */
const bare: CachedResource = {
  ...pods,
  decode: (key, value, revision) => entryOf(key, copy(value), revision, undefined, 'node-1'),
  atRevision: (entry, revision) => ({ ...entry, revision, json: copy(entry.json) }),
}

/** As the server decodes. */
const parsing: CachedResource = {
  ...bare,
  decode(key, value, revision) {
    const { metadata, spec } = JSON.parse(value.toString())
    return entryOf(key, copy(value), revision, metadata.labels, spec.nodeName)
  },
}

/** Lists `OBJECTS` objects, then plays events as fast as they are taken. */
class PlayedStorage extends MemoryStorage implements Storage {
  readonly #after = toRevision(OBJECTS)
  played: StorageEvent[] = []
  #start: PromiseWithResolvers<void> = Promise.withResolvers()

  override async currentRevision(): Promise<Revision> {
    return this.#after
  }

  override async list(
    prefix: string,
    { after, limit = 500 }: { after?: string; limit?: number },
  ): Promise<Listing | Compacted> {
    const all = prefix === pods.prefix ? sorted : []
    const start = after === undefined ? 0 : all.findIndex(({ key }) => key === after) + 1
    const items = all.slice(start, start + limit).map(({ key, index }) => ({
      key,
      value: valueOf(index),
      modRevision: toRevision(index + 1),
    }))
    const more = start + items.length < all.length
    return { outcome: 'listed', items, revision: this.#after, more, remaining: undefined }
  }

  override async *watch(_: string, after: Revision, signal: AbortSignal): AsyncIterable<WatchMessage> {
    if (after < this.#after) {
      yield { type: 'progress', upTo: this.#after }
      return
    }
    await this.#start.promise
    for (let index = 0; index < this.played.length; index += 100) {
      const events = this.played.slice(index, index + 100)
      yield { type: 'events', events, upTo: required(events.at(-1)).revision }
    }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }

  play(): void {
    this.#start.resolve()
  }
}

const sorted = indexes
  .slice(0, OBJECTS)
  .map((index) => ({ key: keyOf(index), index }))
  .sort((left, right) => (left.key < right.key ? -1 : 1))

function event(index: number, revision: number, isCreate: boolean, isDelete: boolean): StorageEvent {
  return {
    type: isDelete ? 'delete' : 'put',
    key: keyOf(index),
    revision: toRevision(revision),
    value: isDelete ? undefined : valueOf(index),
    isCreate,
    previous: undefined,
  }
}

/** Updates of random objects; every fourth event creates one that the next but one deletes. */
function churn(): StorageEvent[] {
  const events: StorageEvent[] = []
  for (let step = 0; events.length < CHURN; step++) {
    const revision = OBJECTS + events.length + 1
    const fresh = OBJECTS + step
    events.push(event(fresh, revision, true, false))
    events.push(event((step * 31) % OBJECTS, revision + 1, false, false))
    events.push(event((step * 17) % OBJECTS, revision + 2, false, false))
    events.push(event(fresh, revision + 3, false, true))
  }
  return events
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(58)} ${value.toFixed(value < 10 ? 2 : 1).padStart(9)} ${unit}`)
}

const megabytes = (bytes: number): number => bytes / 1024 / 1024

function rss(): number {
  globalThis.gc?.()
  return megabytes(process.memoryUsage().rss)
}

async function measureEach(what: string, repeats: number, work: () => unknown): Promise<void> {
  for (let index = 0; index < repeats / 4; index++) await work()
  const startMs = performance.now()
  for (let index = 0; index < repeats; index++) await work()
  report(what, ((performance.now() - startMs) * 1000) / repeats, 'µs')
}

async function measureIngest(resource: CachedResource, what: string): Promise<void> {
  const storage = new PlayedStorage()
  const before = rss()
  const startMs = performance.now()
  const cache = createWatchCache({ storage, resources: [resource] })
  await cache.whenReady()
  report(`${what}: fill of ${OBJECTS}`, performance.now() - startMs, 'ms')
  const store = required(cache.get('pods'))
  report(`${what}: RSS of it`, rss() - before, 'MB')
  storage.played = churn()
  let longestMs = 0
  let turnMs = performance.now()
  const watching = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - turnMs - 1)
    turnMs = performance.now()
  }, 1)
  const cpu = process.cpuUsage()
  storage.play()
  await cache.waitFor(toRevision(OBJECTS + CHURN), 60_000)
  const { user, system } = process.cpuUsage(cpu)
  clearInterval(watching)
  report(`${what}: ingest of ${CHURN} events, CPU each`, (user + system) / CHURN, 'µs')
  report(`${what}: longest gap of the loop meanwhile`, longestMs, 'ms')
  storage.played = []
  report(`${what}: RSS with full history`, rss() - before, 'MB')
  if (resource === parsing) await measureReads(store)
  await cache[Symbol.asyncDispose]()
}

async function measureReads(store: ResourceCache): Promise<void> {
  const entry = required(store.snapshot()[5])
  await measureEach('get, not older than', 50_000, () => store.get(entry.namespace, entry.name, { kind: 'any' }))
  await measureEach('list, all', 5_000, () => store.list({ freshness: { kind: 'any' } }))
  await measureEach('list, one namespace of 20', 2_000, () =>
    store.list({ freshness: { kind: 'any' }, namespace: 'namespace-3' }),
  )
  await measureEach('list, a page of 500', 2_000, () => store.list({ freshness: { kind: 'any' }, limit: 500 }))
  await measureEach('list, by label', 50, () =>
    store.list({ freshness: { kind: 'any' }, labelSelector: labelled('app-7') }),
  )
  const { revision } = required(store.eventAt(store.end - 5_000))
  await measureEach('list, 5,000 events ago, again', 20, () => store.list({ freshness: { kind: 'exact', revision } }))
}

function labelled(value: string) {
  return {
    requirements: [],
    matchesEverything: false,
    matches: (labels: Readonly<Record<string, string>> | undefined) => labels?.['app'] === value,
  }
}

await measureIngest(bare, 'the cache alone')
await measureIngest(parsing, 'with JSON.parse')
