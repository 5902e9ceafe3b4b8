// What a request is to the chain and to the handlers, whichever transport it came by (HTTP/1.1 or an HTTP/2 stream).
import type { IncomingHttpHeaders } from 'node:http'
import type { ResourceDefinition, SubresourceDefinition, Verb } from '@keelson/api'

export interface UserInfo {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/**
 * What the URL says (filters/request-info.ts). Shapes:
 *   /api/{version}/…   /apis/{group}/{version}/…
 *   …/{resource}  …/{resource}/{name}  …/{resource}/{name}/{subresource}
 *   …/namespaces/{namespace}/{resource}[/{name}[/{subresource}]]
 * Everything else is a non-resource request: only `path` and `verb` (the lower-case method) mean something.
 */
export interface RequestInfo {
  readonly isResourceRequest: boolean
  readonly path: string
  readonly verb: Verb | 'proxy' | string
  readonly apiPrefix: string
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  readonly parts: readonly string[]
}

/** Bytes going out after the headers. Backpressure is the writer's business: look at `bufferedBytes`, wait for `drained()`. */
export interface ResponseStream {
  /** False when the socket (or the HTTP/2 window) is full; the chunk is queued all the same. */
  write(chunk: Buffer): boolean
  /** Bytes queued in this process for this stream. */
  readonly bufferedBytes: number
  /** Resolves at the next drain or close. */
  drained(): Promise<void>
  end(chunk?: Buffer): void
  /** Cuts the stream: RST_STREAM or the connection. */
  destroy(): void
  readonly closed: boolean
  onClose(listener: () => void): void
  onDrain(listener: () => void): void
}

export interface RequestContext {
  readonly method: string
  /** As sent, still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly httpVersion: '1.1' | '2'
  readonly remoteAddress: string
  /** The verified client certificate's subject, when there is one. */
  readonly clientCertificate: { readonly commonName: string; readonly organizations: readonly string[]; readonly fingerprint256: string } | undefined
  /** Aborts when the client goes away or the request's deadline passes. */
  readonly signal: AbortSignal
  readonly receivedAt: number

  info: RequestInfo
  user: UserInfo | undefined
  auditId: string
  /** The resource the request is for, once routed; undefined for non-resource requests. */
  resource: ResourceDefinition | undefined
  subresource: SubresourceDefinition | undefined

  /** Warning headers (RFC 9111 §5.5 text only; code and agent are added): each once, in order. */
  addWarning(text: string): void
  setHeader(name: string, value: string): void
  /** The whole body; StatusError 413 over the limit (3 MB by default). */
  readBody(): Promise<Buffer>
  /** One answer with a body of known length. Only once. */
  respond(code: number, contentType: string, body: Buffer | string): void
  /** Headers now, bytes later. Only once, instead of respond. */
  startStream(code: number, contentType: string): ResponseStream
  readonly responded: boolean
}

export type Middleware = (context: RequestContext, next: () => Promise<void>) => Promise<void>
export type Handler = (context: RequestContext) => Promise<void>
