import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import { duplexPair } from 'node:stream'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { GET_ROOT, POST_ROOT, RawClient } from '../testing/raw-http2.ts'
import { Http2Connection } from './connection.ts'
import { IDLE_TIMEOUT_MS, MAX_CONCURRENT_STREAMS } from './limits.ts'
import {
  ErrorCode,
  Flag,
  FrameType,
  MAX_HEADER_LIST_BYTES,
  Setting,
  settingsFrame,
  windowUpdateFrame,
} from '@keelson/component/http2'
import type { Http2Stream } from './stream.ts'

const END = Flag.endStream | Flag.endHeaders

/** Answers with the headers it got and the hash of the body; `/bytes/N` with N bytes; `/hold` never. */
function answer(stream: Http2Stream): void {
  const { path, headers } = stream.request
  if (path === '/hold') return
  const sized = /^\/bytes\/(\d+)$/.exec(path)
  if (sized !== null) {
    stream.respond(200, { 'content-type': 'application/octet-stream' })
    return stream.end(Buffer.alloc(Number(sized[1]), 'x'))
  }
  const hash = createHash('sha256')
  stream.readBody({
    data: (chunk) => hash.update(chunk),
    end: () => {
      stream.respond(200, { 'x-hash': hash.digest('hex') })
      stream.end(Buffer.from(JSON.stringify(headers)))
    },
    fail: () => {},
  })
}

const sessions: ClientHttp2Session[] = []
after(() => sessions.forEach((session) => session.destroy()))

function nodeClient(settings: object = {}): ClientHttp2Session {
  const [ours, theirs] = duplexPair()
  const served = new Http2Connection(theirs, { onStream: answer, onTaken: () => {}, onClose: () => {} })
  const session = connect('http://keelson', { createConnection: () => ours, settings })
  session.on('error', () => {})
  session.on('close', () => served.destroy())
  sessions.push(session)
  return session
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Buffer) {
  const stream = session.request(headers, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const answered = once(stream, 'response')
  await once(stream, 'end')
  const [got]: IncomingHttpHeaders[] = await answered
  return { headers: got ?? {}, body: Buffer.concat(chunks) }
}

describe("HTTP/2 with Node's own client", () => {
  test('whatever headers it sends arrive, however it packs them', async () => {
    const session = nodeClient()
    const value = fc.stringMatching(/^([!-~]([ -~]{0,60}[!-~])?)?$/)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(30), value), { maxLength: 20 }), async (pairs) => {
        const sent = Object.fromEntries(pairs.map(([number, text]) => [`x-${number}`, text]))
        const got = JSON.parse((await ask(session, { ...sent, ':path': '/?a=%2f' })).body.toString())
        assert.equal(got[':path'], '/?a=%2f')
        for (const [name, text] of Object.entries(sent)) assert.equal(got[name], text)
      }),
    )
  })

  test('a hundred answers at once, each larger than every window, arrive whole', async () => {
    const session = nodeClient({ initialWindowSize: 20_000 })
    const sizes = Array.from({ length: 100 }, (_, index) => 50_000 + index)
    const answers = await Promise.all(sizes.map((size) => ask(session, { ':path': `/bytes/${size}` })))
    assert.deepEqual(
      answers.map(({ body }) => body.length),
      sizes,
    )
  })

  test('bodies larger than our windows are read whole, many at once', async () => {
    const session = nodeClient()
    const bodies = Array.from({ length: 8 }, () => randomBytes(1_500_000))
    const answers = await Promise.all(bodies.map((body) => ask(session, { ':path': '/', ':method': 'POST' }, body)))
    answers.forEach(({ headers }, index) => {
      const body = bodies[index] ?? Buffer.alloc(0)
      assert.equal(headers['x-hash'], createHash('sha256').update(body).digest('hex'))
    })
  })

  test('windows that shrink and grow under way lose nothing', async () => {
    const session = nodeClient({ initialWindowSize: 1_000_000 })
    const big = ask(session, { ':path': '/bytes/3000000' })
    for (const initialWindowSize of [1_000, 500_000, 0, 70_000]) {
      await new Promise((resolve) => session.settings({ initialWindowSize }, () => resolve(undefined)))
    }
    assert.equal((await big).body.length, 3_000_000)
  })

  test('trailers are read over', async () => {
    const session = nodeClient()
    const stream = session.request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': 'a' }))
    stream.end('body')
    const [headers] = await once(stream, 'response')
    assert.equal(headers['x-hash'], createHash('sha256').update('body').digest('hex'))
    stream.close()
  })

  test('a planned end refuses nothing that was on its way', async () => {
    const [ours, theirs] = duplexPair()
    const streams: Http2Stream[] = []
    const served = new Http2Connection(theirs, {
      onStream: (stream) => (stream.request.path === '/hold' ? streams.push(stream) : answer(stream)),
      onTaken: () => {},
      onClose: () => {},
    })
    const session = connect('http://keelson', { createConnection: () => ours })
    sessions.push(session)
    const held = ask(session, { ':path': '/hold' })
    const goaway = once(session, 'goaway')
    await new Promise((resolve) => session.ping(resolve))
    const left = served.leave()
    // Sent before the client can know.
    const late = ask(session, { ':path': '/bytes/10' })
    const [code, lastId] = await goaway
    assert.deepEqual([code, lastId], [ErrorCode.noError, 2 ** 31 - 1])
    assert.equal((await late).body.length, 10)
    await left
    assert.equal(served.streamCount, 1)
    streams[0]?.respond(200, {})
    streams[0]?.end(Buffer.from('at last'))
    assert.equal((await held).body.toString(), 'at last')
    await once(session, 'close')
  })
})

