import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { vectors } from '../vectors.ts'
import { DecodeError } from './decoded.ts'
import { decodeYaml } from './yaml.ts'
import { encodeYaml } from './yaml-encode.ts'

const decode = (text: string) => decodeYaml(Buffer.from(text), { findDuplicates: true })
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

describe('YAML', () => {
  it('is read as upstream reads it', () => {
    for (const name of ['yaml-decode', 'yaml-scalars']) {
      for (const [text, answer] of vectors<[string, string | null]>(name)) {
        if (answer === null) assert.throws(() => decode(text), DecodeError, text)
        else assert.deepEqual(sorted(decode(text).value), sorted(JSON.parse(answer)), text)
      }
    }
  })

  it('is written as upstream writes it', () => {
    for (const [json, yaml] of vectors<[string, string]>('yaml-encode')) {
      // All but the key of the next test.
      assert.equal(encodeYaml(JSON.parse(json)), yaml.replaceAll(/^([ -]*)<<:/gm, '$1"<<":'))
    }
  })

  it('names keys that stand twice, with their lines', () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y0\n  name: y0\n  bogus: x\n'
    assert.deepEqual(decode(text).duplicates, ['line 5: key "name" already set in map'])
  })

  it('writes a key << so that it comes back, where upstream loses what it holds', () => {
    assert.equal(encodeYaml({ '<<': ['<<'] }), '"<<":\n- <<\n')
    assert.deepEqual(decode('"<<":\n- <<\n').value, { '<<': ['<<'] })
  })

  it('finds what is set twice as upstream does, also through merge keys', () => {
    for (const [text, duplicates] of vectors<[string, string[]]>('yaml-duplicates'))
      assert.deepEqual(decode(text).duplicates, duplicates, text)
  })

  it('resolves anchors and merge keys', () => {
    assert.deepEqual(decode('a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n').value, {
      a: { b: 1, c: 2 },
      d: { b: 1, c: 3 },
    })
  })

  it('says what is malformed', () => {
    assert.throws(() => decode('a: ['), { message: 'yaml: line 1: did not find expected node content' })
    assert.throws(() => decode('a: *nope'), DecodeError)
  })

  it('reads the first document only', () => {
    assert.deepEqual(decode('a: 1\n---\nb: 2\n').value, { a: 1 })
    assert.equal(decode('').value, null)
  })

  it('refuses alias bombs and deep nesting quickly', () => {
    const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]']
    for (let level = 1; level < 10; level++)
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(',')}]`,
      )
    assert.throws(() => decode(bomb.join('\n')), /excessive aliasing/)
    assert.throws(() => decode('['.repeat(50_000)), /max depth/)
    assert.throws(() => decode('- '.repeat(50_000)), /max depth/)
    const nested = Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')
    assert.throws(() => decode(nested), DecodeError)
  })

  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        // -0 is 0 to both JSON and upstream; NEL and the separators fold, as they do upstream.
        const json = JSON.stringify(value)
        fc.pre(!/[\u0085\u2028\u2029]/.test(json))
        assert.deepEqual(sorted(decode(encodeYaml(value)).value), sorted(JSON.parse(json)))
      }),
      { numRuns: 500 },
    )
  })

  it('never throws anything but its own error', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'ab:- \n{}[],&*!|>\'"#%@`?1.~<\t'), maxLength: 30 }),
    )
    fc.assert(
      fc.property(text, (input) => {
        try {
          decode(input)
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error))
        }
      }),
      { numRuns: 3000 },
    )
  })
})
