import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HpackDecoder } from '@keelson/component/http2'
import fc from 'fast-check'
import { AnswerEncoder } from './answer-encoder.ts'

test('the headers of answers are what was meant, answer after answer', () => {
  const headers = fc.dictionary(
    fc.stringMatching(/^[a-z][a-z-]{0,20}$/),
    fc.oneof(fc.string({ maxLength: 300 }), fc.nat(), fc.array(fc.stringMatching(/^[ -~]{0,20}$/), { maxLength: 3 })),
    { noNullPrototype: true },
  )
  const answer = fc.tuple(fc.constantFrom(200, 201, 404, 409, 431, 503), headers)
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 3 }), (answers) => {
      const encoder = new AnswerEncoder()
      const decoder = new HpackDecoder()
      for (const [status, given] of answers) {
        const wanted = [`:status: ${status}`]
        for (const [name, value] of Object.entries(given))
          for (const each of Array.isArray(value) ? value : [value])
            wanted.push(`${name}: ${Buffer.from(String(each), 'latin1').toString('latin1')}`)
        const got: string[] = []
        decoder.decode(encoder.encode(status, given), { add: ({ name, value }) => got.push(`${name}: ${value}`) })
        assert.deepEqual(got, wanted)
      }
    }),
  )
})
