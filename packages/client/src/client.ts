// The verbs over a transport. Answers are parsed JSON; a Status failure is thrown as StatusError, as everywhere in Keelson.
// resource-client.ts is the same by resource and name instead of by path.
import { setTimeout as delay } from 'node:timers/promises'
import { type KubeObject, type StatusDetails, StatusError, genericNotFound } from '@keelson/apimachinery'
import type { TokenBucket } from './rate-limiter.ts'
import { type Transport, type TransportResponse, ConnectionError } from './transport.ts'

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
}

export interface ListAnswer<Item extends KubeObject = KubeObject> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: Item[]
}

export type PatchType =
  | 'application/merge-patch+json'
  | 'application/json-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml'

export interface RequestOptions {
  readonly body?: unknown
  /** Of the body; JSON by default. */
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal | undefined
}

/** What a request for a collection was answered. An empty list of metadata has `items: null`, as Go prints it. */
export function listOf<Item extends KubeObject>(answer: KubeObject): ListAnswer<Item> {
  const list = answer as unknown as ListAnswer<Item> & { items: Item[] | null } // The resource's list.
  return list.items === null ? { ...list, items: [] } : list
}

export interface KubeClient {
  readonly transport: Transport
  request(method: string, path: string, options?: RequestOptions): Promise<KubeObject>
  get(path: string, signal?: AbortSignal): Promise<KubeObject>
  list(path: string, signal?: AbortSignal): Promise<ListAnswer>
  create(path: string, object: unknown, signal?: AbortSignal): Promise<KubeObject>
  update(path: string, object: unknown, signal?: AbortSignal): Promise<KubeObject>
  patch(path: string, patch: unknown, type?: PatchType, signal?: AbortSignal): Promise<KubeObject>
  delete(path: string, signal?: AbortSignal): Promise<KubeObject>
  /** Yields until the server ends the watch (return) or the connection is cut (ConnectionError). */
  watch(path: string, signal: AbortSignal, accept?: string): AsyncGenerator<WatchEvent[], void>
}

export interface ClientOptions {
  /** The first part (before `/`) is what managedFields call the author of a write. */
  readonly userAgent?: string
  /** Every request, watches included, takes a token first. */
  readonly limiter?: TokenBucket
  /**
   * As client-go: an answer 429 or 5xx with Retry-After is waited for and asked again, and so is a GET whose connection was cut;
   * up to 10 times. False by default: whoever counts writes must see each of them.
   */
  readonly retries?: boolean
  /** Called before every request; throws when the caller may not act any more (it leads no longer). */
  readonly guard?: () => void
  /** Told of every answer; code 0 for none. */
  readonly onAnswer?: (method: string, code: number) => void
}

/** An answer (or the lack of one) is awaited this long. */
const REQUEST_TIMEOUT_MS = 30_000
const MAX_RETRIES = 10
const RETRY_AFTER_CUT_MS = 1_000

export function createClient(transport: Transport, options: ClientOptions = {}): KubeClient {
  const request = async (method: string, path: string, asked: RequestOptions = {}): Promise<KubeObject> => {
    const { body, contentType = 'application/json', accept = 'application/json' } = asked
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const headers = { accept, ...(text !== undefined && { 'content-type': contentType }) }
    for (let left = options.retries === true ? MAX_RETRIES : 0; ; left--) {
      const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
      const signal = asked.signal === undefined ? timeout : AbortSignal.any([asked.signal, timeout])
      try {
        const response = await send(transport, options, { method, path, headers, body: text, signal })
        const answer = await textOf(response)
        const waitMs = left > 0 ? retryAfterMs(response) : undefined
        if (waitMs === undefined) return parsed(response, answer)
        await delay(waitMs, undefined, asked.signal && { signal: asked.signal })
      } catch (error) {
        const isCut = error instanceof ConnectionError && error.sent && method === 'GET' && !signal.aborted
        if (!isCut || left <= 0) throw error
        await delay(RETRY_AFTER_CUT_MS, undefined, asked.signal && { signal: asked.signal })
      }
    }
  }
  return {
    transport,
    request,
    get: (path, signal) => request('GET', path, { signal }),
    list: async (path, signal) => listOf(await request('GET', path, { signal })),
    create: (path, object, signal) => request('POST', path, { body: object, signal }),
    update: (path, object, signal) => request('PUT', path, { body: object, signal }),
    patch: (path, patch, contentType = 'application/merge-patch+json', signal) =>
      request('PATCH', path, { body: patch, contentType, signal }),
    delete: (path, signal) => request('DELETE', path, { signal }),
    watch: (path, signal, accept = 'application/json') => watchEvents(transport, options, path, signal, accept),
  }
}

