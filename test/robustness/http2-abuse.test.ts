// HTTP/2 connections that cost a server more than their client: they are cut or bounded, and everybody else is served. A
// client that merely stops a great many watches is not among them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { type EtcdCluster, startEtcd } from '@keelson/storage/testing'
import { END_HEADERS, END_STREAM, FRAME, flood, frame, getHeaders, openRaw } from './http2-frames.ts'
import { CONFIG_MAPS, Replica } from './replica.ts'

const MB = 1024 * 1024

describe('abuse of HTTP/2', () => {
  let etcd: EtcdCluster
  let replica: Replica
  before(async () => {
    etcd = await startEtcd()
    replica = await Replica.start({ etcdServers: etcd.endpoints })
    await replica.ready()
  })
  after(async () => {
    await replica[Symbol.asyncDispose]()
    await etcd[Symbol.asyncDispose]()
  })

  /** Others are served meanwhile, and what it cost in memory is bounded. */
  const survives = async (mostBytes: number, act: () => Promise<unknown>): Promise<void> => {
    const rss = replica.rss
    const client = replica.client('2')
    let slowestMs = 0
    let isOver = false
    const asking = (async () => {
      while (!isOver) {
        const begun = performance.now()
        assert.equal((await client.request(CONFIG_MAPS)).status, 200)
        slowestMs = Math.max(slowestMs, performance.now() - begun)
      }
    })()
    try {
      await act()
    } finally {
      isOver = true
      await asking
    }
    assert.ok(replica.rss - rss < mostBytes, `${replica.rss - rss} bytes more`)
    assert.ok(slowestMs < 2_000, `${slowestMs} ms`)
  }

  test('2,000 watches that are opened and stopped leave their connection whole', { timeout: 30_000 }, async () => {
    const client = replica.client('2')
    const session = client.session
    for (let round = 0; round < 40; round++) {
      const streams = Array.from({ length: 50 }, () => session.request({ ':path': `${CONFIG_MAPS}?watch=true` }))
      await Promise.all(streams.map((stream) => once(stream, 'response')))
      for (const stream of streams) stream.close(8)
    }
    assert.equal((await client.request(CONFIG_MAPS)).status, 200)
    assert.equal(client.session, session)
  })

  test('who resets streams as fast as it can is cut', { timeout: 30_000 }, async () => {
    await survives(150 * MB, async () => {
      const connection = await openRaw(replica)
      const headers = getHeaders(CONFIG_MAPS)
      const cancel = Buffer.from([0, 0, 0, 8])
      const pair = (count: number): Buffer =>
        Buffer.concat([
          frame(FRAME.headers, END_STREAM | END_HEADERS, 2 * count + 1, headers),
          frame(FRAME.resetStream, 0, 2 * count + 1, cancel),
        ])
      const batch = (count: number): Buffer =>
        Buffer.concat(Array.from({ length: 100 }, (_, index) => pair(100 * count + index)))
      connection.socket.resume()
      const sent = await flood(connection, batch, 50 * MB)
      assert.ok(sent < 50 * MB)
      await connection.closed
    })
  })

  test('headers without an end are cut', { timeout: 30_000 }, async () => {
    await survives(150 * MB, async () => {
      const connection = await openRaw(replica)
      connection.socket.write(frame(FRAME.headers, END_STREAM, 1, getHeaders(CONFIG_MAPS)))
      const field = Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0x80, 0x70]), Buffer.alloc(127 + 0x3800, 0x62)])
      const sent = await flood(connection, () => frame(FRAME.continuation, 0, 1, field), 100 * MB)
      await connection.closed
      assert.ok(sent < 100 * MB)
    })
  })

  const acknowledged = [
    { name: 'SETTINGS', one: frame(FRAME.settings, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100])) },
    { name: 'PING', one: frame(FRAME.ping, 0, 0, Buffer.alloc(8)) },
  ]
  for (const { name, one } of acknowledged) {
    test(`${name} frames whose answers are never read are cut`, { timeout: 30_000 }, async () => {
      await survives(150 * MB, async () => {
        const connection = await openRaw(replica)
        const many = Buffer.concat(Array.from({ length: 1_000 }, () => one))
        const sent = await flood(connection, () => many, 200 * MB)
        await connection.closed
        assert.ok(sent < 200 * MB)
      })
    })
  }

  test('the replica is as ready as before', async () => {
    await replica.ready(1_000)
    assert.ok(replica.running)
    assert.doesNotMatch(replica.log, /"level":"(error|fatal)"/)
  })
})
