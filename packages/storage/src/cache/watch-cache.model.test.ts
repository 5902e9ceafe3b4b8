// Random lives of a store, with every read and every watch of the cache compared with a model that keeps all versions.
// What must hold of a watch: ordered, unique, atomic, reliable, resumable.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createEtcdStorage } from '../etcd/storage.ts'
import { createSqliteStorage } from '../sqlite/storage.ts'
import { type Storage, toRevision } from '../storage.ts'
import { startEtcd } from '../testing/etcd-process.ts'
import { MemoryStorage } from './testing/memory-storage.ts'
import { Model, versionOf } from './testing/model.ts'
import { encode, pods } from './testing/objects.ts'
import { type ObjectName, type ResourceName, type Step, jobs, step } from './testing/steps.ts'
import { Watcher } from './testing/watcher.ts'
import type { CacheListOptions, CacheListing, ResourceCache, WatchCache } from './types.ts'
import { createWatchCache } from './watch-cache.ts'

class Life {
  readonly storage: Storage
  readonly model: Model
  readonly #memory: MemoryStorage | undefined
  readonly #maxBytes: number
  readonly #watchers: Watcher[] = []
  #cache: WatchCache
  #serial = 0
  #compacted = 0

  constructor(storage: Storage, model: Model, maxBytes: number) {
    this.storage = storage
    this.model = model
    this.#memory = storage instanceof MemoryStorage ? storage : undefined
    this.#maxBytes = maxBytes
    this.#cache = this.#open()
  }

  async run(steps: readonly Step[]): Promise<void> {
    try {
      await this.#cache.whenReady(AbortSignal.timeout(5000))
      for (const each of steps) await this.#step(each)
      this.#memory?.release()
      for (const resource of this.#cache.resources()) await list(resource, { freshness: { kind: 'consistent' } })
      await turn()
      this.#checkWatchers(true)
    } finally {
      this.#memory?.release()
      await this.#cache[Symbol.asyncDispose]()
      await this.storage[Symbol.asyncDispose]()
    }
  }

  #open(): WatchCache {
    const history = { maxBytes: this.#maxBytes, minEvents: 2 }
    return createWatchCache({ storage: this.storage, resources: [pods], history })
  }

  async #step(at: Step): Promise<void> {
    switch (at.do) {
      case 'put':
        return this.model.put(keyOf(at), encode({ ...at, data: `v${this.#serial++}` }))
      case 'delete':
        return this.model.delete(keyOf(at))
      case 'expire':
        return this.#expire(at.objects.map(keyOf))
      case 'join':
        if (this.#cache.get('jobs') === undefined) this.#cache.add(jobs)
        return
      case 'leave':
        return this.#cache.remove('jobs')
      case 'other':
        return this.model.put(`/registry/ranges/${this.#serial++}`, '{"spec":{}}')
      case 'list':
        return this.#checkList(at)
      case 'listAt':
        return this.#checkListAt(at)
      case 'select':
        return this.#checkSelect(at)
      case 'get':
        return this.#checkGet(at)
      case 'watch':
        return this.#watch(at)
      case 'compact':
        this.#compacted = Math.max(this.#compacted, this.model.back(at.back))
        return this.storage.compact(toRevision(this.#compacted))
      case 'turn':
        await turn()
        return this.#checkWatchers(false)
      case 'hold':
        return this.#memory?.hold()
      case 'release':
        return this.#memory?.release()
      case 'restart':
        return this.#restart()
    }
  }

  async #restart(): Promise<void> {
    this.#memory?.release()
    for (const watcher of this.#watchers) watcher.leave()
    await this.#cache[Symbol.asyncDispose]()
    this.#cache = this.#open()
    await this.#cache.whenReady(AbortSignal.timeout(5000))
  }

  async #expire(keys: readonly string[]): Promise<void> {
    const memory = this.#memory
    if (memory === undefined) return
    await this.model.deleteTogether(keys, (present) =>
      memory.write(Object.fromEntries(present.map((key) => [key, undefined]))),
    )
  }

  async #checkList(at: { of: ResourceName; namespace: string; limit: number; fresh: boolean }): Promise<void> {
    const resource = this.#cache.get(at.of)
    if (resource === undefined) return
    if (at.fresh) this.#memory?.release()
    const before = this.model.latest
    const options = {
      freshness: { kind: at.fresh ? 'consistent' : 'any' },
      namespace: at.namespace,
      limit: at.limit,
    } as const
    const listing = await list(resource, options)
    if (at.fresh) assert.ok(listing.revision >= before, 'a consistent list is not stale')
    await this.#checkPages(resource, listing, options)
  }

  async #checkListAt(at: { of: ResourceName; back: number; namespace: string; limit: number }): Promise<void> {
    const resource = this.#cache.get(at.of)
    if (resource === undefined) return
    this.#memory?.release()
    const revision = this.model.back(at.back)
    const options = { freshness: { kind: 'exact', revision }, namespace: at.namespace, limit: at.limit } as const
    const answer = await resource.list(options)
    if (answer.outcome === 'gone') {
      assert.ok(revision < this.#compacted, `${revision} is gone, though only ${this.#compacted} is compacted`)
      return
    }
    assert.ok(answer.outcome === 'listed', answer.outcome)
    assert.equal(answer.revision, revision)
    await this.#checkPages(resource, answer, options)
  }

  /** Follows the continue keys at the first page's revision; all pages together are the model's state. */
  async #checkPages(resource: ResourceCache, first: CacheListing, options: CacheListOptions): Promise<void> {
    const { revision } = first
    const found: string[] = []
    const expected = this.model.listing(revision, scopeOf(resource, options.namespace))
    let page = first
    for (;;) {
      for (const entry of page.entries) {
        assert.equal(versionOf(entry), String(entry.revision))
        found.push(`${entry.key}@${entry.revision}`)
      }
      if (page.continueAfter === undefined) break
      assert.equal(page.remaining ?? expected.length - found.length, expected.length - found.length)
      const answer = await resource.list({
        ...options,
        freshness: { kind: 'exact', revision },
        after: page.continueAfter,
      })
      // Evicted from history, and compacted in the store: the client starts again.
      if (answer.outcome === 'gone' && revision < this.#compacted) return
      assert.ok(answer.outcome === 'listed', answer.outcome)
      page = answer
    }
    assert.deepEqual(found, expected)
  }

  async #checkSelect(at: { of: ResourceName; nodeName: string; namespace: string }): Promise<void> {
    const resource = this.#cache.get(at.of)
    if (resource === undefined) return
    const listing = await list(resource, {
      freshness: { kind: 'any' },
      namespace: at.namespace,
      fieldSelector: {
        requirements: [{ field: 'spec.nodeName', operator: '=', value: at.nodeName }],
        matchesEverything: false,
        matches: (get) => get('spec.nodeName') === at.nodeName,
        requiresExactMatch: (field) => (field === 'spec.nodeName' ? at.nodeName : undefined),
      },
    })
    const onNode = (value: string): boolean => (JSON.parse(value).spec.nodeName ?? '') === at.nodeName
    const expected = this.model.listing(listing.revision, scopeOf(resource, at.namespace), onNode)
    assert.deepEqual(
      listing.entries.map((entry) => `${entry.key}@${entry.revision}`),
      expected,
    )
  }

