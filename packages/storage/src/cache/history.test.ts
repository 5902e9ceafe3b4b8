import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Revision, toRevision, toStorageKey } from '../storage.ts'
import { History } from './history.ts'
import type { CacheEntry, CacheEvent } from './types.ts'

const SECOND = 1000
const ample = { maxAgeMs: 10 * SECOND, maxBytes: 1024 * 1024, minEvents: 2 }

function entryOf(revision: Revision, bytes: number): CacheEntry {
  const key = toStorageKey('/registry/pods/a/x')
  const none = { labels: undefined, fields: undefined, ownerUids: undefined, representations: undefined }
  return { key, namespace: 'a', name: 'x', uid: '', revision, json: Buffer.alloc(bytes), itemOffset: 0, ...none }
}

/** An update at `revision` of an object of so many bytes. */
function update(revision: number, bytes = 100): CacheEvent {
  const previous = entryOf(toRevision(revision - 1), bytes)
  return { type: 'MODIFIED', revision: toRevision(revision), entry: entryOf(toRevision(revision), bytes), previous }
}

function revisionsOf(history: History): number[] {
  const revisions: number[] = []
  for (let cursor = history.begin; cursor < history.end; cursor++) revisions.push(history.at(cursor)?.revision ?? -1)
  return revisions
}

function seek(history: History, revision: number): number | string {
  const position = history.seek(toRevision(revision))
  return position.outcome === 'gone' ? `gone, oldest ${position.oldest}` : position.cursor - history.begin
}

test('seek finds the first event after a revision', () => {
  const history = new History(ample, toRevision(10))
  for (const revision of [12, 15, 15, 20]) history.append(update(revision), 0)
  assert.deepEqual(
    [9, 10, 12, 14, 15, 19, 20, 99].map((revision) => seek(history, revision)),
    ['gone, oldest 10', 0, 1, 1, 3, 3, 4, 4],
  )
})

test('events older than the limit go, but not the last few', () => {
  const history = new History(ample, toRevision(0))
  for (let revision = 1; revision <= 6; revision++) history.append(update(revision), revision * 2 * SECOND)
  history.evictOld(17 * SECOND)
  assert.deepEqual(revisionsOf(history), [3, 4, 5, 6])
  assert.equal(seek(history, 1), 'gone, oldest 2')
  assert.equal(seek(history, 2), 0)
  history.evictOld(1000 * SECOND)
  assert.deepEqual(revisionsOf(history), [5, 6])
})

test('bytes are a limit even for the last few, and are given back', () => {
  const history = new History({ ...ample, maxBytes: 5_000 }, toRevision(0))
  for (let revision = 1; revision <= 8; revision++) history.append(update(revision, 1_000), 0)
  assert.deepEqual(revisionsOf(history), [5, 6, 7, 8])
  assert.equal(history.bytes, 4 * 1_200)
  history.append(update(9, 100_000), 0)
  assert.deepEqual([revisionsOf(history), history.bytes, history.evictedRevision], [[], 0, 9])
})

test('a reset leaves no cursor valid, and none is used again', () => {
  const history = new History(ample, toRevision(0))
  history.append(update(1), 0)
  const { end } = history
  history.reset(toRevision(7))
  history.append(update(8), 0)
  assert.equal(history.at(end), undefined)
  assert.ok(history.begin > end)
  assert.equal(seek(history, 6), 'gone, oldest 7')
})

test('older events join before the first one, and old cursors stay valid', () => {
  const history = new History(ample, toRevision(10))
  history.append(update(11), 0)
  const { begin } = history
  history.prepend([update(8), update(9)], toRevision(5), toRevision(10), 0)
  assert.deepEqual(revisionsOf(history), [8, 9, 11])
  assert.equal(history.at(begin)?.revision, 11)
  assert.deepEqual([seek(history, 4), seek(history, 5), seek(history, 8)], ['gone, oldest 5', 0, 1])
})

test('older events do not join what has lost its beginning', () => {
  const history = new History({ ...ample, maxBytes: 2_000 }, toRevision(10))
  for (let revision = 11; revision <= 14; revision++) history.append(update(revision, 600), 0)
  history.prepend([update(9)], toRevision(5), toRevision(10), 0)
  assert.deepEqual(revisionsOf(history), [13, 14])
})

test('of older events as many join as there is room for', () => {
  const history = new History({ ...ample, maxBytes: 2_000 }, toRevision(10))
  history.prepend([update(7, 800), update(8, 800), update(9, 800)], toRevision(5), toRevision(10), 0)
  assert.deepEqual(revisionsOf(history), [8, 9])
  assert.equal(seek(history, 6), 'gone, oldest 7')
})