describe('HTTP/2 on the wire', () => {
  test('what many streams write in one turn is one write', async () => {
    const client = RawClient.greeted()
    for (let id = 1; id <= 199; id += 2) client.frame(FrameType.headers, END, id, GET_ROOT)
    await client.until(() => client.streams.length === 100)
    for (const stream of client.streams) stream.respond(200, {})
    await client.until(() => client.of(FrameType.headers).length === 100)
    const before = client.writes
    for (const stream of client.streams) stream.write(Buffer.from('an event\n'))
    await client.until(() => client.of(FrameType.data).length === 100)
    assert.equal(client.writes - before, 1)
  })

  test('a client that does not read costs its streams\u2019 queues and one write', async () => {
    const client = RawClient.greeted((stream) => stream.respond(200, {}))
    client.send(settingsFrame([[Setting.initialWindowSize, 2 ** 31 - 1]]), windowUpdateFrame(0, 2 ** 31 - 1 - 65_535))
    client.frame(FrameType.headers, END, 1, GET_ROOT)
    await client.until(() => client.of(FrameType.headers).length === 1)
    client.pause()
    const [stream] = client.streams
    assert.ok(stream !== undefined)
    const chunk = Buffer.alloc(100_000)
    let taken = 0
    for (let count = 0; count < 100; count++) stream.write(chunk, () => taken++)
    await client.settled()
    assert.ok(stream.queuedBytes > 9_000_000, `${stream.queuedBytes} queued`)
    assert.ok(taken <= 3, `${taken} taken`)
    assert.ok(client.connection.bufferedBytes >= 10_000_000)
    client.destroy()
    assert.equal(stream.queuedBytes, 0)
    assert.ok(stream.aborted)
  })

  test('a stream never sends more than its window, and goes on when it opens', async () => {
    const client = RawClient.greeted(answer)
    client.send(settingsFrame([[Setting.initialWindowSize, 10]]))
    const path = Buffer.concat([Buffer.from([0x82, 0x87, 0x04, 10]), Buffer.from('/bytes/100')])
    client.frame(FrameType.headers, END, 1, path)
    const received = (): number => client.of(FrameType.data).reduce((sum, { payload }) => sum + payload.length, 0)
    await client.settled()
    assert.equal(received(), 10)
    client.send(windowUpdateFrame(1, 1))
    await client.settled()
    assert.equal(received(), 11)
    client.send(windowUpdateFrame(1, 89))
    await client.settled()
    assert.equal(received(), 100)
    assert.equal(client.of(FrameType.data).at(-1)?.flags, Flag.endStream)
  })

  test(`${MAX_CONCURRENT_STREAMS} streams are served at once, the next is refused`, async () => {
    const client = RawClient.greeted()
    for (let count = 0; count <= MAX_CONCURRENT_STREAMS; count++)
      client.frame(FrameType.headers, END, 2 * count + 1, GET_ROOT)
    await client.settled()
    assert.equal(client.streams.length, MAX_CONCURRENT_STREAMS)
    assert.equal(client.code(2 * MAX_CONCURRENT_STREAMS + 1), ErrorCode.refusedStream)
    assert.equal(client.endedWith, undefined)
  })

  test('headers over the limit are answered with 431, and the connection lives', async () => {
    const client = RawClient.greeted(answer)
    const add = Buffer.concat([Buffer.from([0x40, 1, 97, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4000, 'v')])
    // One field of the table again and again: few bytes on the wire, many when they are counted.
    const repeats = Math.ceil(MAX_HEADER_LIST_BYTES / 4000)
    client.frame(FrameType.headers, END, 1, Buffer.concat([GET_ROOT, add, Buffer.alloc(repeats, 0xbe)]))
    await client.until(() => client.of(FrameType.headers, 1).length === 1)
    assert.equal(client.of(FrameType.headers, 1)[0]?.payload.toString('latin1').includes('431'), true)
    client.frame(FrameType.headers, END, 3, GET_ROOT)
    await client.until(() => client.of(FrameType.headers, 3).length === 1)
  })

  test('whoever uploads a body that nobody wants is told to stop, after the answer', async () => {
    const client = RawClient.greeted((stream) => {
      stream.respond(401, {})
      stream.end(Buffer.from('no'))
    })
    client.frame(FrameType.headers, Flag.endHeaders, 1, POST_ROOT)
    await client.until(() => client.code(1) !== undefined)
    assert.equal(client.code(1), ErrorCode.noError)
    const order = client.frames.filter(({ id }) => id === 1).map(({ type }) => type)
    assert.deepEqual(order, [FrameType.headers, FrameType.data, FrameType.rstStream])
    // What was on its way is no fault.
    client.frame(FrameType.data, 0, 1, Buffer.alloc(1000))
    await client.settled()
    assert.equal(client.endedWith, undefined)
  })

  test('windows are given back for bodies that nobody reads', async () => {
    const client = RawClient.greeted((stream) => {
      stream.respond(401, {})
      stream.end()
    })
    const piece = Buffer.alloc(16_384)
    for (let id = 1; id < 2_000; id += 2) {
      client.frame(FrameType.headers, Flag.endHeaders, id, POST_ROOT)
      client.frame(FrameType.data, Flag.endStream, id, piece)
      if (id % 100 === 1) await client.settled()
    }
    await client.settled()
    assert.equal(client.endedWith, undefined, 'no flow control error after 16 MB')
  })

  test('idle connections end, and header blocks that never do', async () => {
    const idle = RawClient.greeted()
    await idle.settled()
    idle.connection.checkTimeouts(performance.now() + IDLE_TIMEOUT_MS - 1_000)
    assert.equal(idle.endedWith, undefined)
    idle.connection.checkTimeouts(performance.now() + IDLE_TIMEOUT_MS + 1_000)
    await idle.until(() => idle.endedWith !== undefined)
    assert.equal(idle.code(0), ErrorCode.noError)

    const slow = RawClient.greeted()
    slow.frame(FrameType.headers, 0, 1, GET_ROOT)
    await slow.settled()
    slow.connection.checkTimeouts(performance.now() + 33_000)
    await slow.until(() => slow.endedWith !== undefined)
    assert.equal(slow.code(0), ErrorCode.protocolError)
  })
})
