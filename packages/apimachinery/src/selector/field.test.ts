import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { StatusError } from '../status.ts'
import { vectors } from '../vectors.ts'
import { parseFieldSelector } from './field.ts'

type Row = [text: string, fields: string, answer: [text: string, matches: boolean] | null, error: string]

describe('field selectors', () => {
  it('read, print, match and refuse as upstream does', () => {
    for (const [text, fieldsText, answer, error] of vectors<Row>('field-selectors')) {
      const fields: Record<string, string> = JSON.parse(fieldsText)
      if (answer === null) assert.throws(() => parseFieldSelector(text), { name: 'StatusError', message: error }, text)
      else {
        const selector = parseFieldSelector(text)
        assert.deepEqual([selector.toString(), selector.matches((field) => fields[field] ?? '')], answer, text)
      }
    }
  })

  it('tell what an index can be asked for', () => {
    const selector = parseFieldSelector('spec.nodeName=n1,metadata.name!=a')
    assert.equal(selector.requiresExactMatch('spec.nodeName'), 'n1')
    assert.equal(selector.requiresExactMatch('metadata.name'), undefined)
    assert.equal(parseFieldSelector('').matchesEverything, true)
  })

  it('give back what was escaped', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const escaped = value.replace(/[\\,=]/g, '\\$&')
        const selector = parseFieldSelector(`metadata.name=${escaped}`)
        assert.equal(selector.requiresExactMatch('metadata.name'), value)
        assert.equal(parseFieldSelector(selector.toString()).toString(), selector.toString())
      }),
    )
  })

  it('never throw anything but a status', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'a,=!\\') })), (input) => {
        try {
          parseFieldSelector(input)
        } catch (error) {
          assert.ok(error instanceof StatusError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
