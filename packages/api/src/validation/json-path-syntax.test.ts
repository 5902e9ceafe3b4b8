// Paths that the fields of policies have are right; what kubectl's parser refuses is refused in its words; nothing throws.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonPathProblem } from './json-path-syntax.ts'

test('paths to fields, items and names are right', () => {
  for (const path of ['spec.validations[0].expression', '.a', 'a/b', "a['b.c']", 'a[*].b', 'a[1:2]', '..a', 'a}b'])
    assert.equal(jsonPathProblem(path), undefined, path)
})

test('what is no path is told', () => {
  assert.equal(jsonPathProblem('/a'), "unrecognized character in action: U+002F '/'")
  assert.equal(jsonPathProblem('a\nb'), 'unclosed action')
  assert.equal(jsonPathProblem('a[0'), 'unterminated array')
  assert.equal(jsonPathProblem('a[x]'), 'invalid array index x')
  assert.equal(jsonPathProblem('1.2.3'), 'cannot parse number 1.2.3')
})

test('any text has an answer', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => void jsonPathProblem(text)))
})
