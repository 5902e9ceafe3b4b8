import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveWatchers } from './live-watchers.ts'
import type { Watcher } from './watcher.ts'

// Of a watcher only its connection matters here.
const watcherOn = (connection: object): Watcher => ({ stream: { connection } }) as unknown as Watcher

test('watchers come connection by connection, each once', () => {
  const [one, two] = [{}, {}]
  const [a, b, c, d] = [watcherOn(one), watcherOn(two), watcherOn(one), watcherOn(two)]
  const live = new LiveWatchers()
  for (const watcher of [a, b, c, d, a]) live.add(watcher)

  assert.equal(live.size, 4)
  assert.deepEqual([...live], [a, c, b, d])
})

test('who leaves during a round is not visited, and the others are', () => {
  const [one, two] = [{}, {}]
  const watchers = [watcherOn(one), watcherOn(one), watcherOn(two), watcherOn(two)]
  const live = new LiveWatchers()
  for (const watcher of watchers) live.add(watcher)
  const seen: Watcher[] = []

  for (const watcher of live) {
    seen.push(watcher)
    live.delete(watcher)
    const gone = watchers[3]
    if (gone !== undefined) live.delete(gone)
  }

  assert.deepEqual(seen, watchers.slice(0, 3))
  assert.equal(live.size, 0)
})
