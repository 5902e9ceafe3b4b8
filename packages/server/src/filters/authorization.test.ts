import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuthorizationAttributes, Authorizer } from '@keelson/auth'
import { StatusError } from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { authorization, requireAllowed } from './authorization.ts'

const requestOf = (verb: string): RequestContext => {
  const user = { name: 'bob', uid: '', groups: [], extra: {} }
  const info = { isResourceRequest: true, path: '', verb, apiPrefix: 'api', group: '', version: 'v1', parts: [] }
  const names = { namespace: 'team', resource: 'services', subresource: '', name: 'web' }
  return { user, authorizer: undefined, info: { ...info, ...names } } as unknown as RequestContext // What the filter reads.
}

test('what the authorizer does not allow is forbidden, with its reason', async () => {
  const asked: AuthorizationAttributes[] = []
  const authorizer: Authorizer = {
    authorize: (attributes) => {
      asked.push(attributes)
      return attributes.verb === 'update'
        ? { decision: 'allow', reason: '' }
        : { decision: 'no-opinion', reason: 'no rule' }
    },
  }
  const context = requestOf('update')
  let passed = 0
  await authorization(authorizer)(context, async () => void passed++)
  assert.equal(passed, 1)
  // The same request turns out to create.
  const text = 'User "bob" cannot create resource "services" in API group "" in the namespace "team": no rule'
  assert.throws(
    () => requireAllowed(context, 'create'),
    (error) => error instanceof StatusError && error.message === `services "web" is forbidden: ${text}`,
  )
  assert.deepEqual(
    asked.map(({ verb, name }) => `${verb} ${name}`),
    ['update web', 'create web'],
  )
})

test('a request that nobody was asked about is a fault, not a permission', () => {
  assert.throws(() => requireAllowed(requestOf('create'), 'create'), /past authorization/)
})
