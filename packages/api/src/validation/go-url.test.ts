// URLs are taken apart as Go does it, and refused in its words.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseGoUrl } from './go-url.ts'

test('a URL has its parts', () => {
  assert.deepEqual(parseGoUrl('HTTPS://me:you@h.example.com:443/a?b=c#d'), {
    scheme: 'https',
    user: 'me:you',
    host: 'h.example.com:443',
    query: 'b=c',
    fragment: 'd',
  })
  assert.deepEqual(parseGoUrl('a/b'), { scheme: '', user: undefined, host: '', query: '', fragment: '' })
})

test('what is no URL is told', () => {
  assert.equal(parseGoUrl('https://h:x/'), 'parse "https://h:x/": invalid port ":x" after host')
  assert.equal(parseGoUrl('https://a b/'), 'parse "https://a b/": invalid character " " in host name')
  assert.equal(parseGoUrl(':a'), 'parse ":a": missing protocol scheme')
  assert.equal(parseGoUrl('1:a/b'), 'parse "1:a/b": first path segment in URL cannot contain colon')
  assert.equal(parseGoUrl('https://h/%zz'), 'parse "https://h/%zz": invalid URL escape "%zz"')
  assert.equal(parseGoUrl('a\nb'), 'parse "a\\nb": net/url: invalid control character in URL')
})

test('any text has an answer', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseGoUrl(text)))
})
