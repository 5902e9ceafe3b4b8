// The groups, the index, parking and joining against a model that filters every event for every watcher by itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyField, everything, parseFieldSelector, parseLabelSelector } from '@keelson/apimachinery'
import { type CacheEntry, type CacheEvent, type ResourceCache, toRevision, toStorageKey } from '@keelson/storage'
import fc from 'fast-check'
import type { ConnectionBudget, ResponseStream } from '../context.ts'
import type { Representation } from '../representation/representation.ts'
import type { RepresentedResource } from '../representation/table.ts'
import { EventFilter } from './event-filter.ts'
import { eventEncoder } from './event-lines.ts'
import { ResourceWatches, shownEntry } from './resource-watches.ts'
import { RunQueue } from './run-queue.ts'
import { STREAM_BUDGET_BYTES, Watcher } from './watcher.ts'

const plain: Representation = {
  shape: 'object',
  impossible: false,
  metaApiVersion: '',
  includeObject: 'Metadata',
  mediaType: 'application/json',
  pretty: false,
  key: 'object',
}
// Only what lines in this representation look at.
const resource = {
  definition: { group: '', version: 'v1', kind: 'Pod', listKind: 'PodList', columns: [] },
  strategy: {},
} as unknown as RepresentedResource

/** History only: state is not what watches read after their start. */
class FakeCache {
  readonly events: CacheEvent[] = []
  begin = 0
  revision = toRevision(1)
  readonly #listeners: ((from: number, end: number) => void)[] = []
  #announced = 0
  #resets: (() => void)[] = []
  readonly #last = new Map<string, CacheEntry>()
  readonly resource = {
    indexedFields: ['spec.nodeName'],
    atRevision: (entry: CacheEntry, revision: number) =>
      entryOf(entry.name, entry.namespace, revision, entry.labels, entry.fields),
  }

  get end(): number {
    return this.events.length
  }

  eventAt(cursor: number): CacheEvent | undefined {
    return cursor < this.begin ? undefined : this.events[cursor]
  }

  subscribe(listener: (from: number, end: number) => void): () => void {
    this.#listeners.push(listener)
    return () => void this.#listeners.splice(this.#listeners.indexOf(listener), 1)
  }

  onReset(listener: () => void): () => void {
    this.#resets.push(listener)
    return () => {}
  }

  reset(): void {
    for (const listener of this.#resets) listener()
  }

  change(name: string, namespace: string, labels: Record<string, string>, node: string, isDelete: boolean): void {
    this.revision = toRevision(this.revision + 1)
    const key = `${namespace}/${name}`
    const previous = this.#last.get(key)
    if (isDelete && previous === undefined) return
    const entry =
      isDelete && previous !== undefined
        ? this.resource.atRevision(previous, this.revision)
        : entryOf(name, namespace, this.revision, labels, { 'spec.nodeName': node })
    this.events.push({
      type: isDelete ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED',
      revision: this.revision,
      entry,
      previous,
    })
    if (isDelete) this.#last.delete(key)
    else this.#last.set(key, entry)
  }

  announce(): void {
    for (const listener of this.#listeners) listener(this.#announced, this.end)
    this.#announced = this.end
  }
}

function entryOf(
  name: string,
  namespace: string,
  revision: number,
  labels: CacheEntry['labels'],
  fields: CacheEntry['fields'],
): CacheEntry {
  const metadata = { resourceVersion: String(revision), name, namespace, labels }
  return {
    key: toStorageKey(`/registry/pods/${namespace}/${name}`),
    namespace,
    name,
    uid: name,
    revision: toRevision(revision),
    json: Buffer.from(JSON.stringify({ kind: 'Pod', apiVersion: 'v1', metadata, fields })),
    itemOffset: 0,
    labels,
    fields,
    ownerUids: undefined,
    representations: undefined,
  }
}

/** A client that takes what it is given, until it is stalled. */
class FakeStream implements ResponseStream, ConnectionBudget {
  readonly framing = 'none'
  readonly received: string[] = []
  stalled = false
  closed = false
  ended = false
  #drainListeners: (() => void)[] = []

  get connection(): ConnectionBudget {
    return this
  }
  get bufferedBytes(): number {
    return this.stalled ? STREAM_BUDGET_BYTES + 1 : 0
  }
  write(chunk: Buffer): boolean {
    this.received.push(chunk.toString())
    return !this.stalled
  }
  writeFramed(chunk: Buffer): boolean {
    return this.write(chunk)
  }
  onRelief(): void {}
  drained(): Promise<void> {
    return Promise.resolve()
  }
  end(): void {
    this.ended = true
  }
  destroy(): void {}
  onClose(): void {}
  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener)
  }
  resume(): void {
    this.stalled = false
    for (const listener of this.#drainListeners) listener()
  }
  get lines(): string[] {
    return this.received.join('').split('\n').slice(0, -1)
  }
}

const asCache = (cache: FakeCache): ResourceCache => cache as unknown as ResourceCache // Watches read no more of it than the fake has.

function open(
  watches: ResourceWatches,
  filter: EventFilter,
  cursor: number,
  allowBookmarks = false,
): { stream: FakeStream; watcher: Watcher } {
  const stream = new FakeStream()
  const options = {
    allowBookmarks,
    initial: undefined,
    bookmarkAfterInitial: false,
    initialRevision: toRevision(1),
    cursor,
  }
  const watcher = new Watcher(watches, watches.group(resource, filter, eventEncoder(resource, plain)), stream, options)
  watches.add(watcher)
  return { stream, watcher }
}

const everythingFilter = (): EventFilter => new EventFilter('', everything(), everyField())
const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const filters = fc.constantFrom(
  () => everythingFilter(),
  () => new EventFilter('one', everything(), everyField()),
  () => new EventFilter('', parseLabelSelector('a=1'), everyField()),
  () => new EventFilter('two', parseLabelSelector('a!=1'), everyField()),
  () => new EventFilter('', everything(), parseFieldSelector('spec.nodeName=n1')),
  () => new EventFilter('one', everything(), parseFieldSelector('metadata.name=x,spec.nodeName!=n2')),
)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('change'),
      name: fc.constantFrom('x', 'y', 'z'),
      namespace: fc.constantFrom('one', 'two'),
      label: fc.constantFrom('1', '2'),
      node: fc.constantFrom('n1', 'n2', ''),
      gone: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open'), filter: filters, back: fc.nat(5) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('announce', 'turn') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('stall', 'resume'), which: fc.nat(5) }) },
)

