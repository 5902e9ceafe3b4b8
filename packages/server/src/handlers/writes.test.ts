// The write handlers as a client meets them, from bytes to an answer, over SQLite and the real cache.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Verb, findResource } from '@keelson/api'
import { type Status, StatusError } from '@keelson/apimachinery'
import type { Authorizer } from '@keelson/auth'
import { type Storage, type WatchCache, createSqliteStorage, createWatchCache } from '@keelson/storage'
import type { Handler, RequestContext } from '../context.ts'
import { cachedResources } from '../registry/cached-resource.ts'
import { createRegistries } from '../registry/registry.ts'
import type { Registries } from '../registry/types.ts'
import { type WriteHandlers, writeHandlers } from './write-handlers.ts'

let storage: Storage
let cache: WatchCache
let registries: Registries
let handlers: WriteHandlers

before(async () => {
  storage = await createSqliteStorage({ file: ':memory:' })
  cache = createWatchCache({ storage, resources: cachedResources() })
  await cache.whenReady()
  registries = createRegistries({ storage, cache, plugins: [] })
  handlers = writeHandlers({ registries })
})

after(async () => {
  await cache[Symbol.asyncDispose]()
  await storage[Symbol.asyncDispose]()
})

describe('bodies', () => {
  test('unknown and duplicate fields are warnings', async () => {
    const body =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"warned","labels":{"a":"1","a":"2"}},"bogus":1}'
    const answer = await send('create', 'configmaps', { body })
    assert.equal(answer.code, 201)
    assert.deepEqual(answer.warnings, ['duplicate field "metadata.labels.a"', 'unknown field "bogus"'])
  })

  test('and errors when the client is strict', async () => {
    const body = '{"metadata":{"name":"strict"},"bogus":1}'
    const answer = await send('create', 'configmaps', { body, query: 'fieldValidation=Strict' })
    assert.equal(answer.code, 400)
    assert.equal(
      answer.status.message,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "bogus"',
    )
  })

  test('that are large go to the store in several turns of the loop, small ones in one', async () => {
    const turnsOf = async (name: string, bytes: number, saysLength: boolean): Promise<number> => {
      const body = JSON.stringify({ metadata: { name }, data: { key: 'x'.repeat(bytes) } })
      return countTurns(async () => {
        for (const verb of ['create', 'update'] as const) {
          const answer = await send(verb, 'configmaps', { body, name, saysLength })
          assert.ok(answer.code < 300, answer.status.message ?? '')
        }
      })
    }
    const small = await turnsOf('small', 100, true)
    const large = await turnsOf('large', 100_000, true)
    assert.ok(large >= small + 12, `${large} turns, ${small} of a small one`)
    const unsaid = await turnsOf('unsaid', 100, false)
    assert.ok(unsaid >= small + 12, `${unsaid} turns of a body whose length the client did not say`)
  })

  test('that are small are a large write when the object is large', async () => {
    const turnsOf = async (name: string, bytes: number): Promise<number> => {
      await send('create', 'configmaps', {
        body: JSON.stringify({ metadata: { name }, data: { key: 'x'.repeat(bytes) } }),
      })
      return countTurns(async () => {
        const body = '{"metadata":{"labels":{"a":"b"}}}'
        const answer = await send('patch', 'configmaps', { body, name, contentType: 'application/merge-patch+json' })
        assert.equal(answer.code, 200)
      })
    }
    const [small, large] = [await turnsOf('patched-small', 100), await turnsOf('patched-large', 100_000)]
    assert.ok(large >= small + 6, `${large} turns, ${small} of a small one`)
  })

  test('are refused for their errors, however many these are', async () => {
    const finalizers = Array.from({ length: 150_000 }, (_, index) => `-${index}`)
    const answer = await send('create', 'configmaps', {
      body: JSON.stringify({ metadata: { name: 'many', finalizers } }),
    })
    assert.equal(answer.code, 422)
    assert.match(answer.status.message ?? '', /, and \d{6} more\]$/)
  })

  test('of another kind are refused', async () => {
    const answer = await send('create', 'configmaps', { body: '{"apiVersion":"v1","kind":"Pod"}' })
    assert.equal(answer.code, 400)
    assert.match(answer.status.message ?? '', /converting \(v1.Pod\) to \(core.ConfigMap\): unknown conversion/)
  })

  test('that are empty or no JSON are refused', async () => {
    for (const body of ['', '{', '[]', '"x"', '\u0000']) {
      const answer = await send('create', 'configmaps', { body })
      assert.equal(answer.code, 400, body)
    }
  })

  test('in YAML are read', async () => {
    const answer = await send('create', 'configmaps', {
      body: 'metadata:\n  name: yaml\n',
      contentType: 'application/yaml',
    })
    assert.equal(answer.code, 201)
  })

  test('in an unknown media type are refused', async () => {
    const answer = await send('create', 'configmaps', { body: 'a: b', contentType: 'text/plain' })
    assert.equal(answer.code, 415)
  })
})

