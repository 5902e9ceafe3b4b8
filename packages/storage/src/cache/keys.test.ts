import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareKeys, namespaceEnd, namespaceStart, objectKey } from './keys.ts'

// Pieces that meet around the slash and around the surrogates, where orders differ.
const piece = fc.constantFrom(
  'a',
  'b',
  '-',
  '.',
  '/',
  '0',
  'é',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
)
const key = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))

test('keys are ordered as etcd orders them: by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(key, key, (left, right) => {
      assert.equal(Math.sign(compareKeys(left, right)), Buffer.compare(Buffer.from(left), Buffer.from(right)))
    }),
    { numRuns: 2000 },
  )
})

test('what keys share need not be compared', () => {
  fc.assert(
    fc.property(key, key, (left, right) => {
      const shared = '/registry/pods/'
      assert.equal(compareKeys(shared + left, shared + right, shared.length), compareKeys(left, right))
    }),
  )
})

test('the range of a namespace holds its objects and no other', () => {
  const inRange = (namespace: string, name: string): boolean => {
    const object = objectKey('/registry/pods/', namespace, name)
    return object >= namespaceStart('/registry/pods/', 'team') && object < namespaceEnd('/registry/pods/', 'team')
  }
  assert.ok(inRange('team', 'a'))
  assert.ok(inRange('team', '~'))
  for (const other of ['tea', 'team-a', 'team.a', 'team0', 'teams']) assert.equal(inRange(other, 'a'), false)
})