test('every watcher gets exactly the events of its filter, in order, however it stalls and whenever it came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 80 }), async (steps) => {
      const cache = new FakeCache()
      const watches = new ResourceWatches(asCache(cache), new RunQueue(), () => {})
      const opened: { stream: FakeStream; filter: EventFilter; from: number }[] = []
      for (const next of steps) {
        if ('name' in next) cache.change(next.name, next.namespace, { a: next.label }, next.node, next.gone)
        else if ('filter' in next) {
          const from = Math.max(cache.end - next.back, 0)
          const filter = next.filter()
          opened.push({ stream: open(watches, filter, from).stream, filter, from })
        } else if (next.do === 'announce') cache.announce()
        else if (next.do === 'turn') await turns(1)
        else if ('which' in next) {
          const one = opened[next.which]?.stream
          if (next.do === 'resume') one?.resume()
          else if (one !== undefined) one.stalled = true
        }
      }
      for (const { stream } of opened) stream.resume()
      cache.announce()
      await turns()
      for (const { stream, filter, from } of opened) {
        const expected = cache.events.slice(from).flatMap((event) => {
          const type = filter.classify(event)
          return type === undefined
            ? []
            : [`{"type":"${type}","object":${shownEntry(asCache(cache), event, type).json}}`]
        })
        assert.deepEqual(stream.lines, expected)
      }
    }),
    { numRuns: 300 },
  )
})

test('a parked watcher whose events were evicted ends with 410', async () => {
  const cache = new FakeCache()
  const watches = new ResourceWatches(asCache(cache), new RunQueue(), () => {})
  const { stream } = open(watches, everythingFilter(), 0)
  await turns()
  stream.stalled = true
  for (let index = 0; index < 5; index++) cache.change(`x${index}`, 'one', {}, '', false)
  cache.announce()
  cache.begin = 3
  stream.resume()
  await turns()
  assert.match(stream.lines.at(-1) ?? '', /"type":"ERROR".*"reason":"Expired","code":410/)
  assert.ok(stream.ended)
  assert.equal(watches.size, 0)
})

test('a reset ends all watches with 410', async () => {
  const cache = new FakeCache()
  const watches = new ResourceWatches(asCache(cache), new RunQueue(), () => {})
  const both = [
    open(watches, everythingFilter(), 0),
    open(watches, new EventFilter('one', everything(), everyField()), 0),
  ]
  await turns()
  cache.reset()
  for (const { stream } of both) {
    assert.match(stream.lines.at(-1) ?? '', /"code":410/)
    assert.ok(stream.ended)
  }
})

test('bookmarks go to those who asked, are up to date, and read', async () => {
  const cache = new FakeCache()
  const watches = new ResourceWatches(asCache(cache), new RunQueue(), () => {})
  const asked = open(watches, everythingFilter(), 0, true)
  const silent = open(watches, everythingFilter(), 0)
  const stalled = open(watches, everythingFilter(), 0, true)
  cache.change('x', 'one', {}, '', false)
  cache.announce()
  await turns()
  stalled.stream.stalled = true
  watches.sendBookmarks(Infinity)
  assert.equal(
    asked.stream.lines.at(-1),
    '{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"2"}}}',
  )
  assert.match(silent.stream.lines.at(-1) ?? '', /ADDED/)
  assert.match(stalled.stream.lines.at(-1) ?? '', /ADDED/)
})
