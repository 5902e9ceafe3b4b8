import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatDuration, parseDuration } from './duration.ts'
import { generateName } from './generate-name.ts'
import { compareBytes, goQuote, goValue } from './go-text.ts'
import { canonicalMicroTime, canonicalTime, formatMicroTime, formatTime, parseTime } from './time.ts'
import * as dns from './validation/dns.ts'
import * as names from './validation/names.ts'
import { vectors } from './vectors.ts'

describe('texts in Go’s form', () => {
  it('are quoted as %q quotes', () => {
    for (const [json, quoted] of vectors<[string, string]>('go-quote')) assert.equal(goQuote(JSON.parse(json)), quoted)
  })

  it('print trees as %v does', () => {
    assert.equal(goValue({ b: [1, 'x', null], a: { c: true } }), 'map[a:map[c:true] b:[1 x <nil>]]')
  })

  it('sort as bytes do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })
})

describe('durations', () => {
  it('are read and printed as upstream does', () => {
    for (const [text, printed] of vectors<[string, string | null]>('durations')) {
      const milliseconds = parseDuration(text)
      assert.equal(milliseconds === undefined ? null : formatDuration(milliseconds), printed, text)
    }
  })
})

describe('times', () => {
  it('are read as upstream does', () => {
    for (const [text, printed] of vectors<[string, string | null]>('times')) {
      const canonical = canonicalTime(text)
      assert.equal(canonical === undefined ? null : canonical + JSON.stringify(canonicalMicroTime(text)), printed, text)
    }
  })

  it('come back as they went', () => {
    const date = new Date('2026-11-21T03:04:05.678Z')
    assert.equal(formatTime(date), '2026-11-21T03:04:05Z')
    assert.equal(formatMicroTime(date), '2026-11-21T03:04:05.678000Z')
    assert.equal(parseTime(formatMicroTime(date)), date.getTime())
  })
})

describe('names', () => {
  it('are judged as upstream judges them', () => {
    const rules = [
      dns.isDNS1123Label,
      dns.isDNS1123Subdomain,
      dns.isDNS1035Label,
      names.isQualifiedName,
      names.isLabelValue,
      names.isConfigMapKey,
      names.isEnvVarName,
      names.isRelaxedEnvVarName,
      names.isPortName,
      dns.isWildcardDNS1123Subdomain,
      names.isCIdentifier,
      names.isHTTPHeaderName,
      names.isPercent,
      dns.isDNS1123SubdomainWithUnderscore,
    ]
    for (const [name, verdicts] of vectors<[string, string]>('names')) {
      const ours = rules.map((rule) => `[${rule(name).map(goQuote).join(' ')}]`)
      assert.equal(`[${ours.join(' ')}]`, verdicts, name)
    }
  })

  it('may end in a dash while they are a prefix', () => {
    assert.deepEqual(names.nameIsDNSSubdomain('web-', true), [])
    assert.equal(names.nameIsDNSSubdomain('web-', false).length, 1)
    assert.deepEqual(names.nameIsPathSegment('system:a', false), [])
    assert.deepEqual(names.nameIsPathSegment('a/b%', false), ["may not contain '/'", "may not contain '%'"])
  })

  it('are generated within 63 characters', () => {
    assert.match(generateName('web-'), /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    assert.equal(generateName('x'.repeat(100)).length, 63)
    assert.notEqual(generateName('a'), generateName('a'))
  })

  it('are judged in time linear in their length', () => {
    const long = `${'a-'.repeat(500_000)}!`
    for (const rule of [dns.isDNS1123Subdomain, dns.isDNS1123Label, names.isQualifiedName, names.isLabelValue])
      assert.ok(rule(long).length > 0)
  })
})
