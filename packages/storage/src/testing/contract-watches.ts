// Watches: every event once, in order, from any revision that is not compacted; progress; compaction; ends.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Storage, toRevision } from '../storage.ts'
import { removeKey, replace } from './changes.ts'
import type { MakeStorage } from './contract.ts'
import { bytes, freshPrefix, keyIn } from './keys.ts'
import { WatchLog, watchTo, watchUntil } from './watch-log.ts'

export function watchTests(make: MakeStorage): void {
  describe('watches', () => {
    test('the past and then the present of a prefix, with previous values', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      await storage.create(keyIn(prefix, 'a'), bytes('1'))
      await storage.create(keyIn(prefix.slice(0, -1), '0'), bytes('elsewhere'))
      await replace(storage, prefix, 'a', '2')
      let later: Promise<unknown> | undefined
      const log = await watchUntil(storage, prefix, start, (seen) => seen.events.length === 4, {
        withPrevious: true,
        onMessage: (_, seen) => {
          if (seen.events.length !== 2) return
          later ??= removeKey(storage, prefix, 'a').then(() => storage.create(keyIn(prefix, 'a'), bytes('3')))
        },
      })
      await later
      const told = log.events.map((event) => [
        event.type,
        event.isCreate,
        event.value?.toString(),
        event.previous?.value.toString(),
      ])
      assert.deepEqual(told, [
        ['put', true, '1', undefined],
        ['put', false, '2', '1'],
        ['delete', false, undefined, '2'],
        ['put', true, '3', undefined],
      ])
    })

    test('a watch from the current revision sees only what comes later', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      await storage.create(keyIn(prefix, 'old'), bytes('x'))
      const start = await storage.currentRevision()
      const watching = watchUntil(storage, prefix, start, (seen) => seen.events.length > 0)
      await storage.create(keyIn(prefix, 'new'), bytes('x'))
      assert.deepEqual(
        (await watching).events.map((event) => event.key),
        [keyIn(prefix, 'new')],
      )
    })

    test('a watch from a revision that is still to come waits for it', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = toRevision((await storage.currentRevision()) + 2)
      const watching = watchUntil(storage, prefix, start, (seen) => seen.events.length > 0)
      for (const name of ['a', 'b', 'c']) await storage.create(keyIn(prefix, name), bytes('x'))
      const log = await watching
      assert.ok((log.events[0]?.revision ?? 0) > start)
    })

    test('a resume at any announced revision continues the same history', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      for (let index = 0; index < 40; index++) await storage.create(keyIn(prefix, `${index}`), bytes(`${index}`))
      const end = await storage.currentRevision()
      const whole = await watchTo(storage, prefix, start, end)
      assert.equal(whole.events.length, 40)
      for (const event of whole.events.filter((_, index) => index % 7 === 0)) {
        const rest = await watchTo(storage, prefix, event.revision, end)
        const expected = whole.events.filter((other) => other.revision > event.revision)
        assert.deepEqual(rest.events, expected)
      }
    })

    test('a thousand events of concurrent writers reach two watches alike', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      const enough = { timeoutMs: 30_000 }
      const watches = [1, 2].map(() => watchUntil(storage, prefix, start, (seen) => seen.events.length >= 1000, enough))
      const write = async (writer: number): Promise<void> => {
        for (let index = 0; index < 50; index++) await storage.create(keyIn(prefix, `${writer}-${index}`), bytes('x'))
      }
      await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)))
      const [one, two] = await Promise.all(watches)
      assert.equal(one?.events.length, 1000)
      assert.deepEqual(one?.events, two?.events)
    })

    test('an idle watch learns of revisions that others make, when asked', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      const elsewhere = await storage.create(keyIn(freshPrefix(), 'a'), bytes('x'))
      assert.ok(elsewhere.outcome === 'created')
      const log = await watchTo(storage, prefix, start, elsewhere.revision)
      assert.equal(log.events.length, 0)
    })

    test('a watch from before the compaction is told so and ends; one from after it goes on', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      await storage.create(keyIn(prefix, 'a'), bytes('1'))
      await replace(storage, prefix, 'a', '2')
      const revision = await replace(storage, prefix, 'a', '3')
      await storage.compact(revision)

      const late = await watchUntil(storage, prefix, start, () => false)
      assert.ok(late.compactedAt !== undefined && late.compactedAt >= revision)
      assert.equal(late.events.length, 0)
      const alive = await watchTo(storage, prefix, toRevision(revision - 1), revision)
      assert.deepEqual(
        alive.events.map((event) => event.value?.toString()),
        ['3'],
      )
    })

    test('compaction behind a watch does not disturb it', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      const compactions: Promise<void>[] = []
      const watching = watchUntil(storage, prefix, start, (seen) => seen.events.length === 20, {
        onMessage: (_, seen) => {
          if (seen.events.length % 5 === 0) compactions.push(storage.compact(seen.upTo))
        },
      })
      for (let index = 0; index < 20; index++) await storage.create(keyIn(prefix, `${index}`), bytes('x'))
      assert.equal((await watching).events.length, 20)
      await Promise.all(compactions)
    })

    test('a slow reader gets everything', async () => {
      await using storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      const ended = new AbortController()
      const iterator = storage.watch(prefix, start, ended.signal)[Symbol.asyncIterator]()
      let next = iterator.next()
      const value = Buffer.alloc(100_000, 'x')
      for (let index = 0; index < 200; index++) await storage.create(keyIn(prefix, `${index}`), value)
      const log = new WatchLog(prefix, start)
      while (log.events.length < 200) {
        const message = await next
        assert.ok(message.done !== true)
        log.add(message.value)
        next = iterator.next()
      }
      ended.abort()
      await next
    })

    test('a watch ends when its signal aborts, and when the storage closes', async () => {
      const storage = await make()
      const prefix = freshPrefix()
      const start = await storage.currentRevision()
      const ended = new AbortController()
      const watches = [drain(storage, prefix, ended.signal), drain(storage, prefix, new AbortController().signal)]
      await storage.create(keyIn(prefix, 'a'), bytes('x'))
      await watchUntil(storage, prefix, start, (seen) => seen.events.length === 1)
      ended.abort()
      await watches[0]
      await storage[Symbol.asyncDispose]()
      await watches[1]
    })
  })
}

async function drain(storage: Storage, prefix: string, signal: AbortSignal): Promise<void> {
  const log = new WatchLog(prefix, await storage.currentRevision())
  for await (const message of storage.watch(prefix, log.upTo, signal)) log.add(message)
}