interface PreparedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
}

async function send(
  transport: Transport,
  { limiter, userAgent, guard, onAnswer }: ClientOptions,
  { method, path, headers, body, signal }: PreparedRequest,
): Promise<TransportResponse> {
  await limiter?.take(signal)
  guard?.()
  try {
    const response = await transport.request({
      method,
      path,
      headers: { ...headers, ...(userAgent !== undefined && { 'user-agent': userAgent }) },
      ...(body !== undefined && { body }),
      signal,
    })
    onAnswer?.(method, response.status)
    return response
  } catch (error) {
    onAnswer?.(method, 0)
    throw error
  }
}

/** Undefined: the answer is final. A date is not what Kubernetes sends. */
function retryAfterMs({ status, headers }: TransportResponse): number | undefined {
  if (status !== 429 && status < 500) return undefined
  const seconds = headers['retry-after']
  return typeof seconds === 'string' && /^\d{1,4}$/.test(seconds) ? Number(seconds) * 1000 : undefined
}

async function textOf(response: TransportResponse): Promise<string> {
  let text = ''
  response.body.setEncoding('utf8')
  try {
    for await (const chunk of response.body) text += chunk
  } catch (error) {
    throw new ConnectionError(error as Error, true) // A stream's error is an Error.
  }
  return text
}

function parsed(response: TransportResponse, text: string): KubeObject {
  let body: KubeObject
  try {
    body = JSON.parse(text) as KubeObject // A Kubernetes API server answers with objects; anything else fails here or below.
  } catch (cause) {
    // What API servers say of a path that they do not know is plain text.
    if (response.status === 404) throw genericNotFound()
    throw new ConnectionError(
      new Error(`HTTP ${response.status} with a body that is not JSON (${text.length} bytes)`, { cause }),
      true,
    )
  }
  if (response.status >= 400) throw statusErrorOf(body, response.status)
  return body
}

/** Of a Status, in an answer or in an event. */
export function statusErrorOf(object: KubeObject, status = 500): StatusError {
  // A Status, or what something between us and the server wrote instead of one.
  const said = object as { code?: number; reason?: string; message?: string; details?: StatusDetails }
  const code = said.code ?? status
  return new StatusError(code, said.reason ?? 'Unknown', said.message ?? `HTTP ${status}`, said.details)
}

/** Events as they arrive: one array for each chunk of bytes. */
async function* watchEvents(
  transport: Transport,
  options: ClientOptions,
  path: string,
  signal: AbortSignal,
  accept: string,
): AsyncGenerator<WatchEvent[], void> {
  const response = await send(transport, options, { method: 'GET', path, headers: { accept }, signal })
  if (response.status >= 400) {
    parsed(response, await textOf(response))
    return
  }
  /** What came of a line that is not whole yet. */
  let begun: Buffer[] = []
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      // No encoding was set: chunks are Buffers.
      const last = chunk.lastIndexOf(10)
      begun.push(last < 0 ? chunk : chunk.subarray(0, last))
      if (last < 0) continue
      const lines = begun.length === 1 ? begun[0]! : Buffer.concat(begun)
      begun = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : []
      yield lines
        .toString('utf8')
        .split('\n')
        .map((line) => JSON.parse(line) as WatchEvent) // A line of a watch is a WatchEvent.
    }
  } catch (error) {
    if (signal.aborted) return
    throw new ConnectionError(error as Error, true) // A stream's error is an Error.
  }
}
