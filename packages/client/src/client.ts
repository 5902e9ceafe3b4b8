// The verbs over a transport. Answers are parsed JSON; a Status failure is thrown as StatusError, as everywhere in Keelson.
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { type Transport, type TransportResponse, ConnectionError } from './transport.ts'

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
}

export interface ListAnswer {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: KubeObject[]
}

export interface KubeClient {
  readonly transport: Transport
  get(path: string, signal?: AbortSignal): Promise<KubeObject>
  list(path: string, signal?: AbortSignal): Promise<ListAnswer>
  create(path: string, object: unknown, signal?: AbortSignal): Promise<KubeObject>
  update(path: string, object: unknown, signal?: AbortSignal): Promise<KubeObject>
  patch(path: string, patch: unknown, type?: PatchType, signal?: AbortSignal): Promise<KubeObject>
  delete(path: string, signal?: AbortSignal): Promise<KubeObject>
  /** Yields until the server ends the watch (return) or the connection is cut (ConnectionError). */
  watch(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent[], void>
}

export type PatchType =
  | 'application/merge-patch+json'
  | 'application/json-patch+json'
  | 'application/strategic-merge-patch+json'

/** An answer (or the lack of one) is awaited this long. */
const REQUEST_TIMEOUT_MS = 30_000

export function createClient(transport: Transport): KubeClient {
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
    signal?: AbortSignal,
  ): Promise<KubeObject> => {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const response = await transport.request({
      method,
      path,
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
    return parsed(response, await textOf(response))
  }
  return {
    transport,
    get: (path, signal) => call('GET', path, undefined, undefined, signal),
    list: async (path, signal) => (await call('GET', path, undefined, undefined, signal)) as unknown as ListAnswer, // A list has items.
    create: (path, object, signal) => call('POST', path, object, undefined, signal),
    update: (path, object, signal) => call('PUT', path, object, undefined, signal),
    patch: (path, patch, type = 'application/merge-patch+json', signal) => call('PATCH', path, patch, type, signal),
    delete: (path, signal) => call('DELETE', path, undefined, undefined, signal),
    watch: (path, signal) => watchEvents(transport, path, signal),
  }
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
    throw new ConnectionError(
      new Error(`HTTP ${response.status} with a body that is not JSON (${text.length} bytes)`, { cause }),
      true,
    )
  }
  if (response.status >= 400) {
    const { reason, message } = body as unknown as { reason?: string; message?: string } // A Status.
    throw new StatusError(response.status, reason ?? 'Unknown', message ?? `HTTP ${response.status}`)
  }
  return body
}

/** Events as they arrive: one array for each chunk of bytes. */
async function* watchEvents(
  transport: Transport,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent[], void> {
  const response = await transport.request({ method: 'GET', path, headers: { accept: 'application/json' }, signal })
  if (response.status >= 400) {
    parsed(response, await textOf(response))
    return
  }
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      // No encoding was set: chunks are Buffers.
      const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const last = bytes.lastIndexOf(10)
      if (last < 0) {
        rest = bytes
        continue
      }
      rest = bytes.subarray(last + 1)
      yield bytes
        .toString('utf8', 0, last)
        .split('\n')
        .map((line) => JSON.parse(line) as WatchEvent) // A line of a watch is a WatchEvent.
    }
  } catch (error) {
    if (signal.aborted) return
    throw new ConnectionError(error as Error, true) // A stream's error is an Error.
  }
}