describe('options', () => {
  test('that nobody knows are refused together', async () => {
    const body = '{"metadata":{"name":"optioned"}}'
    const answer = await send('create', 'configmaps', { body, query: 'dryRun=Some&fieldValidation=Nope' })
    assert.equal(answer.code, 422)
    assert.deepEqual(
      answer.status.details?.causes?.map(({ field }) => field),
      ['dryRun', 'fieldValidation'],
    )
  })

  test('of a deletion come from the body when there is one', async () => {
    await send('create', 'configmaps', { body: '{"metadata":{"name":"kept"}}' })
    const answer = await send('delete', 'configmaps', {
      name: 'kept',
      query: 'dryRun=All',
      body: '{"propagationPolicy":"Foreground"}',
    })
    assert.equal(answer.code, 200)
    assert.deepEqual(answer.object.metadata.finalizers, ['foregroundDeletion'])
  })

  test('of a wrong type are refused', async () => {
    const answer = await send('delete', 'configmaps', { name: 'absent', body: '{"gracePeriodSeconds":"soon"}' })
    assert.equal(answer.code, 400)
    const zero = await send('delete', 'configmaps', {
      name: 'absent',
      body: '{"gracePeriodSeconds":0,"orphanDependents":false}',
    })
    assert.equal(zero.code, 404)
  })
})

describe('PUT', () => {
  test('needs the name of the path', async () => {
    await send('create', 'configmaps', { body: '{"metadata":{"name":"put"}}' })
    const other = await send('update', 'configmaps', { name: 'put', body: '{"metadata":{"name":"other"}}' })
    assert.equal(other.status.message, 'the name of the object (other) does not match the name on the URL (put)')
    const none = await send('update', 'configmaps', { name: 'put', body: '{}' })
    assert.equal(none.code, 400)
  })
})

