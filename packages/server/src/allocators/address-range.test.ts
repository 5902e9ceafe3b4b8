import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalAddress, parseAddressRange } from './address-range.ts'

test('a /24 hands out 254 addresses, the upper band first', () => {
  const range = parseAddressRange('10.0.0.77/24')
  assert.equal(range.cidr, '10.0.0.0/24')
  assert.equal(range.first, '10.0.0.1')
  const all = [...range.candidates()]
  assert.equal(all.length, 254)
  assert.equal(new Set(all).size, 254)
  assert.ok(all.slice(0, 254 - 16).every((address) => Number(address.split('.')[3]) > 16))
  assert.ok(!all.includes('10.0.0.0') && !all.includes('10.0.0.255'))
})

test('addresses outside, of the other family and malformed are not contained', () => {
  const range = parseAddressRange('10.0.0.0/24')
  for (const address of ['10.0.1.1', '10.0.0.0', '10.0.0.255', '::1', 'x', ''])
    assert.equal(range.contains(address), false, address)
  assert.equal(range.contains('10.0.0.254'), true)
})

test('IPv6 ranges start at the first address and print canonically', () => {
  const range = parseAddressRange('fd00:0:0:1::/112')
  assert.equal(range.first, 'fd00:0:0:1::1')
  assert.equal(range.contains('fd00:0:0:1:0:0:0:ffff'), true)
  assert.equal(canonicalAddress('FD00:0:0:1:0:0:0:2'), 'fd00:0:0:1::2')
  assert.equal(range.candidates(() => 0).next().value, 'fd00:0:0:1::101')
})

test('what is no range of services is refused by name', () => {
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'x/8', '10.0.0.0/30', 'fd00::/48', '']) {
    assert.throws(
      () => parseAddressRange(text),
      (error: Error) => error.message.includes(text),
    )
  }
})
