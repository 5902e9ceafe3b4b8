import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRequestInfo } from './request-info.ts'

const info = (method: string, url: string) => {
  const [path = '', search = ''] = url.split('?')
  return parseRequestInfo(method, path, () => new URLSearchParams(search))
}

const SHAPES: [method: string, url: string, expected: Partial<ReturnType<typeof info>>][] = [
  ['GET', '/api/v1/pods', { verb: 'list', version: 'v1', resource: 'pods', namespace: '' }],
  ['GET', '/api/v1/pods/', { verb: 'list', resource: 'pods', name: '' }],
  ['GET', '/api/v1/pods?watch=1', { verb: 'watch', resource: 'pods' }],
  ['GET', '/api/v1/pods?watch=false', { verb: 'list' }],
  ['GET', '/api/v1/pods?watch=yes', { verb: 'watch' }],
  ['GET', '/api/v1/namespaces/a/pods/b', { verb: 'get', namespace: 'a', resource: 'pods', name: 'b' }],
  ['GET', '/api/v1/namespaces/a/pods/b?watch=1', { verb: 'get', name: 'b' }],
  ['PATCH', '/api/v1/namespaces/a/pods/b/status', { verb: 'patch', name: 'b', subresource: 'status' }],
  [
    'DELETE',
    '/apis/apps/v1/namespaces/a/deployments',
    { verb: 'deletecollection', group: 'apps', resource: 'deployments' },
  ],
  ['GET', '/api/v1/namespaces', { verb: 'list', resource: 'namespaces', namespace: '' }],
  ['GET', '/api/v1/namespaces/a', { verb: 'get', resource: 'namespaces', namespace: 'a', name: 'a' }],
  ['PUT', '/api/v1/namespaces/a/finalize', { resource: 'namespaces', name: 'a', subresource: 'finalize' }],
  ['GET', '/api/v1/watch/namespaces/a/pods', { verb: 'watch', namespace: 'a', resource: 'pods' }],
  ['GET', '/api/v1/watch/namespaces/a/pods/b', { verb: 'watch', name: 'b' }],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dx', { verb: 'list', name: 'x' }],
  ['GET', '/api/v1/pods?fieldSelector=metadata.name', { verb: 'list', name: '' }],
  ['GET', '/api/v1', { isResourceRequest: false, verb: 'get' }],
  ['GET', '/apis/apps/v1', { isResourceRequest: false }],
  ['POST', '/healthz', { isResourceRequest: false, verb: 'post' }],
  ['GET', '//api/v1', { isResourceRequest: false }],
  ['GET', '/', { isResourceRequest: false, path: '/' }],
]

for (const [method, url, expected] of SHAPES) {
  test(`${method} ${url}`, () => {
    const actual = info(method, url)
    for (const [key, value] of Object.entries(expected)) assert.equal(actual[key as keyof typeof actual], value, key)
  })
}

test('any path is read without an error', () => {
  const piece = fc.constantFrom(
    'api',
    'apis',
    'v1',
    'apps',
    'namespaces',
    'watch',
    'pods',
    'a',
    '',
    '..',
    '%2f',
    'status',
    'proxy',
  )
  fc.assert(
    fc.property(
      fc.constantFrom('GET', 'POST', 'DELETE', 'BREW'),
      fc.array(piece, { maxLength: 9 }),
      (method, pieces) => {
        assert.equal(typeof info(method, `/${pieces.join('/')}`).verb, 'string')
      },
    ),
  )
})
