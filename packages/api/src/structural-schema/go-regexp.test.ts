// Regular expressions as Go takes and refuses them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_PATTERN_LENGTH, goRegexp, goRegexpProblem } from './go-regexp.ts'

const REFUSED: Readonly<Record<string, string>> = {
  '(': 'missing closing ): `(`',
  'a**': 'invalid nested repetition operator: `**`',
  '(?=a)': 'invalid or unsupported Perl syntax: `(?=`',
  '\\': 'trailing backslash at end of expression: ``',
  'a{1001}': 'invalid repeat count: `{1001}`',
  '[b-a]': 'invalid character class range: `b-a`',
  '\\8': 'invalid escape sequence: `\\8`',
}

test('what Go refuses is refused in its words', () => {
  for (const [pattern, why] of Object.entries(REFUSED))
    assert.equal(goRegexpProblem(pattern), `error parsing regexp: ${why}`)
})

test('what Go takes is taken, two groups of one name too', () => {
  for (const pattern of ['', 'a|b', '(?P<n>a)(?P<n>b)', '(?<n>a)', 'a{,2}', '\\pL+', '\\Q.'])
    assert.equal(goRegexpProblem(pattern), undefined)
  const expression = goRegexp('^a+$')
  assert.ok(typeof expression !== 'string' && expression.matches('aaa') && !expression.matches('ab'))
})

test('a pattern has a length beyond which nobody reads it', () => {
  assert.equal(goRegexpProblem('a'.repeat(MAX_PATTERN_LENGTH)), undefined)
  assert.equal(goRegexpProblem('a'.repeat(MAX_PATTERN_LENGTH + 1)), 'error parsing regexp: expression too large')
  const deep = '('.repeat(2000) + ')'.repeat(2000)
  assert.match(goRegexpProblem(deep) ?? '', /^error parsing regexp: expression nests too deeply: `\(\(/)
})

test('matching takes no longer than the text is long', () => {
  const expression = goRegexp('^(a+)+$')
  assert.ok(typeof expression !== 'string' && !expression.matches(`${'a'.repeat(20_000)}!`))
})
