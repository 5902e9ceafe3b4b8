// The client as a member sees it that does nothing wrong: scripted, and node:http2's own server as an independent judge.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { constants, performServerHandshake } from 'node:http2'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Flag, FrameType, Setting, settingsFrame, windowUpdateFrame } from '@keelson/component/http2'
import fc from 'fast-check'
import { OK, OK_TRAILERS, RawCall, RawMember, answer, frame } from '../../testing/raw-member.ts'
import { Http2ClientConnection, MAX_STREAMS } from './client-connection.ts'
import { STREAM_WINDOW_BYTES } from './client-stream.ts'

const FIELDS = [':method: POST', ':scheme: http', ':authority: etcd:2379', ':path: /s/m', 'te: trailers']

describe('requests', () => {
  test('all of one turn are one write, and from the second on a header block is five bytes', async () => {
    const member = await RawMember.greeted()
    const before = member.writes
    const calls = Array.from({ length: 50 }, (_, index) => member.call(`request ${index}`))
    await member.settled()
    assert.equal(member.writes, before + 1)
    calls.forEach((_, index) => {
      const id = 1 + 2 * index
      assert.deepEqual(member.requests.get(id), FIELDS)
      assert.equal(member.body(id).toString(), `request ${index}`)
      if (index > 0) assert.equal(member.of(FrameType.headers, id)[0]?.payload.length, 5)
    })
    assert.ok(member.of(FrameType.data).every(({ flags }) => flags === Flag.endStream))
  })

  test('nothing is asked before the member has said its SETTINGS', async () => {
    const member = new RawMember()
    assert.equal(member.call().stream, undefined)
    member.send(settingsFrame([]))
    await member.settled()
    assert.equal(member.opened, 1)
    assert.ok(member.call().stream)
    member.cut()
  })

  test('paths take turns: the tables of both sides stay in step, whatever the member allows', async () => {
    for (const size of [0, 60, 150, 300, 4096, 65_536]) {
      const member = await RawMember.greeted([[Setting.headerTableSize, size]])
      const path = (index: number): string => `/etcdserverpb.KV/${index % 5}`
      for (let index = 0; index < 40; index++) {
        member.call('x', path(index))
        // Smaller in the middle of it: what is there is forgotten, or fits.
        if (index === 20) member.send(settingsFrame([[Setting.headerTableSize, size / 2]]))
        await member.settled()
        assert.equal(member.requests.get(1 + 2 * index)?.[3], `:path: ${path(index)}`)
      }
      member.cut()
    }
  })

  test('as many streams as the member allows, the others in their order; one that is cancelled was never there', async () => {
    const member = await RawMember.greeted([[Setting.maxConcurrentStreams, 2]])
    const calls = Array.from({ length: 6 }, (_, index) => member.call(`${index}`))
    await member.settled()
    assert.deepEqual([...member.requests.keys()], [1, 3])
    calls[3]?.stream?.cancel(new Error('enough'))
    assert.equal(calls[3]?.lostSent, false)
    member.send(answer(3, Buffer.from('done')))
    await member.settled()
    assert.deepEqual([...member.requests.keys()], [1, 3, 5])
    assert.equal(calls[1]?.body, 'done')
    member.send(settingsFrame([[Setting.maxConcurrentStreams, 100]]))
    await member.settled()
    assert.deepEqual([...member.requests.keys()], [1, 3, 5, 9, 11])
    assert.deepEqual(member.of(FrameType.rstStream), [])
    member.cut()
  })

  test(`${MAX_STREAMS} calls may be under way, and no more`, async () => {
    const member = await RawMember.greeted([[Setting.maxConcurrentStreams, 1]])
    const calls = Array.from({ length: MAX_STREAMS }, () => member.call())
    assert.ok(calls.every(({ stream }) => stream !== undefined))
    assert.equal(member.call().stream, undefined)
    calls.at(-1)?.stream?.cancel(new Error('enough'))
    assert.ok(member.call().stream)
    member.cut()
    assert.ok(calls.every(({ ends }) => ends.length === 1))
  })

  test('a request larger than the windows is sent as they open, byte for byte', async () => {
    const member = await RawMember.greeted([[Setting.initialWindowSize, 1000]])
    const body = randomBytes(300_000)
    member.call(body)
    await member.settled()
    assert.equal(member.body(1).length, 1000)
    member.send(windowUpdateFrame(1, 1_000_000))
    await member.settled()
    assert.equal(member.body(1).length, 65_535)
    member.send(windowUpdateFrame(0, 1_000_000))
    while (member.body(1).length < body.length) await member.settled()
    assert.ok(member.body(1).equals(body))
    member.cut()
  })
})

