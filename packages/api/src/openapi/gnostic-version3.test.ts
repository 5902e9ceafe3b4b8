import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeVersion3 } from './gnostic-version3.ts'

const hex = (text: string): string => Buffer.from(text).toString('hex')

/** A length-delimited field of less than 128 bytes, in hexadecimal digits. */
function field(number: number, content: string): string {
  const tag = number < 16 ? [number * 8 + 2] : [((number * 8 + 2) & 0x7f) | 0x80, number >> 4]
  return Buffer.from([...tag, content.length / 2]).toString('hex') + content
}

test('a schema is itself or a reference', () => {
  const encoded = encodeVersion3.schema('A', {
    type: 'object',
    properties: { b: { default: 'x', allOf: [{ $ref: '#/B' }] } },
    'x-kubernetes-map-type': 'atomic',
  })
  const reference = field(2, field(1, hex('#/B')))
  const property = field(1, field(33, field(3, hex('x'))) + field(26, reference))
  const schema =
    field(25, hex('object')) +
    field(31, field(1, field(1, hex('b')) + field(2, property))) +
    field(36, field(1, hex('x-kubernetes-map-type')) + field(2, field(2, hex('"atomic"'))))
  assert.equal(encoded.toString('hex'), field(1, field(1, hex('A')) + field(2, field(1, schema))))
})

test('an operation says where its answers are', () => {
  const encoded = encodeVersion3.path('/a', { get: { responses: { 200: { description: 'OK' } } } })
  const response = field(1, field(1, hex('OK')))
  const operation = field(8, field(2, field(1, hex('200')) + field(2, response)))
  assert.equal(encoded.toString('hex'), field(1, field(1, hex('/a')) + field(2, field(4, operation))))
})