describe('an update that creates', () => {
  const mayNotCreate: Authorizer = {
    authorize: ({ verb }) => ({ decision: verb === 'create' ? 'no-opinion' : 'allow', reason: '' }),
  }
  const put = (name: string, authorizer: Authorizer, body = '{"spec":{"ports":[{"port":80}]}}'): Promise<Answer> =>
    send('update', 'services', { name, authorizer, body: JSON.stringify({ metadata: { name }, ...JSON.parse(body) }) })
  const apply = (name: string, authorizer: Authorizer): Promise<Answer> =>
    send('patch', 'configmaps', {
      name,
      authorizer,
      body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`,
      query: 'fieldManager=a',
      contentType: 'application/apply-patch+yaml',
    })

  test('needs the permission to create', async () => {
    const refused = await put('put-create', mayNotCreate)
    assert.equal(refused.code, 403)
    assert.equal(
      refused.status.message,
      'services "put-create" is forbidden: User "admin" cannot create resource "services" in API group "" in the namespace "default"',
    )
    assert.equal((await put('put-create', ALLOWS_ALL)).code, 201)
    assert.equal((await apply('apply-create', mayNotCreate)).code, 403)
    assert.equal((await apply('apply-create', ALLOWS_ALL)).code, 201)
  })

  test('is told its other errors first', async () => {
    assert.equal((await put('put-invalid', mayNotCreate, '{"spec":{"ports":[{"port":0}]}}')).code, 422)
  })

  test('and one that finds the object does not', async () => {
    await apply('apply-update', ALLOWS_ALL)
    assert.equal((await apply('apply-update', mayNotCreate)).code, 200)
  })
})

describe('PATCH', () => {
  const patch = (body: string, type: string, query = ''): Promise<Answer> =>
    send('patch', 'configmaps', { name: 'patched', body, query, contentType: `application/${type}+json` })

  before(() => send('create', 'configmaps', { body: '{"metadata":{"name":"patched"},"data":{"a":"1"}}' }))

  test('merges, strategically or not, and operates', async () => {
    assert.equal((await patch('{"data":{"b":"2"}}', 'merge-patch')).object.data['b'], '2')
    assert.equal((await patch('{"data":{"c":"3"}}', 'strategic-merge-patch')).object.data['c'], '3')
    const answer = await patch('[{"op":"remove","path":"/data/a"}]', 'json-patch')
    assert.deepEqual(answer.object.data, { b: '2', c: '3' })
  })

  test('that changes nothing keeps the resourceVersion', async () => {
    const first = await patch('{"data":{"b":"2"}}', 'merge-patch')
    const second = await patch('{}', 'merge-patch')
    assert.equal(second.object.metadata.resourceVersion, first.object.metadata.resourceVersion)
  })

  test('refuses another name, media type, and operations that do not apply', async () => {
    assert.equal((await patch('{"metadata":{"name":"z"}}', 'merge-patch')).code, 400)
    assert.equal((await patch('[{"op":"test","path":"/data/b","value":"9"}]', 'json-patch')).code, 422)
    assert.equal((await patch('{}', 'bogus-patch')).code, 415)
    assert.equal((await patch('{"data":5}', 'merge-patch')).code, 422)
  })

  test('of an object that is not there is 404', async () => {
    const answer = await send('patch', 'configmaps', {
      name: 'nobody',
      body: '{}',
      contentType: 'application/merge-patch+json',
    })
    assert.equal(answer.code, 404)
  })

  test('races lose nothing', async () => {
    const label = (name: string): Promise<Answer> => patch(`{"metadata":{"labels":{"${name}":"x"}}}`, 'merge-patch')
    const names = Array.from({ length: 20 }, (_, index) => `l${index}`)
    await Promise.all(names.map(label))
    const { object } = await patch('{}', 'merge-patch')
    for (const name of names) assert.equal(object.metadata.labels?.[name], 'x', name)
  })
})

test('PUTs that race are all made, each with what its body says', async () => {
  await send('create', 'configmaps', { body: '{"metadata":{"name":"raced"}}' })
  const values = Array.from({ length: 20 }, (_, index) => `v${index}`)
  const answers = await Promise.all(
    values.map((value) => {
      const body = `{"metadata":{"name":"raced"},"data":{"key":"${value}"},"unknown":1}`
      return send('update', 'configmaps', { name: 'raced', body })
    }),
  )
  for (const [index, { code, object, warnings }] of answers.entries()) {
    assert.equal(code, 200)
    assert.deepEqual(object['data'], { key: values[index] })
    assert.deepEqual(warnings, ['unknown field "unknown"'])
  }
  const versions = new Set(answers.map(({ object }) => object.metadata.resourceVersion))
  assert.equal(versions.size, values.length)
})

test('DELETE answers a Status, or the object where the kind gives it back', async () => {
  await send('create', 'configmaps', { body: '{"metadata":{"name":"gone"}}' })
  const configMap = await send('delete', 'configmaps', { name: 'gone' })
  assert.equal(configMap.status.status, 'Success')
  assert.deepEqual(Object.keys(configMap.status.details ?? {}), ['name', 'kind', 'uid'])
  await send('create', 'serviceaccounts', { body: '{"metadata":{"name":"gone"}}' })
  const account = await send('delete', 'serviceaccounts', { name: 'gone' })
  assert.equal(account.object.kind, 'ServiceAccount')
})

test('DELETE of a collection deletes what its query selects', async () => {
  for (const name of ['one', 'two']) {
    await send('create', 'secrets', { body: `{"metadata":{"name":"${name}","labels":{"n":"${name}"}}}` })
  }
  assert.equal((await send('deletecollection', 'secrets', { query: 'labelSelector=n%3Done' })).code, 200)
  assert.equal((await send('delete', 'secrets', { name: 'one' })).code, 404)
  assert.equal((await send('delete', 'secrets', { name: 'two' })).code, 200)
})

const ALLOWS_ALL: Authorizer = { authorize: () => ({ decision: 'allow', reason: '' }) }

interface Request {
  readonly name?: string
  readonly body?: string
  readonly query?: string
  readonly contentType?: string
  readonly authorizer?: Authorizer
  /** False: the request has no Content-Length. */
  readonly saysLength?: boolean
}

interface Answer {
  readonly code: number
  readonly warnings: readonly string[]
  readonly status: Status
  readonly object: {
    kind: string
    metadata: { resourceVersion?: string; finalizers?: string[]; labels?: Record<string, string> }
    data: Record<string, string>
  }
}

/** How many turns the event loop makes meanwhile. */
async function countTurns(work: () => Promise<void>): Promise<number> {
  let turns = 0
  const count = (): void => void (turns++, (counting = setImmediate(count)))
  let counting = setImmediate(count)
  await work()
  clearImmediate(counting)
  return turns
}

/** What the router and the outermost filter do, without a socket. */
async function send(verb: Verb & keyof WriteHandlers, resource: string, request: Request): Promise<Answer> {
  const warnings: string[] = []
  let code = 0
  let body = ''
  const answer = (status: number, text: Buffer | string): void => {
    code = status
    body += text.toString()
  }
  const context = {
    method: 'POST',
    path: '',
    query: new URLSearchParams(request.query),
    headers: {
      'content-type': request.contentType ?? 'application/json',
      ...(request.saysLength !== false && { 'content-length': String(Buffer.byteLength(request.body ?? '')) }),
    },
    info: {
      isResourceRequest: true,
      group: '',
      version: 'v1',
      resource,
      namespace: 'default',
      name: request.name ?? '',
      subresource: '',
    },
    user: { name: 'admin', uid: '', groups: ['system:masters'], extra: {} },
    authorizer: request.authorizer ?? ALLOWS_ALL,
    resource: findResource('', 'v1', resource),
    signal: new AbortController().signal,
    addWarning: (text: string) => void warnings.push(text),
    setHeader: () => undefined,
    readBody: async () => Buffer.from(request.body ?? ''),
    respond: (status: number, _type: string, text: Buffer | string) => answer(status, text),
  } as unknown as RequestContext // The members that write handlers use.
  const handler: Handler = handlers[verb]
  try {
    await handler(context)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    answer(error.code, JSON.stringify(error.status))
  }
  const parsed: unknown = body === '' ? {} : JSON.parse(body)
  return { code, warnings, status: parsed as Status, object: parsed as Answer['object'] } // The test says which it expects.
}
