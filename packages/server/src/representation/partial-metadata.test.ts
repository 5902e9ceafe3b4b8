import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodePartialMetadata } from './partial-metadata.ts'

const partial = (object: unknown): unknown =>
  JSON.parse(encodePartialMetadata(Buffer.from(JSON.stringify(object)), 'meta.k8s.io/v1').toString())

test('metadata is cut out of the encoded object, whatever is in it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (metadata, rest) => {
      const expected = {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: JSON.parse(JSON.stringify(metadata)),
      }
      assert.deepEqual(
        partial({ kind: 'Pod', apiVersion: 'v1', metadata, spec: rest, status: { metadata: rest } }),
        expected,
      )
    }),
  )
})

test('an object whose metadata does not come first is parsed', () => {
  const padding = 'x'.repeat(300)
  assert.deepEqual(partial({ kind: 'Pod', data: { padding, metadata: { no: 1 } }, metadata: { name: 'a' } }), {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { name: 'a' },
  })
})
