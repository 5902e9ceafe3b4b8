// A tiny API server for ConfigMaps, in memory, over plain HTTP/1.1, correct unless told to break one promise. It exists to
// prove that the checker catches what it must: a checker that was never seen to fail proves nothing.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Fault =
  | 'none'
  | 'drop an event'
  | 'serve a stale read'
  | 'apply a write twice'
  | 'apply a refused write'
  | 'lose a write'
  | 'reorder events'

interface ConfigMap {
  kind: 'ConfigMap'
  apiVersion: 'v1'
  metadata: { name: string; resourceVersion: string; labels?: Record<string, string> }
  data: Record<string, string>
}

export interface FaultyServer {
  readonly server: string
  /** How many times the fault was done. */
  readonly faults: number
  [Symbol.asyncDispose](): Promise<void>
}

/** The fault is done at every `every`-th occasion. */
export async function startFaultyServer(fault: Fault, every = 20): Promise<FaultyServer> {
  let revision = 1
  let occasions = 0
  let faults = 0
  const objects = new Map<string, ConfigMap>()
  const log: { revision: number; line: string }[] = []
  const watchers = new Set<ServerResponse>()
  let stale: { revision: number; items: ConfigMap[] } = { revision: 1, items: [] }
  let held: string | undefined

  const strikes = (what: Fault): boolean => {
    if (what !== fault || ++occasions % every !== 0) return false
    faults++
    return true
  }
  const publish = (type: string, object: ConfigMap): void => {
    const line = `${JSON.stringify({ type, object })}\n`
    log.push({ revision, line })
    if (strikes('drop an event')) return
    if (strikes('reorder events')) {
      held = line
      return
    }
    for (const watcher of watchers) watcher.write(held === undefined ? line : line + held)
    held = undefined
  }
  const put = (name: string, body: ConfigMap): ConfigMap => {
    const type = objects.has(name) ? 'MODIFIED' : 'ADDED'
    revision++
    const object: ConfigMap = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { ...body.metadata, name, resourceVersion: String(revision) },
      data: body.data,
    }
    objects.set(name, object)
    publish(type, object)
    return object
  }

  const answer = (response: ServerResponse, code: number, body: unknown): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const refuse = (response: ServerResponse, code: number, reason: string): void =>
    answer(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: reason })

  const write = (response: ServerResponse, name: string, body: ConfigMap): void => {
    if (strikes('apply a refused write')) {
      put(name, body)
      return refuse(response, 503, 'ServiceUnavailable')
    }
    if (strikes('lose a write')) {
      return answer(response, 200, {
        ...body,
        metadata: { ...body.metadata, name, resourceVersion: String(revision + 1) },
      })
    }
    if (strikes('apply a write twice')) put(name, body)
    answer(response, 200, put(name, body))
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const [, , , , namespace, , name] = url.pathname.split('/')
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    if (namespace === undefined) return answer(response, 201, { kind: 'Namespace', apiVersion: 'v1', metadata: {} })
    if (url.searchParams.get('watch') === 'true') {
      const after = Number(url.searchParams.get('resourceVersion'))
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      response.write(
        log
          .filter((entry) => entry.revision > after)
          .map(({ line }) => line)
          .join(''),
      )
      watchers.add(response)
      response.on('close', () => watchers.delete(response))
      return
    }
    if (request.method === 'GET' && name === undefined) {
      if (strikes('serve a stale read'))
        return answer(response, 200, { metadata: { resourceVersion: String(stale.revision) }, items: stale.items })
      const items = [...objects.values()]
      answer(response, 200, { metadata: { resourceVersion: String(revision) }, items })
      if (revision % 10 === 0) stale = { revision: revision - 1, items }
      return
    }
    if (request.method === 'POST') {
      const body = JSON.parse(text) as ConfigMap // Only our own workload talks to this server.
      return objects.has(body.metadata.name)
        ? refuse(response, 409, 'AlreadyExists')
        : write(response, body.metadata.name, body)
    }
    const current = objects.get(name ?? '')
    if (name === undefined || current === undefined) return refuse(response, 404, 'NotFound')
    if (request.method === 'GET') return answer(response, 200, current)
    if (request.method === 'DELETE') {
      objects.delete(name)
      revision++
      publish('DELETED', { ...current, metadata: { ...current.metadata, resourceVersion: String(revision) } })
      return answer(response, 200, current)
    }
    const body = JSON.parse(text) as ConfigMap // Only our own workload talks to this server.
    return body.metadata.resourceVersion === current.metadata.resourceVersion
      ? write(response, name, body)
      : refuse(response, 409, 'Conflict')
  }

  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // A TCP server's address is an AddressInfo.
    get faults() {
      return faults
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
