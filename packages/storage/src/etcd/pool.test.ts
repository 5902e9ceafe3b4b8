// A member that sends its clients away: new calls find another connection at once, old ones end where they are.
import assert from 'node:assert/strict'
import { type ServerHttp2Session, type ServerHttp2Stream, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ConnectionLost } from './faults.ts'
import { Pool } from './pool.ts'

const EMPTY = Buffer.alloc(5)
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function respond(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(EMPTY)
}

test('a GOAWAY moves the pool to a new connection, while an endless call goes on over the old one', async () => {
  const sessions: ServerHttp2Session[] = []
  const server = createServer()
  const held: ServerHttp2Stream[] = []
  server.on('session', (session) => sessions.push(session))
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    if (headers[':path'] === '/s/endless') {
      stream.respond({ ':status': 200 })
      held.push(stream)
    } else respond(stream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const pool = new Pool({ endpoints: [`http://127.0.0.1:${port}`], tls: undefined, logger: undefined })
  const old = await pool.acquire()
  const endless = old.stream('/s/endless')
  while (held.length === 0) await nextTurn()
  sessions[0]?.goaway()
  for (let round = 0; round < 3; round++) {
    assert.equal((await pool.read('/s/m', EMPTY)).length, 0)
    await nextTurn()
  }
  while (old.state === 'open') await nextTurn()
  const now = await pool.acquire()
  assert.notEqual(now, old)
  assert.equal(sessions.length, 2)
  held[0]?.write(EMPTY)
  for await (const batch of endless.messages()) {
    assert.equal(batch.length, 1)
    break
  }
  // Closing the pool ends both.
  pool.close()
  await assert.rejects(async () => {
    for await (const batch of endless.messages()) assert.fail(`${batch.length} messages`)
  }, ConnectionLost)
  assert.deepEqual([old.state, now.state], ['closed', 'closed'])
  for (const session of sessions) session.destroy()
  server.close()
})
