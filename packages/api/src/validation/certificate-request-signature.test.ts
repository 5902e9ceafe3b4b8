// A request that was signed by the key it names passes; what is cut, changed or wrapped otherwise does not, and never throws.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { certificateRequestProblem } from './certificate-request-signature.ts'

const REQUEST = 'CERTIFICATE REQUEST'
const pemOf = (der: Uint8Array, type = REQUEST): string =>
  `-----BEGIN ${type}-----\n${Buffer.from(der).toString('base64')}\n-----END ${type}-----\n`

/** Made by OpenSSL 3: ECDSA with P-256, CN=x, O=y. */
const DER = Buffer.from(
  'MIHSMHoCAQAwGDEKMAgGA1UEAwwBeDEKMAgGA1UECgwBeTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLCJ4pOXV+gcHXy3k06xYkz1kBmxwmhHRgoh/3JY9PeA4CBYJ3jNn/ht5rAXLomx9bNVXyR9wXNaMfe/xg2kNmmgADAKBggqhkjOPQQDAgNIADBFAiEAx/ip8MVy8DgZCBws/Wei9P203538C7ut5hUflylHA/4CIHq4OLdoHdCDVt1CjIgPUgG1DRB3NWt+EA6p1VdtjKaU',
  'base64',
)

test('a request signed by its own key has no problem, whatever stands around it', () => {
  assert.equal(certificateRequestProblem(pemOf(DER)), undefined)
  assert.equal(certificateRequestProblem(`text\n${pemOf(DER).replaceAll('\n', '\r\n')}more`), undefined)
})

test('the first block must be a request', () => {
  const expected = 'PEM block type must be CERTIFICATE REQUEST'
  assert.equal(certificateRequestProblem(''), expected)
  assert.equal(certificateRequestProblem(pemOf(DER, 'CERTIFICATE')), expected)
  assert.equal(certificateRequestProblem(pemOf(DER, 'X') + pemOf(DER)), expected)
  assert.equal(certificateRequestProblem(pemOf(DER).replaceAll('\n', '')), expected)
})

test('a signature by another key is told', () => {
  const changed = Buffer.from(DER)
  changed[30] = (changed[30] ?? 0) ^ 1
  assert.equal(certificateRequestProblem(pemOf(changed)), 'x509: ECDSA verification failure')
})

test('what is cut short or goes on is told', () => {
  assert.equal(certificateRequestProblem(pemOf(Buffer.alloc(0))), 'asn1: syntax error: sequence truncated')
  assert.equal(certificateRequestProblem(pemOf(DER.subarray(0, 100))), 'asn1: syntax error: data truncated')
  assert.equal(certificateRequestProblem(pemOf(Buffer.concat([DER, DER]))), 'asn1: syntax error: trailing data')
})

test('no change of any byte makes it pass or throw', () => {
  fc.assert(
    fc.property(fc.nat(DER.length - 1), fc.integer({ min: 1, max: 255 }), (index, bits) => {
      const changed = Buffer.from(DER)
      changed[index] = (changed[index] ?? 0) ^ bits
      assert.equal(typeof certificateRequestProblem(pemOf(changed)), 'string')
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void certificateRequestProblem(pemOf(bytes))))
})
