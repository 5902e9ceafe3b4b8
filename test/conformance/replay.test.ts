import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ExchangeRequest, ExchangeResponse } from './exchange.ts'
import { type StepResult, replayFile } from './replay.ts'

const WAITING = { request: { method: 'GET', path: '/late' }, response: { status: 200 }, until: { status: 200 } }

/** Replays three waiting steps against a server that has `/late` after some requests. */
async function replay(after: number, patienceMs: number): Promise<{ results: StepResult[]; asked: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'keelson-replay-'))
  const file = join(directory, 'topic.json')
  writeFileSync(file, JSON.stringify({ name: 'topic', about: '', steps: [WAITING, WAITING, WAITING] }))
  let asked = 0
  const call = ({ method, path }: ExchangeRequest): Promise<ExchangeResponse> =>
    Promise.resolve({ status: path === '/late' ? (++asked > after ? 200 : 404) : method === 'POST' ? 201 : 404 })
  try {
    const watch = (): Promise<ExchangeResponse> => Promise.reject(new Error('there are no watches here'))
    return { results: await replayFile({ call, watch }, file, patienceMs), asked }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

test('a step that waits is repeated until it is answered as recorded', async () => {
  const { results, asked } = await replay(2, 60_000)
  assert.deepEqual(
    results.map(({ differences }) => differences),
    [[], [], []],
  )
  assert.equal(asked, 5)
})

test('a topic whose first wait was in vain does not wait again', async () => {
  const { results, asked } = await replay(Infinity, 150)
  assert.ok(results.every(({ differences }) => differences[0]?.startsWith('never reached')))
  const ofTheFirst = asked - 2
  assert.ok(ofTheFirst >= 2, `the first step was sent ${ofTheFirst} times`)
})
