import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Frame, frame, GET_ROOT, POST_ROOT, RawClient } from '../testing/raw-http2.ts'
import {
  CLIENT_PREFACE,
  ErrorCode,
  Flag,
  FrameType,
  Setting,
  settingsFrame,
  windowUpdateFrame,
} from '@keelson/component/http2'

const END = Flag.endStream | Flag.endHeaders

describe('HTTP/2 from clients that break the rules', () => {
  const four = (value: number): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const open = (client: RawClient): void => client.frame(FrameType.headers, Flag.endHeaders, 1, POST_ROOT)
  const field = (name: string, value: string): Buffer =>
    Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)])
  const get =
    (...fields: Buffer[]) =>
    (client: RawClient) =>
      client.frame(FrameType.headers, END, 1, Buffer.concat([GET_ROOT, ...fields]))

  const { protocolError, streamClosed, frameSizeError, flowControlError, compressionError, enhanceYourCalm } = ErrorCode
  const connectionFaults: [string, number, (client: RawClient) => void][] = [
    ['DATA on stream 0', protocolError, (client) => client.frame(FrameType.data, 0, 0)],
    ['DATA on an idle stream', protocolError, (client) => client.frame(FrameType.data, 0, 1)],
    ['HEADERS on an even stream', protocolError, (client) => client.frame(FrameType.headers, END, 2, GET_ROOT)],
    ['HEADERS on stream 0', protocolError, (client) => client.frame(FrameType.headers, END, 0, GET_ROOT)],
    ['CONTINUATION of nothing', protocolError, (client) => client.frame(FrameType.continuation, 4, 1)],
    [
      'a block interrupted',
      protocolError,
      (client) => {
        client.frame(FrameType.headers, 0, 1, GET_ROOT)
        client.frame(FrameType.ping, 0, 0, Buffer.alloc(8))
      },
    ],
    [
      'padding larger than the frame',
      protocolError,
      (client) => {
        open(client)
        client.frame(FrameType.data, Flag.padded, 1, Buffer.from([9, 1, 1]))
      },
    ],
    ['RST_STREAM on an idle stream', protocolError, (client) => client.frame(FrameType.rstStream, 0, 1, four(8))],
    ['RST_STREAM of 3 bytes', frameSizeError, (client) => client.frame(FrameType.rstStream, 0, 1, Buffer.alloc(3))],
    ['SETTINGS on a stream', protocolError, (client) => client.frame(FrameType.settings, 0, 1)],
    ['SETTINGS of 5 bytes', frameSizeError, (client) => client.frame(FrameType.settings, 0, 0, Buffer.alloc(5))],
    [
      'an acknowledgement with content',
      frameSizeError,
      (client) => client.frame(FrameType.settings, Flag.ack, 0, Buffer.alloc(6)),
    ],
    ['ENABLE_PUSH 2', protocolError, (client) => client.send(settingsFrame([[Setting.enablePush, 2]]))],
    [
      'a window of 2^31',
      flowControlError,
      (client) => client.send(settingsFrame([[Setting.initialWindowSize, 2 ** 31]])),
    ],
    ['MAX_FRAME_SIZE 16383', protocolError, (client) => client.send(settingsFrame([[Setting.maxFrameSize, 16_383]]))],
    ['PUSH_PROMISE', protocolError, (client) => client.frame(FrameType.pushPromise, 4, 1, four(2))],
    ['PING of 7 bytes', frameSizeError, (client) => client.frame(FrameType.ping, 0, 0, Buffer.alloc(7))],
    ['PING on a stream', protocolError, (client) => client.frame(FrameType.ping, 0, 1, Buffer.alloc(8))],
    ['GOAWAY on a stream', protocolError, (client) => client.frame(FrameType.goaway, 0, 1, Buffer.alloc(8))],
    ['WINDOW_UPDATE of 0', protocolError, (client) => client.send(windowUpdateFrame(0, 0))],
    [
      'WINDOW_UPDATE of 3 bytes',
      frameSizeError,
      (client) => client.frame(FrameType.windowUpdate, 0, 0, Buffer.alloc(3)),
    ],
    ['a connection window over 2^31-1', flowControlError, (client) => client.send(windowUpdateFrame(0, 2 ** 31 - 1))],
    ['a frame of 16385 bytes', frameSizeError, (client) => client.frame(FrameType.data, 0, 1, Buffer.alloc(16_385))],
    [
      'an index outside the tables',
      compressionError,
      (client) => client.frame(FrameType.headers, END, 1, Buffer.from([0xff, 0x20])),
    ],
    [
      'a string that ends outside the block',
      compressionError,
      (client) => client.frame(FrameType.headers, END, 1, Buffer.from([0x40, 0x20, 0x61])),
    ],
    ['PRIORITY on stream 0', protocolError, (client) => client.frame(FrameType.priority, 0, 0, Buffer.alloc(5))],
    [
      'HEADERS that depend on themselves',
      protocolError,
      (client) =>
        client.frame(FrameType.headers, END | Flag.priority, 1, Buffer.concat([four(1), Buffer.from([1]), GET_ROOT])),
    ],
    [
      'HEADERS on a stream that both sides have cut',
      streamClosed,
      (client) => {
        open(client)
        client.send(windowUpdateFrame(1, 0))
        client.frame(FrameType.rstStream, 0, 1, four(8))
        client.frame(FrameType.headers, END, 1, GET_ROOT)
      },
    ],
    [
      'HEADERS on a stream that ended',
      streamClosed,
      (client) => {
        get()(client)
        client.streams[0]?.end()
        client.frame(FrameType.rstStream, 0, 1, four(8))
        client.frame(FrameType.headers, END, 1, GET_ROOT)
      },
    ],
    [
      'CONTINUATION without end',
      enhanceYourCalm,
      (client) => {
        client.frame(FrameType.headers, 0, 1, GET_ROOT)
        for (let count = 0; count < 300; count++) client.frame(FrameType.continuation, 0, 1)
      },
    ],
    [
      'a flood of PING',
      enhanceYourCalm,
      (client) => {
        for (let count = 0; count < 12_000; count++) client.frame(FrameType.ping, 0, 0, Buffer.alloc(8))
      },
    ],
    [
      'a flood of empty DATA',
      enhanceYourCalm,
      (client) => {
        open(client)
        for (let count = 0; count < 12_000; count++) client.frame(FrameType.data, 0, 1)
      },
    ],
    [
      'a flood of streams that are cut at once',
      enhanceYourCalm,
      (client) => {
        for (let id = 1; id < 13_000; id += 2) {
          client.frame(FrameType.headers, END, id, GET_ROOT)
          client.frame(FrameType.rstStream, 0, id, four(8))
        }
      },
    ],
    [
      'a flood of streams that we must cut',
      enhanceYourCalm,
      (client) => {
        for (let id = 1; id < 13_000; id += 2) {
          client.frame(FrameType.headers, END, id, GET_ROOT)
          client.send(windowUpdateFrame(id, 0))
        }
      },
    ],
  ]
  for (const [name, code, act] of connectionFaults)
    test(`${name} ends the connection`, async () => {
      const client = RawClient.greeted()
      await client.settled()
      act(client)
      await client.until(() => client.code(0) !== undefined)
      assert.equal(client.code(0), code)
      assert.ok(client.endedWith instanceof Error)
      assert.equal(client.connection.streamCount, 0)
    })

  const streamFaults: [string, number, (client: RawClient) => void][] = [
    ['a name in upper case', protocolError, get(field('X-A', 'b'))],
    ['an unknown pseudo-header', protocolError, get(field(':test', 'b'))],
    ['a pseudo-header after others', protocolError, get(field('a', 'b'), Buffer.from([0x84]))],
    ['a pseudo-header twice', protocolError, get(Buffer.from([0x84]))],
    ['connection: close', protocolError, get(field('connection', 'close'))],
    ['te: gzip', protocolError, get(field('te', 'gzip'))],
    ['no path', protocolError, (client) => client.frame(FrameType.headers, END, 1, GET_ROOT.subarray(0, 2))],
    ['content-length 5 without a body', protocolError, get(field('content-length', '5'))],
    ['two values of content-length', protocolError, get(field('content-length', '0'), field('content-length', '1'))],
    ['a negative content-length', protocolError, get(field('content-length', '-1'))],
    [
      'more than content-length',
      protocolError,
      (client) => {
        client.frame(FrameType.headers, Flag.endHeaders, 1, Buffer.concat([POST_ROOT, field('content-length', '2')]))
        client.frame(FrameType.data, 0, 1, Buffer.alloc(3))
      },
    ],
    [
      'less than content-length',
      protocolError,
      (client) => {
        client.frame(FrameType.headers, Flag.endHeaders, 1, Buffer.concat([POST_ROOT, field('content-length', '2')]))
        client.frame(FrameType.data, Flag.endStream, 1, Buffer.alloc(1))
      },
    ],
    [
      'trailers that do not end the stream',
      protocolError,
      (client) => {
        open(client)
        client.frame(FrameType.headers, Flag.endHeaders, 1, field('a', 'b'))
      },
    ],
    [
      'trailers with a pseudo-header',
      protocolError,
      (client) => {
        open(client)
        client.frame(FrameType.headers, END, 1, GET_ROOT)
      },
    ],
    [
      'DATA after the end',
      streamClosed,
      (client) => {
        get()(client)
        client.frame(FrameType.data, 0, 1, Buffer.alloc(1))
      },
    ],
    [
      'a stream\u2019s WINDOW_UPDATE of 0',
      protocolError,
      (client) => {
        get()(client)
        client.send(windowUpdateFrame(1, 0))
      },
    ],
    [
      'a stream\u2019s window over 2^31-1',
      flowControlError,
      (client) => {
        get()(client)
        client.send(windowUpdateFrame(1, 2 ** 31 - 1))
      },
    ],
    [
      'more DATA than the stream\u2019s window',
      flowControlError,
      (client) => {
        open(client)
        for (let count = 0; count < 17; count++) client.frame(FrameType.data, 0, 1, Buffer.alloc(16_384))
      },
    ],
  ]
  for (const [name, code, act] of streamFaults)
    test(`${name} ends the stream only`, async () => {
      const client = RawClient.greeted()
      act(client)
      await client.until(() => client.code(1) !== undefined)
      assert.equal(client.code(1), code)
      client.frame(FrameType.ping, 0, 0, Buffer.from('still ok'))
      await client.until(() => client.of(FrameType.ping).length === 1)
      assert.equal(client.endedWith, undefined)
      assert.equal(client.connection.streamCount, 0)
    })

  test('frames that we must send and nobody reads end the connection at 1 MB', async () => {
    const client = RawClient.greeted((stream) => stream.respond(200, { 'x-long': 'v'.repeat(15_000) }))
    await client.settled()
    client.pause()
    for (let id = 1; id < 60; id += 2) client.frame(FrameType.headers, END, id, GET_ROOT)
    await client.settled()
    assert.equal(client.endedWith, undefined)
    for (let id = 61; id < 199; id += 2) client.frame(FrameType.headers, END, id, GET_ROOT)
    await client.until(() => client.endedWith !== undefined)
    assert.match(String(client.endedWith), /answers are not read/)
    client.destroy()
  })

  test('mutated conversations never throw', async () => {
    const conversation = Buffer.concat([
      settingsFrame([[Setting.initialWindowSize, 1000]]),
      frame(FrameType.headers, Flag.endHeaders, 1, POST_ROOT),
      frame(FrameType.data, 0, 1, Buffer.from('some of the body')),
      frame(FrameType.headers, 0, 3, GET_ROOT.subarray(0, 1)),
      frame(FrameType.continuation, END, 3, GET_ROOT.subarray(1)),
      windowUpdateFrame(1, 10),
      frame(FrameType.ping, 0, 0, Buffer.alloc(8)),
      frame(FrameType.rstStream, 0, 3, Buffer.alloc(4)),
      frame(FrameType.data, Flag.endStream, 1, Buffer.from('the rest')),
    ])
    const change = fc.tuple(fc.nat(conversation.length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(40), async (changes, cut) => {
        const bytes = Buffer.from(conversation)
        for (const [at, value] of changes) bytes[at] = value
        const client = new RawClient((stream) => stream.respond(200, {}))
        client.send(CLIENT_PREFACE)
        for (let at = 0; at < bytes.length; at += cut + 1) client.send(bytes.subarray(at, at + cut + 1))
        await client.settled()
        const ended: Frame[] = client.of(FrameType.goaway)
        if (client.endedWith instanceof Error) assert.equal(ended.length, 1)
        client.destroy()
      }),
      { numRuns: 300 },
    )
  })
})
