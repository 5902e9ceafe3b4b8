// Addresses and ranges: every address that is written is read back, and what is not one is refused.
import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { type FieldError, rootPath } from '@keelson/apimachinery'
import {
  addressWarnings,
  checkAddress,
  checkRange,
  formatAddress,
  networkOf,
  parseAddress,
  parseRange,
  rangeWarnings,
} from './ip-address.ts'

const path = rootPath.child('ip')

test('addresses survive being written and read', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseAddress(text)
      assert.ok(address, text)
      const canonical = formatAddress(address)
      assert.deepEqual(parseAddress(canonical)?.bytes, address.bytes)
      assert.equal(isIP(canonical), address.family)
    }),
  )
})

test('what Node takes for an address is one, what it does not is none but for leading zeros', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f:.]{0,20}$/), (text) => {
      const address = parseAddress(text)
      if (isIP(text) !== 0) assert.ok(address, text)
      else if (address !== undefined) assert.equal(address.strict, false, text)
    }),
  )
})

test('a network has no bits after its prefix', () => {
  const range = parseRange('10.9.8.7/12')
  assert.ok(range)
  assert.equal(formatAddress(networkOf(range)), '10.0.0.0')
  assert.equal(parseRange('10.0.0.0/33'), undefined)
  assert.equal(parseRange('10.0.0.0'), undefined)
})

test('odd forms are told', () => {
  assert.deepEqual(addressWarnings(path, '010.1.2.3'), [
    'ip: non-standard IP address "010.1.2.3" is invalid: use "10.1.2.3"',
  ])
  assert.deepEqual(addressWarnings(path, '::ffff:1.2.3.4'), [
    'ip: non-standard IP address "::ffff:1.2.3.4" is invalid: use "1.2.3.4"',
  ])
  assert.deepEqual(addressWarnings(path, 'FE80:0:0::1'), [
    'ip: IPv6 address "FE80:0:0::1" should be in RFC 5952 canonical format ("fe80::1")',
  ])
  assert.deepEqual(addressWarnings(path, '10.0.0.1'), [])
  assert.deepEqual(rangeWarnings(path, '10.0.0.1/8'), [
    'ip: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
  ])
})

test('odd forms are refused in new values and kept in old ones', () => {
  const refused = (check: typeof checkAddress, value: string, before?: string[]): string => {
    const errors: FieldError[] = []
    check(errors, path, value, before)
    return errors.map(({ detail }) => detail).join()
  }
  assert.equal(refused(checkAddress, '010.1.2.3'), 'must not have leading 0s')
  assert.equal(refused(checkAddress, '010.1.2.3', ['010.1.2.3']), '')
  assert.equal(refused(checkAddress, '::ffff:1.2.3.4'), 'must not be an IPv4-mapped IPv6 address')
  assert.equal(refused(checkRange, '10.0.0.0/08'), 'must not have leading 0s in IP or prefix length')
  assert.equal(refused(checkRange, '10.0.0.1/8'), 'must not have bits set beyond the prefix length')
  assert.equal(refused(checkRange, '::ffff:10.0.0.0/104'), 'must not have an IPv4-mapped IPv6 address')
  assert.equal(refused(checkRange, '2001:db8::/32'), '')
})
