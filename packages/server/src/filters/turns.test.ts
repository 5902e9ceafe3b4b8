import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestContext } from '../context.ts'
import { turns } from './turns.ts'

const context = {} as RequestContext // Nothing of it is looked at.
const busy = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
}

test('requests that take long begin in order, in turns of their own; short ones in one turn', async () => {
  const filter = turns()
  let turn = 0
  let isOver = false
  const count = (): void => {
    turn++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const run = async (ms: number): Promise<{ order: number[]; turns: Set<number> }> => {
    const order: number[] = []
    const seen = new Set<number>()
    const requests = Array.from({ length: 12 }, (_, index) =>
      filter(context, async () => {
        order.push(index)
        seen.add(turn)
        busy(ms)
      }),
    )
    await Promise.all(requests)
    await new Promise((resolve) => setImmediate(resolve))
    return { order, turns: seen }
  }
  const long = await run(3)
  assert.deepEqual(
    long.order,
    [...long.order].toSorted((a, b) => a - b),
  )
  assert.ok(long.turns.size >= 9, `${long.turns.size} turns`)
  // Whatever is left of the last turn is over.
  await new Promise((resolve) => setImmediate(resolve))
  const short = await run(0)
  isOver = true
  assert.equal(short.turns.size, 1)
})

test('one that fails keeps nobody waiting', async () => {
  const filter = turns()
  const results = await Promise.allSettled(
    Array.from({ length: 4 }, (_, index) =>
      filter(context, async () => {
        busy(5)
        if (index % 2 === 0) throw new Error('broken')
      }),
    ),
  )
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'rejected', 'fulfilled'],
  )
})
