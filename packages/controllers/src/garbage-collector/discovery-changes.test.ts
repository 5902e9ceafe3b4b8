// Garbage collection while what is served changes: a server that plays one whose custom resources come and go.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { notFound } from '@keelson/apimachinery'
import { createClient, createHttp1Transport } from '@keelson/client'
import { createGarbageCollector } from './garbage-collector.ts'

const MAPS = '/api/v1/configmaps'
const WIDGETS = '/apis/example.com/v1/widgets'
const CHILD = '/api/v1/namespaces/default/configmaps/child'
const OWNER = '/apis/example.com/v1/namespaces/default/widgets/owner'

const owner = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'owner', namespace: 'default', uid: 'u-owner', resourceVersion: '5' },
}
const child = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'child',
    namespace: 'default',
    uid: 'u-child',
    resourceVersion: '6',
    ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'owner', uid: 'u-owner' }],
  },
}

const discoveryOf = (group: string, resource: string, kind: string): object => ({
  metadata: { name: group },
  versions: [
    {
      version: 'v1',
      resources: [
        {
          resource,
          responseKind: { group, version: 'v1', kind },
          scope: 'Namespaced',
          verbs: ['delete', 'get', 'list', 'watch'],
        },
      ],
    },
  ],
})

/** `seen` tells of each request as `METHOD path`, of a watch that is open as `WATCH path`, and of its end as `END path`. */
class Server {
  readonly seen = new EventEmitter()
  readonly deleted: string[] = []
  /** In discovery, and to whoever asks: they differ while clients do not know yet. */
  discovered = false
  served = false
  ownerExists = true
  readonly #watches = new Map<string, ServerResponse>()

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '', 'http://localhost')
    const reply = this.#replyTo(request.method ?? '', url.pathname)
    if (url.searchParams.get('watch') === 'true' && reply !== undefined) this.#watch(url, response)
    else if (reply === undefined) response.writeHead(404).end('404 page not found\n')
    else response.writeHead(reply.code).end(JSON.stringify(reply.body))
    this.seen.emit(`${request.method} ${url.pathname}`)
  }

  /** An event to whoever watches widgets. */
  send(type: string, object: object): void {
    this.#watches.get(WIDGETS)?.write(`${JSON.stringify({ type, object })}\n`)
  }

  #watch(url: URL, response: ServerResponse): void {
    if (url.searchParams.has('sendInitialEvents')) {
      response.writeHead(400).end(JSON.stringify({ kind: 'Status', code: 400, message: 'no such lists here' }))
      return
    }
    this.#watches.set(url.pathname, response)
    response.writeHead(200).flushHeaders()
    this.seen.emit(`WATCH ${url.pathname}`)
    response.on('close', () => this.seen.emit(`END ${url.pathname}`))
  }

  #replyTo(method: string, path: string): { code: number; body: object } | undefined {
    const list = (...items: object[]): { code: number; body: object } => ({
      code: 200,
      body: { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '10' }, items },
    })
    const groups = (...items: object[]): { code: number; body: object } => ({
      code: 200,
      body: { kind: 'APIGroupDiscoveryList', items },
    })
    if (path === '/api') return groups(discoveryOf('', 'configmaps', 'ConfigMap'))
    if (path === '/apis') return groups(...(this.discovered ? [discoveryOf('example.com', 'widgets', 'Widget')] : []))
    if (path === MAPS) return list(child)
    if (path === CHILD) {
      if (method === 'DELETE') this.deleted.push(path)
      return { code: 200, body: child }
    }
    if (!this.served) return undefined
    if (path === WIDGETS) return list(...(this.ownerExists ? [owner] : []))
    const { status } = notFound({ group: 'example.com', resource: 'widgets' }, 'owner')
    return path === OWNER && this.ownerExists ? { code: 200, body: owner } : { code: 404, body: status }
  }
}

test('an owner of a kind that is not known, not known yet, or no longer served is not taken for gone', async () => {
  const server = new Server()
  const listener = http.createServer(server.answer).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo // It listens on TCP.
  const client = createClient(
    createHttp1Transport({
      server: `http://127.0.0.1:${port}`,
      ca: undefined,
      cert: undefined,
      key: undefined,
      token: '',
    }),
  )
  const ending = new AbortController()
  const log = (): void => {}
  const logger = { debug: log, info: log, warn: log, error: log }
  const running = createGarbageCollector({ client, logger, workers: 2, resyncMs: 20 }).run(ending.signal)
  const seen = (what: string): Promise<unknown> => once(server.seen, what, { signal: AbortSignal.timeout(20_000) })
  try {
    // Nobody knows widgets.
    await seen(`WATCH ${MAPS}`)
    for (let round = 0; round < 5; round++) await seen('GET /apis')
    // They are discovered, and no path of theirs is served any more (or yet).
    server.discovered = true
    await seen(`GET ${OWNER}`)
    await seen(`GET ${OWNER}`)
    assert.deepEqual(server.deleted, [])
    // They join: they are listed and watched, and the owner is there.
    server.served = true
    await seen(`WATCH ${WIDGETS}`)
    assert.deepEqual(server.deleted, [])
    // The owner goes.
    server.ownerExists = false
    const removed = seen(`DELETE ${CHILD}`)
    server.send('DELETED', owner)
    await removed
    // They leave: nobody watches them any more.
    const left = seen(`END ${WIDGETS}`)
    server.discovered = false
    await left
  } finally {
    ending.abort(new Error('the test is over'))
    await running
    client.transport.close()
    listener.closeAllConnections()
    listener.close()
  }
})
