// A member that breaks the protocol, goes away, resets calls, or is cut off: each call ends once, and `sent` is false only
// where the request was surely not looked at.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DEFAULT_MAX_FRAME_BYTES,
  ErrorCode,
  FRAME_HEADER_BYTES,
  Flag,
  FrameType,
  MAX_STREAM_ID,
  Setting,
  goawayFrame,
  pingFrame,
  rstStreamFrame,
  settingsFrame,
  windowUpdateFrame,
} from '@keelson/component/http2'
import fc from 'fast-check'
import { OK, OK_TRAILERS, RawCall, RawMember, answer, frame } from '../../testing/raw-member.ts'
import { STREAM_WINDOW_BYTES } from './client-stream.ts'

const HEADERS = frame(FrameType.headers, Flag.endHeaders, 1, OK)

describe('a connection that breaks', () => {
  test('after any byte of the answer: the call ended when the last was there, and else was lost after it was sent', async () => {
    const whole = answer(1, Buffer.from('body'))
    for (let length = 0; length <= whole.length; length++) {
      const member = await RawMember.greeted()
      const call = member.call()
      await member.settled()
      member.send(whole.subarray(0, length))
      await member.settled()
      member.cut()
      assert.equal(call.ends.length, 1)
      assert.equal(call.lostSent, length === whole.length ? undefined : true, `after ${length} bytes`)
    }
  })

  test('before the turn is over, before the windows opened, or before its turn came: it was not sent', async () => {
    const member = await RawMember.greeted([
      [Setting.initialWindowSize, 10],
      [Setting.maxConcurrentStreams, 3],
    ])
    const [sent, cutShort, alsoCut] = [
      member.call('1234567890'),
      member.call('12345678901'),
      member.call('x'.repeat(99)),
    ]
    const waiting = member.call()
    await member.settled()
    assert.equal(member.body(3).length, 10)
    sent.stream?.cancel(new Error('enough'))
    const late = member.call()
    member.cut()
    assert.deepEqual(
      [sent, cutShort, alsoCut, waiting, late].map(({ lostSent }) => lostSent),
      [true, false, false, false, false],
    )
    assert.equal(member.call().stream, undefined)
  })
})

describe('a call that is cancelled', () => {
  test('is reset, and what was on its way for it is no fault', async () => {
    const member = await RawMember.greeted()
    const [call, other] = [member.call(), member.call()]
    await member.settled()
    call.stream?.cancel(new Error('no answer within 5 ms'))
    call.stream?.cancel(new Error('again'))
    assert.equal(call.lostSent, true)
    await member.settled()
    assert.equal(member.code(1), ErrorCode.cancel)
    member.send(answer(1, Buffer.from('late')), answer(3, Buffer.from('in time')))
    await member.settled()
    assert.equal(call.body, '')
    assert.equal(other.body, 'in time')
    assert.equal(member.closedWith, undefined)
    member.cut()
  })

  test('in the turn it was made: nothing is sent of it', async () => {
    const member = await RawMember.greeted()
    member.call().stream?.cancel(new Error('at once'))
    const other = member.call()
    await member.settled()
    assert.deepEqual([...member.requests.keys()], [3])
    member.send(answer(3, Buffer.from('ok')))
    await member.settled()
    assert.deepEqual(other.ends, [{ how: 'ended' }])
    member.cut()
  })
})

describe('RST_STREAM', () => {
  for (const [name, code, sent] of [
    ['REFUSED_STREAM: not done', ErrorCode.refusedStream, false],
    ['CANCEL: nobody knows', ErrorCode.cancel, true],
  ] as const)
    test(name, async () => {
      const member = await RawMember.greeted()
      const [call, other] = [member.call(), member.call()]
      await member.settled()
      member.send(rstStreamFrame(1, code), answer(3, Buffer.from('ok')))
      await member.settled()
      assert.equal(call.lostSent, sent)
      assert.deepEqual(other.ends, [{ how: 'ended' }])
      member.cut()
    })
})

