import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusError } from '@keelson/apimachinery'
import fc from 'fast-check'
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts'

test("a token is upstream's, and upstream's is read", () => {
  const token = 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NzU1LCJzdGFydCI6ImRlZmF1bHQvYVx1MDAwMCJ9'
  assert.equal(encodeContinueToken({ revision: 755, after: 'default/a' }), token)
  assert.deepEqual(decodeContinueToken(token), { revision: 755, after: 'default/a' })
})

test('what was encoded is decoded', () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/)
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 1 }), { nil: undefined }),
      fc.array(name, { minLength: 1, maxLength: 2 }),
      (revision, names) => {
        const token = { revision, after: names.join('/') }
        assert.deepEqual(decodeContinueToken(encodeContinueToken(token)), token)
      },
    ),
  )
})

test('what is no token is a 400 that says why', () => {
  const message = (text: string): string => {
    try {
      decodeContinueToken(text)
    } catch (error) {
      if (error instanceof StatusError && error.code === 400) return error.message
      throw error
    }
    return ''
  }
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  assert.match(message('bogus'), /continue key is not valid: illegal base64 data at input byte 4$/)
  assert.match(message('ab!c'), /illegal base64 data at input byte 2$/)
  assert.match(message(encoded({ v: 'v9', rv: 1, start: 'a' })), /does not recognize this encoded version "v9"/)
  assert.match(message(encoded({ v: 'meta.k8s.io/v1', rv: 0, start: 'a' })), /incorrect encoded start resourceVersion/)
  assert.match(message(encoded({ v: 'meta.k8s.io/v1', rv: 1, start: '' })), /encoded start key empty/)
  assert.match(message(encoded({ v: 'meta.k8s.io/v1', rv: 1, start: '../secrets/a' })), /not valid/)
  fc.assert(fc.property(fc.string(), (text) => void message(text)))
})