  async #checkGet(at: ObjectName): Promise<void> {
    const resource = this.#cache.get(at.of)
    if (resource === undefined) return
    this.#memory?.release()
    const answer = await resource.get(at.namespace, at.name, { kind: 'consistent' })
    const expected = this.model.at(this.model.latest).get(keyOf(at))
    if (answer.outcome === 'found') assert.equal(answer.entry.revision, expected?.revision)
    else assert.deepEqual([answer.outcome, expected], ['missing', undefined])
  }

  async #watch(at: { of: ResourceName; back: number }): Promise<void> {
    const resource = this.#cache.get(at.of)
    if (resource === undefined) return
    this.#memory?.release()
    const after = this.model.back(at.back)
    await resource.whenFilled()
    await this.#cache.waitFor(after, 3000)
    const position = resource.seek(after)
    if (position.outcome === 'gone') {
      assert.ok(after < position.oldest)
      return
    }
    this.#watchers.push(new Watcher(resource, after, position.cursor))
  }

  /** `complete`: everything was dispatched. Ended watchers saw a beginning of what they should. */
  #checkWatchers(complete: boolean): void {
    for (const watcher of this.#watchers) {
      const expected = this.model.events(watcher.prefix, watcher.after, this.model.latest)
      const count = watcher.ended || !complete ? watcher.seen.length : expected.length
      assert.deepEqual(watcher.seen, expected.slice(0, count))
    }
  }
}

async function list(resource: ResourceCache, options: CacheListOptions): Promise<CacheListing> {
  const answer = await resource.list(options)
  assert.ok(answer.outcome === 'listed', answer.outcome)
  return answer
}

function keyOf(named: ObjectName): string {
  return `${named.of === 'pods' ? pods.prefix : jobs.prefix}${named.namespace}/${named.name}`
}

function scopeOf({ resource }: ResourceCache, namespaceName: string | undefined): string {
  return namespaceName === undefined || namespaceName === '' ? resource.prefix : `${resource.prefix}${namespaceName}/`
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

async function check(open: () => Promise<Storage>, maxBytes: number, numRuns: number): Promise<void> {
  const life = async (steps: Step[]): Promise<void> => {
    const storage = await open()
    await new Life(storage, new Model(storage, await storage.currentRevision()), maxBytes).run(steps)
  }
  const steps = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' })
  await fc.assert(fc.asyncProperty(steps, life), { numRuns })
}

for (const [size, maxBytes] of [
  ['ample', 1024 * 1024],
  ['short', 2_000],
] as const) {
  test(`over a store in memory, with ${size} history, reads and watches are what the model says`, () =>
    check(async () => new MemoryStorage(), maxBytes, 150))

  test(`over a store that sends single events, with ${size} history`, () =>
    check(async () => Object.assign(new MemoryStorage(), { batch: 1 }), maxBytes, 150))

  test(`over SQLite, with ${size} history`, () =>
    check(async () => createSqliteStorage({ file: ':memory:' }), maxBytes, 80))

  test(`over etcd, with ${size} history`, async () => {
    await using etcd = await startEtcd()
    const open = async (): Promise<Storage> => {
      const storage = await createEtcdStorage({ endpoints: etcd.endpoints, compactionIntervalMs: 0 })
      await deleteAll(storage)
      return storage
    }
    await check(open, maxBytes, 8)
  })
}

async function deleteAll(storage: Storage): Promise<void> {
  const listing = await storage.list('/registry/', {})
  assert.ok(listing.outcome === 'listed')
  for (const { key, modRevision } of listing.items) await storage.delete(key, modRevision)
}
