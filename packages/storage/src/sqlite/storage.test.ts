// SQLite under the contract suite, in memory and in a file, and what only a file can promise.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { StorageUnavailable, toRevision, toStorageKey } from '../storage.ts'
import { contractSuite } from '../testing/contract.ts'
import { bytes, freshPrefix, keyIn } from '../testing/keys.ts'
import { watchTo, watchUntil } from '../testing/watch-log.ts'
import { createSqliteStorage } from './storage.ts'

let folder = ''
let files = 0
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'keelson-sqlite-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const newFile = (): string => path.join(folder, `${files++}.db`)

contractSuite('sqlite in memory', () => createSqliteStorage({ file: ':memory:' }))
contractSuite('sqlite in a file', () => createSqliteStorage({ file: newFile() }))

describe('a file', () => {
  test('keeps objects, revisions, history and identity over a restart', async () => {
    const file = newFile()
    const prefix = freshPrefix()
    const key = keyIn(prefix, 'a')
    const first = await createSqliteStorage({ file })
    const identity = await first.identity()
    const created = await first.create(key, bytes('1'))
    assert.ok(created.outcome === 'created')
    const updated = await first.update(key, created.revision, bytes('2'))
    assert.ok(updated.outcome === 'updated')
    const deleted = await first.delete(key, updated.revision)
    assert.ok(deleted.outcome === 'deleted')
    await first.compact(updated.revision)
    await first[Symbol.asyncDispose]()

    await using second = await createSqliteStorage({ file })
    assert.equal(await second.identity(), identity)
    assert.equal(await second.currentRevision(), deleted.revision)
    const log = await watchTo(second, prefix, created.revision, deleted.revision)
    assert.deepEqual(
      log.events.map((event) => event.value?.toString()),
      ['2', undefined],
    )
    assert.equal((await second.list(prefix, { at: created.revision })).outcome, 'compacted')
  })

  test('ends what ran out of time while nobody had it open', async () => {
    const file = newFile()
    const prefix = freshPrefix()
    const first = await createSqliteStorage({ file })
    const start = await first.currentRevision()
    await first.create(keyIn(prefix, 'a'), bytes('x'), { leaseSeconds: 1 })
    await first[Symbol.asyncDispose]()
    await using second = await createSqliteStorage({ file })
    const log = await watchUntil(second, prefix, start, (seen) => seen.events.length === 2)
    assert.equal(log.events[1]?.type, 'delete')
  })

  test('is held by one process at a time', async () => {
    const file = newFile()
    await using _first = await createSqliteStorage({ file })
    await assert.rejects(createSqliteStorage({ file }), StorageUnavailable)
  })

  test('loses nothing that was answered when the process is killed', async () => {
    const file = newFile()
    const script = path.join(import.meta.dirname, '../testing/sqlite-writer.ts')
    const writer = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    let answered = 0
    let rest = ''
    for await (const chunk of writer.stdout) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      answered = Number(lines.at(-1) ?? answered)
      if (answered > 500) writer.kill('SIGKILL')
    }
    await using storage = await createSqliteStorage({ file })
    const listing = await storage.list('/registry/killed/', {})
    assert.ok(listing.outcome === 'listed')
    assert.ok(listing.items.length >= answered, `${listing.items.length} of ${answered}`)
    assert.ok(listing.items.every((item, index) => item.modRevision === 2 + index))
  })
})

test('compaction removes what nobody can ask for any more', async () => {
  await using storage = await createSqliteStorage({ file: ':memory:' })
  const prefix = freshPrefix()
  let revision = await storage.currentRevision()
  for (let index = 0; index < 2000; index++) {
    const key = keyIn(prefix, `${index % 10}`)
    const current = await storage.get(key)
    const result =
      current === undefined
        ? await storage.create(key, bytes(`${index}`))
        : await storage.update(key, current.modRevision, bytes(`${index}`))
    assert.ok('revision' in result)
    revision = result.revision
  }
  await storage.compact(revision)
  const listing = await storage.list(prefix, { at: revision })
  assert.ok(listing.outcome === 'listed')
  assert.deepEqual(
    listing.items.map((item) => Number(item.value.toString())),
    [1990, 1991, 1992, 1993, 1994, 1995, 1996, 1997, 1998, 1999],
  )
  assert.equal((await storage.list(prefix, { at: toRevision(revision - 1) })).outcome, 'compacted')
  assert.equal((await storage.get(toStorageKey(`${prefix}0`)))?.value.toString(), '1990')
})
