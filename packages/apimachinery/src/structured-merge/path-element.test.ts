import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareBytes } from '../go-text.ts'
import { compareElements, itemElement } from './path-element.ts'

test('items of a list with one key sort as their keys do, whatever is in them', () => {
  const list = { atomic: false, keys: [{ name: 'name', default: undefined }], element: {} }
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'aA1-. !"#\\[]~é') }))
  fc.assert(
    fc.property(text, text, (left, right) => {
      const order = compareElements(itemElement(list, { name: left }), itemElement(list, { name: right }))
      assert.equal(Math.sign(order), Math.sign(compareBytes(left, right)))
    }),
    { numRuns: 2000 },
  )
})
