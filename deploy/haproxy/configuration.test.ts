import assert from 'node:assert/strict'
import { test } from 'node:test'
import { haproxyConfiguration } from './configuration.ts'
import { haproxy, line } from './template.ts'

const options = {
  addresses: ['127.0.0.1:6443', '10.1.2.3:6443'],
  statisticsAddress: '127.0.0.1:8404',
  clientCaFile: '/state folder/ca.crt',
  replicas: [
    { name: 'replica-1', address: '127.0.0.1:6444' },
    { name: 'replica-2', address: '127.0.0.1:6445' },
  ],
}

test('every replica is a server of both backends', () => {
  const text = haproxyConfiguration(options)
  assert.equal(text.match(/^    server replica-\d 127\.0\.0\.1:644\d$/gm)?.length, 4)
  assert.match(text, /^frontend clients\n    bind 127\.0\.0\.1:6443\n    bind 10\.1\.2\.3:6443\n/m)
  assert.match(text, /^frontend statistics\n    mode http\n    bind 127\.0\.0\.1:8404\n/m)
  assert.match(text, / ca-file '\/state folder\/ca\.crt'$/m)
})

test('a value cannot start a directive of its own', () => {
  assert.throws(() => haproxyConfiguration({ ...options, clientCaFile: 'ca.crt\n    bind :80' }), /cannot be written/)
  assert.throws(() => line`server ${"a' ssl"}`, /cannot be written/)
})

test('the template loses its indentation and keeps that of its lines', () => {
  const text = haproxy`
      a
          b
          ${[line`c ${1}`, line`d ${'x y'}`]}
  `
  assert.equal(text, "a\n    b\n    c 1\n    d 'x y'\n")
})
