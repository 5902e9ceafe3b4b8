import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerToken, parseTokenFile, tokenAuthenticator } from './static-token.ts'

const FILE = 'secret-a,alice,u-a,"devs,ops"\nsecret-b,bob,u-b\n\n"with,comma",carol,u-c,"one"\r\n'

test('a token file names users with their groups', () => {
  const users = parseTokenFile(FILE, 'tokens.csv')
  assert.deepEqual(users.get('secret-a'), {
    name: 'alice',
    uid: 'u-a',
    groups: ['devs', 'ops', 'system:authenticated'],
    extra: {},
  })
  assert.deepEqual(users.get('secret-b')?.groups, ['system:authenticated'])
  assert.equal(users.get('with,comma')?.name, 'carol')
})

test('a line that is none is refused by its number, without the token', () => {
  assert.throws(
    () => parseTokenFile('a,b,c\nsecret-only', 'tokens.csv'),
    (error: Error) => {
      return error.message.includes('line 2') && !error.message.includes('secret-only')
    },
  )
})

test('a known token is its user, an unknown one is refused, another scheme is nobody', () => {
  const authenticator = tokenAuthenticator(parseTokenFile(FILE, 'tokens.csv'))
  const ask = (authorization: string | undefined) =>
    authenticator.authenticate({ authorization, clientCertificate: undefined })
  const known = ask('Bearer secret-b')
  assert.equal(known.outcome === 'authenticated' && known.user.name, 'bob')
  assert.equal(ask('Bearer secret').outcome, 'refused')
  assert.equal(ask('Basic YTpi').outcome, 'absent')
  assert.equal(ask(undefined).outcome, 'absent')
})

test('the scheme may be written in any case; an empty token is none', () => {
  assert.equal(bearerToken('bearer x'), 'x')
  assert.equal(bearerToken('Bearer '), undefined)
  assert.equal(bearerToken('Bearer'), undefined)
})
