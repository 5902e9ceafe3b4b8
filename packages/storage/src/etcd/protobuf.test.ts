// The wire format and the framing, by properties: what is written is read, however it arrives.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { toStorageKey } from '../storage.ts'
import { GrpcFrames } from './grpc-frames.ts'
import { decodeClusterId, decodeRangeResponse, decodeTxnResponse, encodeTxn } from './messages.ts'
import { ProtobufReader, ProtobufWriter } from './protobuf.ts'
import { decodeWatchResponse } from './watch-messages.ts'

const safeInteger = fc.oneof(fc.nat(300), fc.maxSafeNat())

describe('protobuf', () => {
  test('integers, strings and bytes come back, whatever the first capacity', () => {
    fc.assert(
      fc.property(
        safeInteger,
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        fc.integer({ min: 1, max: 64 }),
        (number, text, data, capacity) => {
          const writer = new ProtobufWriter(capacity)
          writer.bytes(3, data)
          writer.string(2, text)
          writer.integer(1, number)
          writer.message(16, 0)
          const message = writer.finish().subarray(5)

          const reader = new ProtobufReader(message)
          assert.ok(reader.next(message.length))
          assert.equal(reader.field, 16)
          const end = reader.end()
          assert.equal(end, message.length)
          assert.ok(reader.next(end))
          assert.equal(reader.integer(), number)
          assert.ok(reader.next(end))
          assert.equal(reader.string(), text)
          assert.ok(reader.next(end))
          assert.deepEqual(new Uint8Array(reader.bytes()), data)
          assert.equal(reader.next(end), false)
        },
      ),
    )
  })

  test('ids over 2^53 are exact', () => {
    const message = Buffer.from('0a0b08ffffffffffffffffff01', 'hex')
    message[1] = message.length - 2
    assert.equal(decodeClusterId(message), 'ffffffffffffffff')
  })

  test('nonsense is a RangeError, never a hang or a wrong object', () => {
    const decoders = [decodeRangeResponse, decodeTxnResponse, decodeWatchResponse]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...decoders), (data, decode) => {
        try {
          decode(Buffer.from(data))
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error))
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a transaction of any key and value begins with its gRPC prefix', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), fc.maxSafeNat(), (key, value, expected) => {
        const message = encodeTxn(toStorageKey(key), expected, { type: 'put', value, lease: expected })
        assert.equal(message[0], 0)
        assert.equal(message.readUInt32BE(1), message.length - 5)
      }),
    )
  })
})

describe('gRPC frames', () => {
  test('messages come out whole, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 })),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.flatMap((message) => [prefixOf(message.length), message]))
          const frames = new GrpcFrames()
          const received: Buffer[] = []
          for (let position = 0, turn = 0; position < stream.length; turn++) {
            const length = cuts[turn % cuts.length] ?? 1
            received.push(...frames.push(stream.subarray(position, position + length)))
            position += length
          }
          assert.deepEqual(
            received.map((message) => [...message]),
            messages.map((message) => [...message]),
          )
        },
      ),
    )
  })

  test('a compressed message, and one of absurd length, are refused', () => {
    assert.throws(() => new GrpcFrames().push(Buffer.from([1, 0, 0, 0, 0])), RangeError)
    assert.throws(() => new GrpcFrames().push(Buffer.from([0, 255, 255, 255, 255])), RangeError)
  })
})

function prefixOf(length: number): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(length, 1)
  return prefix
}
