// Regular expressions as Go takes and refuses them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
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
  assert.equal(
    goRegexpProblem('a'.repeat(MAX_PATTERN_LENGTH + 1)),
    `error parsing regexp: expression too large: \`${'a'.repeat(MAX_PATTERN_LENGTH + 1)}\``,
  )
  const deep = '('.repeat(2000) + ')'.repeat(2000)
  assert.match(goRegexpProblem(deep) ?? '', /^error parsing regexp: expression nests too deeply: `\(\(/)
})

test('matching takes no longer than the text is long', () => {
  const expression = goRegexp('^(a+)+$')
  assert.ok(typeof expression !== 'string' && !expression.matches(`${'a'.repeat(20_000)}!`))
})

const TOKENS =
  'a é 😀 ( ) (?: (?i) (?i (?P<n> (?<m> (?P< (?= (?-s: | [ ] [^ - A-Z [:alpha:] [:foo:] \\d \\pL \\p{greek} \\p{^Lu} \\PX \\p{ \\x41 \\x{1F600} \\x{ \\07 \\12 \\8 \\Q \\E \\A \\z \\C \\n \\. \\ * + ? {2} {2,} {2,5} {5,2} {100} {1001} {,2} {01} { } {0} {0,} ^ $ .'.split(
    ' ',
  )

test('what is taken, the engine can match; what it refuses is refused', () => {
  const pattern = fc.array(fc.constantFrom(...TOKENS), { maxLength: 8 }).map((tokens) => tokens.join(''))
  fc.assert(
    fc.property(pattern, (text) => {
      const expression = goRegexp(text)
      if (typeof expression === 'string') assert.match(expression, /^error parsing regexp: [^`]+: `[^]*`$/)
      else expression.matches('aé')
    }),
  )
})

test('patterns are read in the time of their length', () => {
  const start = process.cpuUsage()
  for (const part of ['\\pL', '(a{9}){9}', '[a-z\\p{Greek}]', '(?i)é{900}', '(((a', 'a|', '\\Qa\\E'])
    for (let count = 0; count < 20; count++) goRegexpProblem(part.repeat(MAX_PATTERN_LENGTH / part.length))
  assert.ok(process.cpuUsage(start).user < 4_000_000)
})
