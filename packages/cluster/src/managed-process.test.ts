import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { ManagedProcess } from './managed-process.ts'
import { isAlive, signalProcess, startTimeOf } from './process-identity.ts'
import { rotate } from './log-rotation.ts'
import type { ProcessRecord } from './state-file.ts'

function managed(
  t: TestContext,
  script: string,
): { process: ManagedProcess; holdFile: string; until(state: ProcessRecord['state']): Promise<ProcessRecord> } {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-process-'))
  const changes = new EventEmitter()
  const holdFile = join(directory, 'hold')
  const child = new ManagedProcess(
    {
      name: 'child',
      role: 'apiserver',
      command: process.execPath,
      args: ['-e', script],
      address: '',
      logFile: join(directory, 'child.log'),
      holdFile,
      stopTimeoutMs: 500,
    },
    { changed: () => changes.emit('change'), died: () => {} },
  )
  t.after(async () => {
    await child.stop()
    rmSync(directory, { recursive: true })
  })
  const until = async (state: ProcessRecord['state']): Promise<ProcessRecord> => {
    while (child.record.state !== state) await once(changes, 'change')
    return child.record
  }
  return { process: child, holdFile, until }
}
const FOREVER = 'setInterval(() => {}, 1000)'

test('what is killed is started again', async (t) => {
  const { process: child, until } = managed(t, FOREVER)
  child.start()
  const first = child.record.identity
  assert.ok(first !== undefined && signalProcess(first, 'SIGKILL'))
  await until('waiting')
  const { identity, restarts } = await until('running')
  assert.notEqual(identity?.pid, first.pid)
  assert.equal(restarts, 1)
})

test('what is held stays down until it is released', async (t) => {
  const { process: child, holdFile, until } = managed(t, FOREVER)
  child.start()
  writeFileSync(holdFile, '')
  signalProcess(child.record.identity!, 'SIGKILL')
  await until('held')
  rmSync(holdFile)
  await until('running')
})

test('stop ends a process that is paused and one that ignores SIGTERM', async (t) => {
  for (const script of [FOREVER, `process.on('SIGTERM', () => {}); ${FOREVER}`]) {
    const { process: child } = managed(t, script)
    child.start()
    const identity = child.record.identity!
    signalProcess(identity, 'SIGSTOP')
    await child.stop()
    assert.equal(isAlive(identity), false)
    assert.equal(child.record.state, 'stopped')
  }
})

test('a pid of another start time is nobody of ours', () => {
  const identity = { pid: process.pid, startTime: 'another' }
  assert.equal(isAlive(identity), false)
  assert.equal(signalProcess(identity, 'SIGKILL'), false)
  assert.equal(typeof startTimeOf(process.pid), 'string')
})

test('a log over the limit is emptied, its end kept beside it', (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'keelson-log-')), 'x.log')
  t.after(() => rmSync(join(file, '..'), { recursive: true }))
  writeFileSync(file, 'one\n')
  rotate(file, 10)
  assert.equal(readFileSync(file, 'utf8'), 'one\n')
  writeFileSync(file, 'many lines\n')
  rotate(file, 10)
  assert.equal(readFileSync(file, 'utf8'), '')
  assert.equal(readFileSync(`${file}.1`, 'utf8'), 'many lines\n')
})
