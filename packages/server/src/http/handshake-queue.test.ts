import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { HandshakeQueue } from './handshake-queue.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a burst begins over several turns, in order, and each connection once', async () => {
  await using server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // It listens on TCP.
  const begun: Socket[] = []
  const queue = new HandshakeQueue((socket) => begun.push(socket))
  const sockets = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'))

  for (const socket of sockets) queue.add(socket)
  const atOnce = begun.length
  assert.ok(atOnce > 0 && atOnce < 20, `${atOnce} at once`)
  let turns = 0
  for (; begun.length < sockets.length; turns++) await nextTurn()

  assert.ok(turns >= 3, `${turns} turns`)
  assert.deepEqual(begun, sockets)
  for (const socket of sockets) socket.destroy()
})

test('closing destroys those that wait', () => {
  const begun: Socket[] = []
  const queue = new HandshakeQueue((socket) => begun.push(socket))
  const sockets = Array.from({ length: 50 }, () => connect({ port: 1, host: '127.0.0.1' }).on('error', () => {}))
  for (const socket of sockets) queue.add(socket)
  queue.close()
  assert.equal(sockets.filter(({ destroyed }) => destroyed).length, 50 - begun.length)
  for (const socket of begun) socket.destroy()
})
