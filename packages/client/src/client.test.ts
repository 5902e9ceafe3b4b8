// What a client does when a server is busy, silent, or gone: against a server that plays each of these.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { type KubeClient, createClient } from './client.ts'
import { createHttp1Transport } from './http1-transport.ts'
import { createHttp2Transport } from './http2-transport.ts'
import { runReflector } from './reflector.ts'
import { ConnectionError } from './transport.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const configOf = (port: number) => ({
  server: `http://127.0.0.1:${port}`,
  ca: undefined,
  cert: undefined,
  key: undefined,
  token: 'secret',
})

async function clientFor(t: TestContext, answer: Answer, retries: boolean): Promise<KubeClient> {
  const server = http.createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // It listens on TCP.
  const client = createClient(createHttp1Transport(configOf(port)), { retries, userAgent: 'tester/1' })
  t.after(() => {
    client.transport.close()
    server.closeAllConnections()
    server.close()
  })
  return client
}

function busy(response: ServerResponse, code: number, headers: Record<string, string>): void {
  const status = { kind: 'Status', status: 'Failure', reason: 'TooManyRequests', message: 'busy', code }
  response.writeHead(code, headers).end(JSON.stringify({ ...status, details: { retryAfterSeconds: 0 } }))
}

test('429 and 5xx with Retry-After are asked again when that is wanted, with the same body', async (t) => {
  const bodies: string[] = []
  const answer: Answer = (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      bodies.push(`${request.headers['user-agent']} ${request.headers.authorization} ${body}`)
      if (bodies.length < 3) busy(response, bodies.length === 1 ? 429 : 503, { 'retry-after': '0' })
      else response.end('{"kind":"ConfigMap"}')
    })
  }
  const client = await clientFor(t, answer, true)
  assert.equal((await client.create('/x', { a: 1 })).kind, 'ConfigMap')
  assert.deepEqual(
    bodies,
    Array.from({ length: 3 }, () => 'tester/1 Bearer secret {"a":1}'),
  )
})

test('ten times and no more; and never without Retry-After, or when nobody asked for it', async (t) => {
  let requests = 0
  let headers: Record<string, string> = { 'retry-after': '0' }
  const answer: Answer = (_, response) => {
    requests++
    busy(response, 503, headers)
  }
  const is503 = (error: unknown): boolean =>
    error instanceof StatusError && error.code === 503 && error.status.details?.retryAfterSeconds === 0
  await assert.rejects((await clientFor(t, answer, true)).get('/x'), is503)
  assert.equal(requests, 11)
  await assert.rejects((await clientFor(t, answer, false)).get('/x'), is503)
  assert.equal(requests, 12)
  headers = {}
  await assert.rejects((await clientFor(t, answer, true)).get('/x'), is503)
  assert.equal(requests, 13)
})

test('a write whose connection was cut is not repeated: the server may have done it', async (t) => {
  let requests = 0
  const answer: Answer = (request) => {
    requests++
    request.socket.destroy()
  }
  const client = await clientFor(t, answer, true)
  await assert.rejects(client.create('/x', {}), (error) => error instanceof ConnectionError && error.sent)
  assert.equal(requests, 1)
})

test('an answer that is no JSON, and a client that was closed, are connection errors', async (t) => {
  const client = await clientFor(t, (_, response) => response.writeHead(502).end('<html>'), false)
  await assert.rejects(client.get('/x'), /HTTP 502 with a body that is not JSON/)
  client.transport.close()
  await assert.rejects(client.get('/x'), (error) => error instanceof ConnectionError && !error.sent)
})

test('an event that comes in pieces of any size is one event', async (t) => {
  const object = (name: string): string => JSON.stringify({ type: 'ADDED', object: { metadata: { name: `${name}é` } } })
  const bytes = Buffer.from(`${object('a')}\n${object('b'.repeat(300))}\n${object('c')}\n`)
  for (const size of [1, 7, 100, bytes.length]) {
    const answer: Answer = (_, response) => {
      for (let from = 0; from < bytes.length; from += size) response.write(bytes.subarray(from, from + size))
      response.end()
    }
    const client = await clientFor(t, answer, false)
    const names: string[] = []
    for await (const events of client.watch('/x', new AbortController().signal)) {
      names.push(...events.map(({ object: { metadata } }) => metadata.name ?? ''))
    }
    assert.deepEqual(names, ['aé', `${'b'.repeat(300)}é`, 'cé'], `pieces of ${size}`)
  }
})

for (const how of ['an answer', 'an event'])
  test(`a server that says by ${how} that it cannot stream a list is asked for one`, (t) => asksForList(t, how))

async function asksForList(t: TestContext, how: string): Promise<void> {
  const asked: string[] = []
  const ending = new AbortController()
  const answer: Answer = ({ url = '' }, response) => {
    const query = new URL(url, 'http://x').searchParams
    asked.push(query.has('sendInitialEvents') ? 'stream' : query.has('watch') ? 'watch' : 'list')
    const unable = '{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":500}}\n'
    if (query.has('sendInitialEvents') && how === 'an event') response.end(unable)
    else if (query.has('sendInitialEvents')) busy(response, 422, {})
    else if (query.has('watch')) response.write('')
    else response.end('{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a"}}]}')
  }
  const client = await clientFor(t, answer, false)
  const lists: KubeObject[][] = []
  await runReflector(
    client,
    '/x',
    {
      onList: ({ items }) => void lists.push(items),
      onEvents: () => {},
      onWatch: (from) => from === '5' && ending.abort(),
    },
    ending.signal,
    { watchList: true },
  )
  assert.deepEqual(asked.slice(0, 2), ['stream', 'list'])
  assert.equal(lists[0]?.[0]?.metadata.name, 'a')
}

test('a session whose server has fallen silent is cut, and its streams hear of it', async (t) => {
  let isSilent = false
  const server = http2.createServer((_, response) => {
    response.write('{"type":"BOOKMARK","object":{"metadata":{}}}\n')
    isSilent = true
  })
  // Between them a wire that carries nothing more to the server from then on: no PING is answered.
  const wire = net.createServer((client) => {
    const onward = net.connect((server.address() as AddressInfo).port, '127.0.0.1') // It listens on TCP.
    client.on('data', (bytes) => isSilent || onward.write(bytes))
    onward.pipe(client)
    for (const end of [client, onward]) end.on('error', () => {}) // The other one is gone: that is what the test does.
    client.on('close', () => onward.destroy())
  })
  for (const each of [server, wire]) await once(each.listen(0, '127.0.0.1'), 'listening')
  const { port } = wire.address() as AddressInfo // As above.
  const transport = createHttp2Transport(configOf(port), { pingEveryMs: 50, pingTimeoutMs: 100 })
  t.after(() => {
    transport.close()
    wire.close()
    server.close()
  })
  const seen: string[] = []
  await assert.rejects(async () => {
    for await (const events of createClient(transport).watch('/x', new AbortController().signal)) {
      seen.push(...events.map(({ type }) => type))
    }
  }, ConnectionError)
  assert.deepEqual(seen, ['BOOKMARK'])
})

test('a path that the server does not know is not found, though it says so in plain text', async (t) => {
  const client = await clientFor(t, (_, response) => response.writeHead(404).end('404 page not found\n'), false)
  const is404 = (error: unknown): boolean => error instanceof StatusError && error.code === 404
  await assert.rejects(client.get('/x'), is404)
  await assert.rejects(client.watch('/x', new AbortController().signal).next(), is404)
})