describe('GOAWAY', () => {
  test('without an error: what was taken goes on, the rest was not done, and the end comes with the last call', async () => {
    const member = await RawMember.greeted([[Setting.maxConcurrentStreams, 2]])
    const [taken, late, waiting] = [member.call(), member.call(), member.call()]
    await member.settled()
    member.send(goawayFrame(1, ErrorCode.noError))
    await member.settled()
    assert.deepEqual([late.lostSent, waiting.lostSent, taken.ends.length], [false, false, 0])
    assert.match(member.leftWith?.message ?? '', /going away \(0\)/)
    assert.equal(member.call().stream, undefined)
    member.send(answer(1, Buffer.from('body')))
    await member.settled()
    assert.deepEqual(taken.ends, [{ how: 'ended' }])
    assert.ok(member.closedWith)
  })

  test('twice, as a graceful server does: first no new calls, then how far it got', async () => {
    const member = await RawMember.greeted()
    const [taken, late] = [member.call(), member.call()]
    await member.settled()
    member.send(goawayFrame(MAX_STREAM_ID, ErrorCode.noError))
    await member.settled()
    assert.deepEqual([taken.ends.length, late.ends.length], [0, 0])
    member.send(goawayFrame(1, ErrorCode.noError), answer(1, Buffer.from('body')))
    await member.settled()
    assert.equal(late.lostSent, false)
    assert.deepEqual(taken.ends, [{ how: 'ended' }])
  })

  test('with an error: all is over, and only what was not taken was not done', async () => {
    const member = await RawMember.greeted()
    const [taken, late] = [member.call(), member.call()]
    await member.settled()
    member.send(goawayFrame(1, ErrorCode.enhanceYourCalm, 'too_many_pings'))
    await member.settled()
    assert.deepEqual([taken.lostSent, late.lostSent], [true, false])
    assert.match(member.closedWith?.message ?? '', /11, too_many_pings/)
  })

  test('ids that have run out are the same to us', async () => {
    const member = await RawMember.greeted([], MAX_STREAM_ID - 2)
    const calls = [member.call(), member.call()]
    assert.ok(member.leftWith)
    assert.equal(member.call().stream, undefined)
    await member.settled()
    member.send(answer(MAX_STREAM_ID - 2, Buffer.from('a')), answer(MAX_STREAM_ID, Buffer.from('b')))
    await member.settled()
    assert.deepEqual(
      calls.map(({ body }) => body),
      ['a', 'b'],
    )
    assert.ok(member.closedWith)
  })
})

describe('what ends the connection, with a word to the member', () => {
  const { protocolError, frameSizeError, flowControlError, compressionError } = ErrorCode
  const tooLarge = frame(FrameType.data, 0, 1, Buffer.alloc(DEFAULT_MAX_FRAME_BYTES + 1)).subarray(
    0,
    FRAME_HEADER_BYTES,
  )
  for (const [name, code, bytes] of [
    ['a frame that is too large', frameSizeError, tooLarge],
    ['DATA on a stream that nobody opened', protocolError, frame(FrameType.data, 0, 9)],
    ['HEADERS on a stream of its own', protocolError, frame(FrameType.headers, Flag.endHeaders, 2, OK)],
    ['RST_STREAM on a stream that nobody opened', protocolError, rstStreamFrame(9, 0)],
    ['PUSH_PROMISE', protocolError, frame(FrameType.pushPromise, Flag.endHeaders, 1, Buffer.alloc(4))],
    ['CONTINUATION of nothing', protocolError, frame(FrameType.continuation, Flag.endHeaders, 1, OK)],
    [
      'a header block that is interrupted',
      protocolError,
      Buffer.concat([frame(FrameType.headers, 0, 1, OK), pingFrame(Buffer.alloc(8), false)]),
    ],
    ['a header block of nonsense', compressionError, frame(FrameType.headers, Flag.endHeaders, 1, Buffer.from([0xff]))],
    ['a window of the connection that is too large', flowControlError, windowUpdateFrame(0, 2 ** 31 - 1)],
    ['a WINDOW_UPDATE of 0', protocolError, windowUpdateFrame(0, 0)],
    ['SETTINGS that may not be', flowControlError, settingsFrame([[Setting.initialWindowSize, 2 ** 31]])],
    ['SETTINGS of a wrong length', frameSizeError, frame(FrameType.settings, 0, 0, Buffer.alloc(5))],
    ['more padding than payload', protocolError, frame(FrameType.data, Flag.padded, 1, Buffer.from([9]))],
  ] as const)
    test(name, async () => {
      const member = await RawMember.greeted()
      const call = member.call()
      await member.settled()
      member.send(bytes)
      await member.settled()
      assert.equal(member.code(0), code)
      assert.equal(call.lostSent, true)
      assert.match(member.closedWith?.message ?? '', /broke the protocol/)
    })

  test('anything before SETTINGS', async () => {
    const member = new RawMember()
    member.send(pingFrame(Buffer.alloc(8), false))
    await member.settled()
    assert.equal(member.code(0), protocolError)
  })

  test('PINGs without end from a member that does not read', async () => {
    const member = await RawMember.greeted()
    member.pause()
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => pingFrame(Buffer.alloc(8), false)))
    for (let round = 0; round < 20 && member.closedWith === undefined; round++) {
      member.send(pings)
      await member.settled()
    }
    assert.match(member.closedWith?.message ?? '', /answers are not read/)
  })
})

