// The promises of the work queue, by example and by random schedules.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TokenBucket } from './rate-limiter.ts'
import { exponentialPerItem, withOverallLimit } from './retry-limiter.ts'
import { WorkQueue, workOff } from './work-queue.ts'

const queueOf = <Item>(): WorkQueue<Item> => new WorkQueue<Item>({ limiter: exponentialPerItem(1, 8) })

test('an item that is added often is taken once, and again when it is added while in work', async () => {
  const queue = queueOf<string>()
  queue.add('a')
  queue.add('a')
  queue.add('b')
  assert.equal(await queue.take(), 'a')
  queue.add('a')
  queue.add('a')
  assert.equal(queue.depth, 1)
  assert.equal(await queue.take(), 'b')
  queue.done('b')
  queue.done('a')
  assert.equal(await queue.take(), 'a')
  queue.done('a')
  assert.equal(queue.depth, 0)
})

test('the earliest of several delays counts', async () => {
  const queue = queueOf<string>()
  const startedMs = performance.now()
  queue.addAfter('a', 60_000)
  queue.addAfter('a', 1)
  queue.addAfter('a', 60_000)
  assert.equal(await queue.take(), 'a')
  assert.ok(performance.now() - startedMs < 30_000)
  queue.shutDown()
})

test('a shut down queue sends its workers home and takes nothing more', async () => {
  const queue = queueOf<string>()
  const waiting = queue.take()
  queue.addAfter('later', 60_000)
  queue.shutDown()
  queue.add('b')
  assert.equal(await waiting, undefined)
  assert.equal(await queue.take(), undefined)
})

test('waits double with each failure of an item, are bounded, and begin anew after a success', () => {
  const limiter = exponentialPerItem<string>(5, 1000)
  assert.deepEqual(
    Array.from({ length: 10 }, () => limiter.when('a')),
    [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000],
  )
  assert.equal(limiter.when('b'), 5)
  limiter.forget('a')
  assert.deepEqual([limiter.failures('a'), limiter.when('a')], [0, 5])
  const shared = withOverallLimit(exponentialPerItem<string>(5, 1000), new TokenBucket(1, 1))
  assert.equal(shared.when('a'), 5)
  assert.ok(shared.when('b') > 900)
})

test('a token bucket gives its burst at once and then its rate', () => {
  const bucket = new TokenBucket(10, 3, 0)
  assert.deepEqual(
    [0, 0, 0, 0, 0].map((now) => bucket.reserve(now)),
    [0, 0, 0, 100, 200],
  )
  assert.equal(bucket.tryTake(250), false)
  assert.equal(bucket.tryTake(301), true)
  assert.equal(new TokenBucket(10, 3, 0).tryTake(10_000), true)
})

test('whatever the schedule: never twice in work, never lost, each at least once after its last add', async () => {
  const schedule = fc.array(
    fc.record({ item: fc.nat(4), delayMs: fc.nat(3), yields: fc.nat(2), fails: fc.boolean() }),
    {
      maxLength: 40,
    },
  )
  await fc.assert(
    fc.asyncProperty(schedule, fc.integer({ min: 1, max: 4 }), async (steps, workers) => {
      const queue = queueOf<number>()
      const inWork = new Set<number>()
      let wasTwiceInWork = false
      /** Items whose last add was not worked on yet. */
      const due = new Set<number>()
      const failing = new Set(steps.filter(({ fails }) => fails).map(({ item }) => item))
      const ending = new AbortController()
      const { promise: settled, resolve: settle } = Promise.withResolvers<void>()
      let isFed = false
      const check = (): void => {
        if (isFed && due.size === 0 && inWork.size === 0) settle()
      }
      const working = workOff(
        queue,
        {
          workers,
          reconcile: async (item) => {
            wasTwiceInWork ||= inWork.has(item)
            inWork.add(item)
            due.delete(item)
            await new Promise(setImmediate)
            inWork.delete(item)
            // The first attempt of some fails: they come again.
            if (failing.delete(item)) {
              due.add(item)
              throw new Error('again')
            }
            check()
          },
          onError: () => {},
        },
        ending.signal,
      )
      for (const { item, delayMs, yields } of steps) {
        due.add(item)
        queue.addAfter(item, delayMs)
        for (let turn = 0; turn < yields; turn++) await new Promise(setImmediate)
      }
      isFed = true
      check()
      await settled
      ending.abort()
      await working
      assert.deepEqual([queue.depth, wasTwiceInWork], [0, false])
    }),
    { numRuns: 100 },
  )
})
