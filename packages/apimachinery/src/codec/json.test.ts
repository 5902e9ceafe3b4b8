import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { vectors } from '../vectors.ts'
import { DecodeError, MAX_DEPTH } from './decoded.ts'
import { decodeJson, encodeJson } from './json.ts'

const decode = (text: string) => decodeJson(Buffer.from(text), { findDuplicates: true })

describe('JSON', () => {
  it('that is malformed is refused in upstream’s words', () => {
    for (const [text, , message] of vectors<[string, null, string]>('json-errors')) {
      assert.throws(() => decode(text), { name: 'DecodeError', message }, text)
    }
  })

  it('names members that stand twice, with their paths', () => {
    const { value, duplicates } = decode('{"a":1,"l":[{},{"x":1,"x":2,"x":3}],"a":{"b":1,"b":2}}')
    assert.deepEqual(value, { a: { b: 2 }, l: [{}, { x: 3 }] })
    assert.deepEqual(duplicates, ['duplicate field "l[1].x"', 'duplicate field "a"', 'duplicate field "a.b"'])
    assert.deepEqual(decodeJson(Buffer.from('{"a":1,"a":2}')).duplicates, [])
    assert.deepEqual(decode('{"a:b":"c:d","\\u0061:b":"\\":"}').duplicates, ['duplicate field "a:b"'])
  })

  it('reports at most a hundred duplicates', () => {
    const members = Array.from({ length: 150 }, (_, index) => `"k${index}":1,"k${index}":2`)
    assert.equal(decode(`{${members.join(',')}}`).duplicates.length, 100)
  })

  it('too deep is a clean error', () => {
    for (const depth of [MAX_DEPTH + 1, 10_000, 200_000]) {
      const text = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
      assert.throws(() => decode(text), { name: 'DecodeError', message: 'exceeded max depth' })
    }
    decode('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH))
    assert.throws(() => decode('['.repeat(100_000)), { message: 'exceeded max depth' })
  })

  it('with integers that would come back different is refused', () => {
    assert.throws(() => decode('{"a":9007199254740993}'), /9007199254740993 is out of the range/)
    assert.throws(() => decode('[-9223372036854775808]'), /out of the range/)
    assert.throws(() => decode('[1e999]'), /cannot unmarshal number 1e999/)
    assert.deepEqual(
      decode('[9007199254740991,1e3,0.1234567890123456789]').value,
      [9007199254740991, 1000, 0.12345678901234568],
    )
    // Too big for 64 bits: upstream makes a float of it as well.
    assert.deepEqual(decode('[123456789012345678901]').value, [123456789012345680000])
    assert.deepEqual(decode('["9007199254740993"]').value, ['9007199254740993'])
  })

  it('keeps a member called __proto__ a member', () => {
    const { value } = decode('{"__proto__":{"a":1}}')
    assert.deepEqual(Object.keys(value as object), ['__proto__'])
  })

  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const { value: back, duplicates } = decodeJson(encodeJson(value), { findDuplicates: true })
        assert.equal(JSON.stringify(back), JSON.stringify(value))
        assert.deepEqual(duplicates, [])
      }),
    )
  })

  it('finds a duplicate wherever it is put', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, key) => {
        const text = `{"x":${JSON.stringify(value)},${JSON.stringify(key)}:1,${JSON.stringify(key)}:2}`
        assert.ok(decode(text).duplicates.length > 0)
      }),
    )
  })

  it('never throws anything but its own error', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: fc.constantFrom(...'{}[]",:01.-eE+truefalsn\\u \n') }).map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          decodeJson(input, { findDuplicates: true })
        } catch (error) {
          assert.ok(error instanceof DecodeError)
          assert.notEqual(error.message, 'invalid JSON')
        }
      }),
      { numRuns: 3000 },
    )
  })
})