describe('responses', () => {
  test('a body, its trailers, and the end; and trailers alone', async () => {
    const member = await RawMember.greeted()
    const [whole, trailersOnly] = [member.call(), member.call()]
    await member.settled()
    const status = Buffer.concat([OK, OK_TRAILERS])
    member.send(answer(1, Buffer.from('body')), frame(FrameType.headers, Flag.endHeaders | Flag.endStream, 3, status))
    await member.settled()
    assert.equal(whole.body, 'body')
    assert.deepEqual(
      whole.heads.map(({ status: http, grpcStatus }) => [http, grpcStatus]),
      [
        ['200', undefined],
        ['', '0'],
      ],
    )
    assert.deepEqual(
      trailersOnly.heads.map(({ status: http, grpcStatus }) => [http, grpcStatus]),
      [['200', '0']],
    )
    assert.deepEqual([whole.ends, trailersOnly.ends], [[{ how: 'ended' }], [{ how: 'ended' }]])
    member.cut()
  })

  test('a member that answers before it has heard all is told that we stop', async () => {
    const member = await RawMember.greeted([[Setting.initialWindowSize, 10]])
    const call = member.call('much more than ten bytes')
    await member.settled()
    member.send(answer(1, Buffer.from('no')))
    await member.settled()
    assert.deepEqual(call.ends, [{ how: 'ended' }])
    assert.equal(member.code(1), constants.NGHTTP2_CANCEL)
    member.cut()
  })

  test('who does not read holds the member up at the window; who reads gets it opened again', async () => {
    const member = await RawMember.greeted()
    const call = new RawCall()
    call.reads = false
    call.stream = member.client.request('/s/m', call)
    call.stream?.end()
    await member.settled()
    member.send(frame(FrameType.headers, Flag.endHeaders, 1, OK))
    const piece = frame(FrameType.data, 0, 1, Buffer.alloc(16_384))
    for (let bytes = 0; bytes < STREAM_WINDOW_BYTES; bytes += 16_384) member.send(piece)
    await member.settled()
    assert.deepEqual(member.of(FrameType.windowUpdate, 1), [])
    call.stream?.consumed(STREAM_WINDOW_BYTES)
    await member.settled()
    assert.equal(member.of(FrameType.windowUpdate, 1)[0]?.payload.readUInt32BE(0), STREAM_WINDOW_BYTES)
    member.cut()
  })

  test('a PING is answered, and unknown frames are skipped', async () => {
    const member = await RawMember.greeted()
    member.send(frame(0xfa, 0, 0, Buffer.from('what')), frame(FrameType.ping, 0, 0, Buffer.from('12345678')))
    await member.settled()
    assert.equal(member.of(FrameType.ping)[0]?.payload.toString(), '12345678')
    member.cut()
  })
})

test("with Node's own server: whatever is asked is answered, whatever its windows, tables, padding and limits", async () => {
  const call = fc.record({ ask: fc.nat(200_000), get: fc.nat(200_000), path: fc.nat(9) })
  const settings = fc.record({
    initialWindowSize: fc.integer({ min: 1_000, max: 200_000 }),
    maxConcurrentStreams: fc.integer({ min: 1, max: 12 }),
    headerTableSize: fc.constantFrom(0, 100, 4096, 65_536),
  })
  const padding = fc.constantFrom(constants.PADDING_STRATEGY_NONE, constants.PADDING_STRATEGY_MAX)
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 30 }), settings, padding, async (calls, given, paddingStrategy) => {
      const [ours, theirs] = duplexPair()
      const session = performServerHandshake(theirs, { settings: given, paddingStrategy })
      session.on('error', () => {})
      session.on('stream', (stream, headers) => {
        const hash = createHash('sha256')
        stream.on('data', (chunk: Buffer) => hash.update(chunk))
        stream.on('end', () => {
          stream.respond({ ':status': 200 }, { waitForTrailers: true })
          stream.on('wantTrailers', () =>
            stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': hash.digest('hex') }),
          )
          stream.end(Buffer.alloc(Number(headers[':path']?.split('/')[2]), 'x'))
        })
      })
      let open = (): void => {}
      const opened = new Promise<void>((resolve) => (open = resolve))
      const client = new Http2ClientConnection(
        ours,
        [
          [':method', 'POST'],
          [':scheme', 'http'],
          [':authority', 'etcd'],
        ],
        [],
        { onOpen: () => open(), onLeave: () => {}, onClose: () => {} },
      )
      await opened
      const ends = calls.map(async ({ ask, get, path }) => {
        const body = Buffer.alloc(ask, path)
        const sink = new RawCall()
        const done = new Promise<void>((resolve) => {
          sink.close = (end) => {
            sink.ends.push(end)
            resolve()
          }
        })
        sink.stream = client.request(`/${path}/${get}`, sink)
        sink.stream?.write(body.subarray(0, ask >> 1))
        sink.stream?.write(body.subarray(ask >> 1))
        sink.stream?.end()
        await done
        assert.deepEqual(sink.ends, [{ how: 'ended' }])
        assert.equal(sink.heads.at(-1)?.grpcMessage, createHash('sha256').update(body).digest('hex'))
        assert.equal(sink.body.length, get)
      })
      await Promise.all(ends)
      client.destroy(new Error('done'))
      session.destroy()
    }),
    { numRuns: 25 },
  )
})
