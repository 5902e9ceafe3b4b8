// Formats of strings: what upstream takes and what it does not (go-openapi's and Kubernetes' own).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFormatOf, isKnownFormat, keepsFormat } from './formats.ts'

const EXAMPLES: Readonly<Record<string, readonly [good: readonly string[], bad: readonly string[]]>> = {
  'date-time': [
    ['2020-02-29T23:59:59Z', '2020-01-01t00:00:00.5+99:99'],
    ['2020-02-30T00:00:00Z', '2020-01-01T24:00:00Z', '2020-01-01', ''],
  ],
  date: [
    ['2020-02-29', '0000-01-01'],
    ['2021-02-29', '2020-13-01', '2020-1-1'],
  ],
  duration: [
    ['1h30m', '3 days', '-1.5s', '0', '5 Weeks'],
    ['3', 'day', '99999999999999999999 s'],
  ],
  email: [
    ['a@b.c', 'Barry Gibbs <bg@example.com>', '"a b"@c'],
    ['a', '@b', 'a@b@c', 'a b@c'],
  ],
  ipv4: [
    ['1.2.3.4', '01.002.3.4', '::ffff:1.2.3.4'],
    ['1.2.3', '::1'],
  ],
  ipv6: [
    ['::1', '2001:db8::'],
    ['1.2.3.4', ':::'],
  ],
  cidr: [
    ['10.0.0.0/8', '::/0'],
    ['10.0.0.0', '10.0.0.0/33'],
  ],
  mac: [
    ['01:23:45:67:89:ab', '01-23-45-67-89-ab', '0123.4567.89ab'],
    ['01:23', '01:23-45:67:89:ab'],
  ],
  uri: [
    ['http://a/b', '/a', 'mailto:x@y'],
    ['a', '', './b'],
  ],
  uuid: [['6F1E8D0A-8D4B-4F3C-9A0E-1B2C3D4E5F60', '6f1e8d0a8d4b4f3c9a0e1b2c3d4e5f60'], ['6f1e8d0a']],
  uuid4: [['6f1e8d0a-8d4b-4f3c-9a0e-1b2c3d4e5f60'], ['6f1e8d0a-8d4b-3f3c-9a0e-1b2c3d4e5f60']],
  hostname: [
    ['a.example.com', 'localhost'],
    ['-a', 'a..b', `${'a'.repeat(64)}.com`],
  ],
  isbn: [
    ['0321751043', '978-0321751041'],
    ['0321751044', '978-0321751040'],
  ],
  creditcard: [['4220 8554 2622 2389'], ['4220855426213389', '']],
  ssn: [['111-22-3333'], ['111223333']],
  hexcolor: [['#fff', '00aaFF'], ['#ff']],
  rgbcolor: [['rgb(0, 31,255)'], ['rgb(1,349,275)', 'rgba(0,31,255)']],
  byte: [
    ['QUJD', 'QQ=='],
    ['', 'Q', 'QQ='],
  ],
  bsonobjectid: [['507f1f77bcf86cd799439011'], ['507f']],
  'k8s-short-name': [
    ['a', 'a-b'],
    ['a.b', '-a', 'A', 'a'.repeat(64)],
  ],
  'k8s-long-name': [
    ['a.b', 'a'.repeat(253)],
    ['a..b', 'a'.repeat(254)],
  ],
}

test('each format takes what it should, and nothing else', () => {
  for (const [format, [good, bad]] of Object.entries(EXAMPLES)) {
    for (const text of good) assert.ok(keepsFormat(format, text), `${format}: ${text}`)
    for (const text of bad) assert.ok(!keepsFormat(format, text), `${format}: ${text}`)
  }
})

test('hyphens in names of formats count for nothing, and formats belong to types', () => {
  assert.ok(isKnownFormat('datetime') && isKnownFormat('date-time') && !isKnownFormat('colour'))
  assert.ok(isFormatOf('', 'date') && isFormatOf('integer', 'int64') && isFormatOf('number', 'float'))
  assert.ok(!isFormatOf('integer', 'float') && !isFormatOf('boolean', 'date'))
})

test('no text keeps an expression busy', () => {
  const texts = [
    `${'a-'.repeat(50_000)}!`,
    `${'1'.repeat(100_000)}`,
    `${'a@'.repeat(50_000)}`,
    `"${'\\"'.repeat(50_000)}`,
  ]
  const start = process.cpuUsage()
  for (const format of Object.keys(EXAMPLES)) for (const text of texts) keepsFormat(format, text)
  assert.ok(process.cpuUsage(start).user < 2_000_000)
})
