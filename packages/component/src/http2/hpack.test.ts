import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConnectionError } from './frames.ts'
import { HEADER_TABLE_BYTES, HpackDecoder, type HeaderField } from './hpack-decoder.ts'
import { HpackEncoder, STATIC_TABLE_ENTRIES } from './hpack-encoder.ts'

function decode(decoder: HpackDecoder, block: Buffer): string[] {
  const fields: HeaderField[] = []
  decoder.decode(block, { add: (field) => fields.push(field) })
  return fields.map(({ name, value }) => `${name}: ${value}`)
}
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

const BASE = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com']
const REQUESTS = [
  BASE,
  [...BASE, 'cache-control: no-cache'],
  [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
]
// RFC 7541 appendix C.3 (plain) and C.4 (Huffman): three requests on one connection.
for (const [name, blocks] of Object.entries({
  plain: [
    '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
    '8286 84be 5808 6e6f 2d63 6163 6865',
    '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
  ],
  Huffman: [
    '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
    '8286 84be 5886 a8eb 1064 9cbf',
    '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
  ],
}))
  test(`the examples of the RFC are read: ${name}`, () => {
    const decoder = new HpackDecoder()
    blocks.forEach((block, index) => assert.deepEqual(decode(decoder, hex(block)), REQUESTS[index]))
  })

test('what leaves the table cannot be named any more, and a table of 0 keeps nothing', () => {
  const decoder = new HpackDecoder()
  decode(decoder, hex('4001 6101 62'))
  assert.deepEqual(decode(decoder, hex('be')), ['a: b'])
  assert.throws(() => decode(decoder, hex('bf')), ConnectionError)
  const emptied = new HpackDecoder()
  decode(emptied, hex('4001 6101 62'))
  decode(emptied, hex('20'))
  assert.throws(() => decode(emptied, hex('be')), ConnectionError)
})

test('entries are evicted in order, at the limit of the table', () => {
  const decoder = new HpackDecoder()
  const entry = 1 + 95 + 32
  const count = HEADER_TABLE_BYTES / entry
  const add = (letter: number): Buffer =>
    Buffer.concat([hex('40 01'), Buffer.from([letter, 95]), Buffer.alloc(95, 'v')])
  for (let index = 0; index < count + 5; index++) decode(decoder, add(97 + (index % 26)))
  const oldest = decode(decoder, Buffer.from([0x80 | (61 + count)]))[0]
  assert.equal(oldest?.[0], String.fromCharCode(97 + 5))
  assert.throws(() => decode(decoder, Buffer.from([0x80 | (62 + count)])), ConnectionError)
})

test('names and values that HTTP/2 forbids are marked', () => {
  const valid = (name: string, value: string): boolean => {
    let result = true
    const block = Buffer.concat([
      Buffer.from([0, name.length]),
      Buffer.from(name, 'latin1'),
      Buffer.from([value.length]),
      Buffer.from(value, 'latin1'),
    ])
    new HpackDecoder().decode(block, { add: (field) => (result = field.valid) })
    return result
  }
  assert.ok(valid('x-a', 'b c') && valid('x', '') && valid(':path', '/') && valid('x', '\u00fc'))
  for (const [name, value] of [
    ['X-a', 'b'],
    ['x a', 'b'],
    ['x\0', 'b'],
    ['x', ' b'],
    ['x', 'b\t'],
    ['x', 'a\r\nb'],
    ['x', 'a\0'],
    ['', 'a'],
  ] as const)
    assert.ok(!valid(name, value), JSON.stringify([name, value]))
})

test('broken blocks are errors of the connection and nothing else', () => {
  const blocks = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    // Starts like a literal with a Huffman-coded value, and so gets further.
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from([0x41, 0x80 | bytes.length, ...bytes])),
  )
  fc.assert(
    fc.property(fc.array(blocks, { maxLength: 4 }), (sent) => {
      const decoder = new HpackDecoder()
      try {
        for (const block of sent) decode(decoder, Buffer.from(block))
      } catch (error) {
        assert.ok(error instanceof ConnectionError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

test('what we encode is what we meant, and what the peer remembers can be named', () => {
  const field = fc.record({
    name: fc.stringMatching(/^[a-z][a-z-]{0,20}$/),
    value: fc.oneof(fc.string({ unit: 'binary-ascii', maxLength: 300 }), fc.constant('')),
    kept: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(fc.array(field, { maxLength: 6 }), { maxLength: 4 }), (blocks) => {
      const encoder = new HpackEncoder()
      const decoder = new HpackDecoder()
      let newest: string | undefined
      for (const fields of blocks) {
        encoder.begin()
        const wanted: string[] = []
        for (const { name, value, kept } of fields) {
          if (kept) encoder.remembered(name, value)
          else encoder.literal(name, value)
          wanted.push(`${name}: ${value}`)
          if (kept) newest = wanted.at(-1)
        }
        if (newest !== undefined) {
          encoder.indexed(STATIC_TABLE_ENTRIES + 1)
          wanted.push(newest)
        }
        assert.deepEqual(decode(decoder, encoder.finish()), wanted)
      }
    }),
  )
})
