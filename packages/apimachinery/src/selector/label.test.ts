import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { StatusError } from '../status.ts'
import { vectors } from '../vectors.ts'
import { everything, labelSelectorFromObject, labelSelectorFromSet, nothing, parseLabelSelector } from './label.ts'

type Row = [text: string, labels: string, answer: [text: string, matches: boolean] | null, error: string]

const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error))
    assert.equal(error.code, 400)
    return error.message
  }
  return assert.fail('nothing was refused')
}

describe('label selectors', () => {
  it('read, print, match and refuse as upstream does', () => {
    for (const [text, labels, answer, error] of vectors<Row>('label-selectors')) {
      if (answer === null)
        assert.equal(
          messageOf(() => parseLabelSelector(text)),
          error,
          text,
        )
      else {
        const selector = parseLabelSelector(text)
        assert.deepEqual([selector.toString(), selector.matches(JSON.parse(labels))], answer, text)
      }
    }
  })

  it('are made from metav1.LabelSelector as upstream makes them', () => {
    for (const [object, labels, answer, error] of vectors<Row>('label-selector-objects')) {
      if (answer === null)
        assert.equal(
          messageOf(() => labelSelectorFromObject(JSON.parse(object))),
          error,
          object,
        )
      else {
        const selector = labelSelectorFromObject(JSON.parse(object))
        assert.equal(selector.matches(JSON.parse(labels)), answer[1], object)
        if (object !== 'null') assert.equal(selector.toString(), answer[0], object)
      }
    }
  })

  it('of no object select nothing, of an empty one everything', () => {
    assert.equal(labelSelectorFromObject(undefined).matches({}), false)
    assert.equal(labelSelectorFromObject({}).matches({ a: 'b' }), true)
    assert.equal(everything().matchesEverything, true)
    assert.notEqual(nothing().toString(), everything().toString())
  })

  it('do not take inherited properties for labels', () => {
    assert.equal(parseLabelSelector('constructor').matches({}), false)
    assert.equal(parseLabelSelector('!constructor').matches(undefined), true)
    assert.equal(
      parseLabelSelector('constructor=x').matches({ constructor: 'x' } as unknown as Record<string, string>),
      true,
    )
  })

  it('compare 64-bit integers exactly', () => {
    const selector = parseLabelSelector('n>9007199254740992')
    assert.equal(selector.matches({ n: '9007199254740993' }), true)
    assert.equal(selector.matches({ n: '9223372036854775808' }), false)
    assert.equal(parseLabelSelector('n<5').matches({ n: 'x' }), false)
  })

  it('refuse absurd lengths at once', () => {
    assert.match(
      messageOf(() => parseLabelSelector('a'.repeat(2 << 20))),
      /too long/,
    )
    assert.match(
      messageOf(() => parseLabelSelector('a,'.repeat(5000))),
      /too many requirements/,
    )
  })

  it('match many values of `in` alike', () => {
    const values = Array.from({ length: 100 }, (_, index) => `v${index}`)
    const selector = parseLabelSelector(`k in (${values.join(',')})`)
    assert.deepEqual(
      values.filter((value) => !selector.matches({ k: value })),
      [],
    )
    assert.equal(selector.matches({ k: 'v100' }), false)
  })

  const key = fc.constantFrom('a', 'b', 'x.io/c')
  const value = fc.constantFrom('', '1', '2', 'v')
  const labels = fc.dictionary(key, value)

  it('agree with a naive model', () => {
    const requirement = fc.oneof(
      fc.tuple(key, fc.constantFrom('=', '==', '!='), fc.tuple(value)),
      fc.tuple(key, fc.constantFrom('in', 'notin'), fc.uniqueArray(value, { minLength: 1 })),
      fc.tuple(key, fc.constantFrom('exists', '!'), fc.constant<string[]>([])),
    )
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), labels, (requirements, set) => {
        const text = requirements.map(([name, operator, values]) => {
          if (operator === 'exists') return name
          if (operator === '!') return `!${name}`
          return operator.includes('in')
            ? `${name} ${operator} (${values.join(',')})`
            : `${name}${operator}${values.join('')}`
        })
        const expected = requirements.every(([name, operator, values]) => {
          const actual = set[name]
          if (operator === 'exists' || operator === '!') return (actual !== undefined) === (operator === 'exists')
          const among = actual !== undefined && (values as string[]).includes(actual)
          return operator === '!=' || operator === 'notin' ? !among : among
        })
        const selector = parseLabelSelector(text.join(','))
        assert.equal(selector.matches(set), expected)
        assert.equal(parseLabelSelector(selector.toString()).toString(), selector.toString())
      }),
    )
  })

  it('of a set match exactly what holds the set', () => {
    fc.assert(
      fc.property(labels, labels, (set, actual) => {
        const expected = Object.entries(set).every(([name, wanted]) => actual[name] === wanted)
        assert.equal(labelSelectorFromSet(set).matches(actual), expected)
      }),
    )
  })

  it('never throw anything but a status', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'ab,=!()<> \0é-./') }))
    fc.assert(
      fc.property(text, (input) => {
        try {
          parseLabelSelector(input)
        } catch (error) {
          assert.ok(error instanceof StatusError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
