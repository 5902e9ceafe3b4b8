// `keelson dev` as a process: what Ctrl-C leaves behind, and what a store that cannot be used says.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'

const COMMAND = join(import.meta.dirname, '../bin/keelson.mjs')

describe('keelson dev', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-dev-'))
  after(() => rmSync(stateDir, { recursive: true, force: true }))
  const dev = (...args: string[]) =>
    spawn(process.execPath, [COMMAND, 'dev', '--port=0', `--state-dir=${stateDir}`, ...args], { timeout: 60_000 })

  test('Ctrl-C ends it in order, and nobody else may read its store', async () => {
    const server = dev()
    const [line] = await once(server.stdout.setEncoding('utf8'), 'data')
    assert.match(String(line), /^Keelson is ready after \d+ ms: https:\/\/127\.0\.0\.1:\d+ {2}export KUBECONFIG=/)
    server.kill('SIGINT')
    assert.deepEqual(await once(server, 'exit'), [0, null])
    // An orderly end folds the journal into the database.
    assert.deepEqual(readdirSync(stateDir).sort(), ['dev.db', 'dev.kubeconfig', 'pki'])
    assert.equal(statSync(join(stateDir, 'dev.db')).mode & 0o777, 0o600)
  })

  test('a file that is no store is one sentence', async () => {
    const file = join(stateDir, 'letter.txt')
    writeFileSync(file, 'Dear reader, this file is about something else. '.repeat(100))
    const server = dev(`--data=${file}`)
    const [complaint, [code]] = await Promise.all([text(server.stderr), once(server, 'exit')])
    assert.equal(code, 1)
    assert.match(complaint, /^keelson: The store .*letter\.txt cannot be used: .*file is not a database\n$/)
  })
})
