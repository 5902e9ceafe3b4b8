// A difference shows what changed with three lines around it, and applying it by hand gives the second value.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unifiedDifference } from './unified-difference.ts'

test('a changed value is shown in its place', () => {
  const old = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }
  assert.equal(
    unifiedDifference(old, { ...old, e: 0 }),
    '@@ -3,6 +3,6 @@\n  "b": 2,\n  "c": 3,\n  "d": 4,\n- "e": 5,\n+ "e": 0,\n  "f": 6\n }\n',
  )
})

test('of two ways to tell a change, that with the longest block of unchanged lines is told', () => {
  assert.equal(
    unifiedDifference(['a', 'b'], ['a', 'c', 'a', 'b']),
    '@@ -1,4 +1,6 @@\n [\n+ "a",\n+ "c",\n  "a",\n  "b"\n ]\n',
  )
})

test('equal values have no difference', () => {
  assert.equal(unifiedDifference({ a: [1, 2] }, { a: [1, 2] }), '')
})

test('the lines of a hunk are those of both values', () => {
  const tree = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 })
  fc.assert(
    fc.property(tree, tree, (old, next) => {
      const lines = unifiedDifference(old, next).split('\n').slice(0, -1)
      const before = JSON.stringify(old, undefined, 1).split('\n')
      const after = JSON.stringify(next, undefined, 1).split('\n')
      for (const line of lines) {
        if (line.startsWith('-') || line.startsWith(' ')) assert.ok(before.includes(line.slice(1)))
        if (line.startsWith('+') || line.startsWith(' ')) assert.ok(after.includes(line.slice(1)))
      }
      const removed = lines.filter((line) => line.startsWith('-')).length
      const added = lines.filter((line) => line.startsWith('+')).length
      assert.equal(after.length - before.length, added - removed)
    }),
  )
})

test('angle brackets and ampersands are escaped as Go escapes them', () => {
  assert.match(unifiedDifference({ a: 'x' }, { a: '<&>' }), /\+ "a": "\\u003c\\u0026\\u003e"/)
})
