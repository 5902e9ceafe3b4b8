// The words of Go's encoding/json (1.26) for texts that are no JSON object.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonSyntaxError } from './json-syntax.ts'

const START = 'looking for beginning of value'
const MAP = 'into Go value of type map[string]interface {}'

test('what is no JSON object is told in Go’s words', () => {
  for (const [text, why] of [
    ['{"a":1}', undefined],
    ['null', undefined],
    ['', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['\u0011', String.raw`invalid character '\x11' ${START}`],
    ["'", String.raw`invalid character '\'' ${START}`],
    ['é', `invalid character 'Ã' ${START}`],
    ['tru', "invalid character ' ' in literal true (expecting 'e')"],
    ['-', "invalid character ' ' in numeric literal"],
    ['{a}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1}}', "invalid character '}' after top-level value"],
    ['[1]', `json: cannot unmarshal array ${MAP}`],
    ['true', `json: cannot unmarshal bool ${MAP}`],
  ] as const)
    assert.equal(jsonSyntaxError(text), why, JSON.stringify(text))
})
