import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base64Corruption } from './base64.ts'

/** Offsets as Go's encoding/base64 gives them. */
const CASES: readonly (readonly [text: string, offset: number])[] = [
  ['not base64!', 3],
  ['plain!', 5],
  ['abc', 0],
  ['abcde', 4],
  ['=', 0],
  ['a===', 1],
  ['ab=c', 2],
  ['ab==x', 4],
  ['abc=x', 4],
  ['ab=', 3],
]

for (const [text, offset] of CASES) {
  test(`${JSON.stringify(text)} is wrong at ${offset}`, () => assert.equal(base64Corruption(text), offset))
}
