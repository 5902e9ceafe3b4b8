import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { QuantityError, canonicalQuantity, parseQuantity, quantityFrom, quantityOf } from './quantity.ts'
import { vectors } from './vectors.ts'

describe('quantities', () => {
  it('have the canonical text that upstream gives them', () => {
    for (const [text, canonical, error] of vectors<[string, string | null, string]>('quantities')) {
      if (canonical === null) assert.throws(() => parseQuantity(text), { name: 'QuantityError', message: error }, text)
      else assert.equal(canonicalQuantity(text), canonical, text)
    }
  })

  it('compare, add and subtract as upstream does', () => {
    for (const [left, right, answer] of vectors<[string, string, string | null]>('quantity-arithmetic')) {
      if (answer === null) continue
      const [a, b] = [parseQuantity(left), parseQuantity(right)]
      assert.equal(`${a.compare(b)} ${a.add(b)} ${a.subtract(b)}`, answer, `${left} ${right}`)
    }
  })

  it('are read from JSON strings and numbers', () => {
    assert.equal(canonicalQuantity('0.5'), '500m')
    assert.equal(canonicalQuantity(0.5), '500m')
    assert.equal(canonicalQuantity('1000m'), '1')
    assert.equal(canonicalQuantity('1e3'), '1e3')
    assert.equal(canonicalQuantity('1024Ki'), '1Mi')
    assert.equal(quantityFrom('1x'), undefined)
    assert.equal(quantityFrom(null), undefined)
    assert.equal(quantityOf(3).value(), 3n)
    assert.equal(parseQuantity('1m').value(), 1n)
    assert.equal(parseQuantity('-1m').value(), -1n)
    assert.equal(parseQuantity('1.0005').milliValue(), 1001n)
  })

  it('of up to three digits are canonical as they are', () => {
    for (const suffix of ['', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti']) {
      for (let digits = 0; digits < 1100; digits++) {
        const text = `${digits}${suffix}`
        assert.equal(canonicalQuantity(text), parseQuantity(text).toString())
      }
    }
  })

  it('keep their value through their text', () => {
    const format = fc.constantFrom('DecimalSI', 'BinarySI', 'DecimalExponent')
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 27n), 10n ** 27n), format, (value, family) => {
        const quantity = parseQuantity(`${value}n`)
        assert.equal(parseQuantity(quantity.toString()).compare(quantity), 0)
        const suffix = family === 'BinarySI' ? 'Ki' : family === 'DecimalSI' ? 'k' : 'e3'
        const other = parseQuantity(`${value / 10n ** 14n}${suffix}`)
        assert.equal(parseQuantity(other.toString()).compare(other), 0)
        assert.equal(parseQuantity(other.toString()).toString(), other.toString())
      }),
    )
  })

  it('never throw anything but their own error, and never make giants', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.+-eEinumkKMGTP') }))
    fc.assert(
      fc.property(text, (input) => {
        try {
          assert.ok(parseQuantity(input).toString().length < 4096)
        } catch (error) {
          assert.ok(error instanceof QuantityError)
        }
      }),
      { numRuns: 3000 },
    )
    assert.throws(() => parseQuantity('1e999999999'), QuantityError)
  })

  it('are remembered by their text, as many as may be: the same one each time, and right when they were forgotten', () => {
    const first = parseQuantity('1234567m')
    assert.equal(parseQuantity('1234567m'), first)
    for (let number = 0; number <= 4_096; number++) parseQuantity(`${number}Gi`)
    const again = parseQuantity('1234567m')
    assert.notEqual(again, first)
    assert.deepEqual(again, first)
    // Texts of 33 characters are made anew.
    const long = `1${'0'.repeat(31)}m`
    assert.notEqual(parseQuantity(long), parseQuantity(long))
    assert.equal(parseQuantity(long.slice(1)), parseQuantity(long.slice(1)))
  })
})
