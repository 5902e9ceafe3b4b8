import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameReader } from './frame-reader.ts'
import {
  CLIENT_PREFACE,
  ConnectionError,
  DEFAULT_MAX_FRAME_BYTES,
  FRAME_HEADER_BYTES,
  writeFrameHeader,
} from './frames.ts'

function frame(type: number, flags: number, id: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length)
  writeFrameHeader(bytes, 0, payload.length, type, flags, id)
  bytes.set(payload, FRAME_HEADER_BYTES)
  return bytes
}

const frames = fc.array(
  fc.record(
    {
      type: fc.nat(255),
      flags: fc.nat(255),
      id: fc.nat(2 ** 31 - 1),
      payload: fc.uint8Array({ maxLength: 40 }),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 12 },
)

test('frames come out as they went in, however the bytes are cut up', () => {
  fc.assert(
    fc.property(frames, fc.boolean(), fc.array(fc.integer({ min: 1, max: 60 })), (sent, preface, cuts) => {
      const got: object[] = []
      const reader = new FrameReader(
        (type, flags, id, payload) => got.push({ type, flags, id, payload: Uint8Array.from(payload) }),
        preface ? CLIENT_PREFACE : undefined,
      )
      const bytes = Buffer.concat([
        ...(preface ? [CLIENT_PREFACE] : []),
        ...sent.map(({ type, flags, id, payload }) => frame(type, flags, id, payload)),
      ])
      let at = 0
      for (const cut of cuts) {
        reader.read(bytes.subarray(at, at + cut))
        at = Math.min(bytes.length, at + cut)
      }
      reader.read(bytes.subarray(at))
      assert.deepEqual(got, sent)
    }),
    { numRuns: 500 },
  )
})

test('a frame that came in one piece lies where it came', () => {
  const payloads: Buffer[] = []
  const reader = new FrameReader((_type, _flags, _id, payload) => payloads.push(payload))
  const first = frame(0, 0, 1, Buffer.alloc(10, 'a'))
  const second = frame(0, 0, 1, Buffer.alloc(10, 'b'))
  reader.read(first.subarray(0, 12))
  // Not of the pool that small buffers share.
  const chunk = Buffer.from(new ArrayBuffer(first.length - 12 + second.length))
  first.copy(chunk, 0, 12)
  second.copy(chunk, first.length - 12)
  reader.read(chunk)
  assert.equal(payloads.length, 2)
  assert.notEqual(payloads[0]?.buffer, chunk.buffer)
  assert.equal(payloads[1]?.buffer, chunk.buffer)
})

test('a frame may be as large as was allowed and no larger, and is refused by its header alone', () => {
  let got = 0
  const reader = new FrameReader((_type, _flags, _id, payload) => (got = payload.length))
  reader.read(frame(0, 0, 1, Buffer.alloc(DEFAULT_MAX_FRAME_BYTES)))
  assert.equal(got, DEFAULT_MAX_FRAME_BYTES)
  const header = frame(0, 0, 1, Buffer.alloc(DEFAULT_MAX_FRAME_BYTES + 1)).subarray(0, FRAME_HEADER_BYTES)
  assert.throws(() => reader.read(header), ConnectionError)
})

test('after stop() nothing is looked at, not even in the same chunk', () => {
  let got = 0
  const reader = new FrameReader(() => {
    got++
    reader.stop()
  })
  const one = frame(6, 0, 0, Buffer.alloc(8))
  reader.read(Buffer.concat([one.subarray(0, 5)]))
  reader.read(Buffer.concat([one.subarray(5), one, one]))
  reader.read(one)
  assert.equal(got, 1)
})
