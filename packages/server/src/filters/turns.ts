// Requests that came together do not run in one turn of the loop: sixteen creates at once would hold it for ten milliseconds.
// After some milliseconds of them the others wait, in order, for turns of their own, and events go out in between.
import type { Middleware } from '../context.ts'

const SLICE_MS = 4

export function turns(): Middleware {
  const waiting: (() => void)[] = []
  let isTurnCounted = false
  let end = 0

  const nextTurn = (): void => {
    const next = waiting.shift()
    if (next === undefined) {
      isTurnCounted = false
      return
    }
    // What it does runs when this function has returned, and nobody knows how long: one a turn.
    next()
    setImmediate(nextTurn)
  }

  return (_context, next) => {
    if (!isTurnCounted) {
      isTurnCounted = true
      end = performance.now() + SLICE_MS
      setImmediate(nextTurn)
      return next()
    }
    if (waiting.length === 0 && performance.now() < end) return next()
    return new Promise<void>((resolve) => waiting.push(resolve)).then(next)
  }
}
