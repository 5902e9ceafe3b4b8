// Random operations against a plain model in memory, and then every watch that the history allows.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Revision, type Storage, type StorageEvent, type StoredObject, toRevision } from '../storage.ts'
import type { MakeStorage } from './contract.ts'
import { bytes, freshPrefix, keyIn } from './keys.ts'
import { allPages } from './pages.ts'
import { watchTo } from './watch-log.ts'

type Command =
  | { readonly kind: 'create'; readonly name: string; readonly value: string }
  | { readonly kind: 'update'; readonly name: string; readonly value: string; readonly stale: boolean }
  | { readonly kind: 'delete'; readonly name: string; readonly stale: boolean }
  | { readonly kind: 'list'; readonly limit: number }

const name = fc.constantFrom('a', 'b', 'a/x', 'a-x', 'a.x', 'c')
const value = fc.string({ maxLength: 12 })
/** Mostly up to date. */
const stale = fc.nat(3).map((roll) => roll === 0)
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), name, value }),
  fc.record({ kind: fc.constant('update' as const), name, value, stale }),
  fc.record({ kind: fc.constant('delete' as const), name, stale }),
  fc.record({ kind: fc.constant('list' as const), limit: fc.integer({ min: 0, max: 4 }) }),
)

/** What the store should hold, and everything that happened. */
class Model {
  readonly live = new Map<string, { value: string; revision: Revision }>()
  readonly history: {
    name: string
    value: string | undefined
    isCreate: boolean
    revision: Revision
    previous: string | undefined
  }[] = []

  write(name: string, value: string | undefined, revision: Revision): void {
    const before = this.live.get(name)
    const last = this.history.at(-1)?.revision ?? 0
    assert.ok(revision > last, `revision ${revision} does not follow ${last}`)
    const isCreate = value !== undefined && before === undefined
    this.history.push({ name, value, isCreate, revision, previous: before?.value })
    if (value === undefined) this.live.delete(name)
    else this.live.set(name, { value, revision })
  }

  /** The names and values at a revision, in key order. */
  at(revision: Revision): [string, string][] {
    const state = new Map<string, string>()
    for (const change of this.history) {
      if (change.revision > revision) break
      if (change.value === undefined) state.delete(change.name)
      else state.set(change.name, change.value)
    }
    return [...state].sort(([a], [b]) => Buffer.compare(bytes(a), bytes(b)))
  }
}

export function modelTests(make: MakeStorage): void {
  describe('model', () => {
    test('random operations have the outcomes of the model, and every watch tells its history', async () => {
      await using storage = await make()
      const commands = fc.array(command, { minLength: 1, maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(commands, fc.nat(), async (script, seed) => {
          const prefix = freshPrefix()
          const start = await storage.currentRevision()
          const model = new Model()
          for (const step of script) await play(storage, prefix, model, step)
          await checkState(storage, prefix, model)
          await checkPast(storage, prefix, model, seed)
          await checkWatches(storage, prefix, model, start, seed)
        }),
        { numRuns: 40, endOnFailure: true },
      )
    })
  })
}

async function play(storage: Storage, prefix: string, model: Model, step: Command): Promise<void> {
  if (step.kind === 'list') return checkPage(storage, prefix, model, step.limit)
  const key = keyIn(prefix, step.name)
  const live = model.live.get(step.name)
  if (step.kind === 'create') {
    const result = await storage.create(key, bytes(step.value))
    if (result.outcome === 'created') {
      assert.equal(live, undefined)
      model.write(step.name, step.value, result.revision)
    } else checkCurrent(result.current, live)
    return
  }
  const current = live?.revision ?? (await storage.currentRevision())
  const expected = step.stale ? toRevision(current - 1) : current
  const result = await (step.kind === 'update'
    ? storage.update(key, expected, bytes(step.value))
    : storage.delete(key, expected))
  if (result.outcome === 'missing') assert.equal(live, undefined)
  else if (result.outcome === 'conflict') {
    assert.ok(step.stale)
    checkCurrent(result.current, live)
  } else {
    assert.ok(live !== undefined && !step.stale)
    model.write(step.name, step.kind === 'update' ? step.value : undefined, result.revision)
  }
}

function checkCurrent(current: StoredObject, live: { value: string; revision: Revision } | undefined): void {
  assert.deepEqual([current.value.toString(), current.modRevision], [live?.value, live?.revision])
}

async function checkPage(storage: Storage, prefix: string, model: Model, limit: number): Promise<void> {
  const page = await storage.list(prefix, { limit })
  assert.ok(page.outcome === 'listed')
  const all = model.at(page.revision)
  const expected = limit === 0 ? all : all.slice(0, limit)
  assert.deepEqual(pairs(page.items, prefix), expected)
  assert.equal(page.more, expected.length < all.length)
}

async function checkState(storage: Storage, prefix: string, model: Model): Promise<void> {
  const { items } = await allPages(storage, prefix)
  assert.deepEqual(pairs(items, prefix), model.at(toRevision(Number.MAX_SAFE_INTEGER)))
  for (const item of items) assert.deepEqual(await storage.get(item.key), item)
}

async function checkPast(storage: Storage, prefix: string, model: Model, seed: number): Promise<void> {
  const change = model.history[seed % Math.max(1, model.history.length)]
  if (change === undefined) return
  const listing = await storage.list(prefix, { at: change.revision })
  assert.ok(listing.outcome === 'listed')
  assert.deepEqual(pairs(listing.items, prefix), model.at(change.revision))
}

async function checkWatches(
  storage: Storage,
  prefix: string,
  model: Model,
  start: Revision,
  seed: number,
): Promise<void> {
  const end = model.history.at(-1)?.revision
  if (end === undefined) return
  const middle = model.history[seed % model.history.length]?.revision ?? start
  for (const after of [start, middle]) {
    const log = await watchTo(storage, prefix, after, end, { withPrevious: true })
    assert.deepEqual(
      log.events.map((event) => told(event, prefix)),
      model.history.filter((change) => change.revision > after),
    )
  }
}

function told(event: StorageEvent, prefix: string) {
  return {
    name: event.key.slice(prefix.length),
    value: event.value?.toString(),
    isCreate: event.isCreate,
    revision: event.revision,
    previous: event.previous?.value.toString(),
  }
}

function pairs(items: readonly StoredObject[], prefix: string): [string, string][] {
  return items.map((item) => [item.key.slice(prefix.length), item.value.toString()])
}
