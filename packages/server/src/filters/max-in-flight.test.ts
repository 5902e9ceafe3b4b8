import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatusError } from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { maxInFlight } from './max-in-flight.ts'

/** What the filter looks at. */
const request = (verb: string, groups: string[] = []): RequestContext =>
  ({ info: { verb, subresource: '' }, user: { groups } }) as unknown as RequestContext

test('the request over the limit is refused, and the next one after an end is not', async () => {
  const counts = { readOnly: 0, mutating: 0 }
  const filter = maxInFlight(1, 1, counts)
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = filter(request('get'), () => promise)
  await assert.rejects(
    filter(request('list'), async () => {}),
    (error: StatusError) => error.code === 429 && error.status.details?.retryAfterSeconds === 1,
  )
  await filter(request('create'), async () => {})
  await filter(request('watch'), async () => {})
  await filter(request('get', ['system:masters']), async () => {})
  resolve()
  await first
  await filter(request('list'), async () => {})
  assert.deepEqual(counts, { readOnly: 0, mutating: 0 })
})

test('a request that fails gives its place back', async () => {
  const counts = { readOnly: 0, mutating: 0 }
  await assert.rejects(maxInFlight(1, 1, counts)(request('create'), async () => Promise.reject(new Error('no'))))
  assert.equal(counts.mutating, 0)
})