describe('what ends a call, and not its neighbours', () => {
  const { protocolError, flowControlError } = ErrorCode
  const window = Buffer.concat(
    Array.from({ length: STREAM_WINDOW_BYTES / 16_384 }, () => frame(FrameType.data, 0, 1, Buffer.alloc(16_384))),
  )
  for (const [name, code, bytes] of [
    ['a body without headers', protocolError, frame(FrameType.data, 0, 1)],
    ['headers twice', protocolError, Buffer.concat([HEADERS, HEADERS])],
    [
      'trailers that are not the end',
      protocolError,
      Buffer.concat([HEADERS, frame(FrameType.headers, Flag.endHeaders, 1, OK_TRAILERS)]),
    ],
    ['trailers that come first', protocolError, frame(FrameType.headers, Flag.endHeaders, 1, OK_TRAILERS)],
    ['a WINDOW_UPDATE of 0', protocolError, windowUpdateFrame(1, 0)],
    ['a window that is too large', flowControlError, windowUpdateFrame(1, 2 ** 31 - 1)],
    [
      'one byte more than the window',
      flowControlError,
      Buffer.concat([HEADERS, window, frame(FrameType.data, 0, 1, Buffer.alloc(1))]),
    ],
  ] as const)
    test(name, async () => {
      const member = await RawMember.greeted()
      const call = new RawCall()
      call.reads = false
      call.stream = member.client.request('/s/m', call)
      call.stream?.end()
      const other = member.call()
      await member.settled()
      member.send(bytes, answer(3, Buffer.from('ok')))
      while (other.ends.length === 0) await member.settled()
      await member.settled()
      assert.equal(call.lostSent, true)
      assert.equal(member.code(1), code)
      assert.deepEqual(other.ends, [{ how: 'ended' }])
      assert.equal(other.body, 'ok')
      member.cut()
    })
})

test('whatever a member says, every call ends once, and none too well', async () => {
  const good = answer(1, Buffer.from('first')).toString('latin1') + answer(3, Buffer.from('second')).toString('latin1')
  const said = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    // An answer with some bytes changed, left out or doubled.
    fc.array(fc.tuple(fc.nat(good.length), fc.nat(4), fc.nat(255)), { maxLength: 3 }).map((changes) => {
      let text = good
      for (const [at, cut, byte] of changes) text = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + cut)
      return Buffer.from(text, 'latin1')
    }),
    fc
      .record({ type: fc.nat(10), flags: fc.nat(255), id: fc.nat(5), payload: fc.uint8Array({ maxLength: 20 }) })
      .map(({ type, flags, id, payload }) => frame(type, flags, id, Buffer.from(payload))),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 5 }), async (chunks) => {
      const member = await RawMember.greeted()
      const calls = [member.call(), member.call()]
      await member.settled()
      for (const chunk of chunks) member.send(chunk)
      await member.settled()
      member.cut()
      assert.deepEqual(
        calls.map(({ ends }) => ends.length),
        [1, 1],
      )
      // Nothing was said after its end.
      const heard = calls.map(({ chunks: { length }, heads }) => length + heads.length)
      await member.settled()
      assert.deepEqual(
        calls.map(({ chunks: { length }, heads }) => length + heads.length),
        heard,
      )
    }),
    { numRuns: 300 },
  )
})
