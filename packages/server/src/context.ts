// What a request is to the chain and to the handlers, whichever transport it came by (HTTP/1.1 or an HTTP/2 stream).
import type { IncomingHttpHeaders } from 'node:http'
import type { ResourceDefinition, SubresourceDefinition } from '@keelson/api'
import type { Authorizer } from '@keelson/auth'

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
  /** A Verb, `proxy`, or the lower-case method of a non-resource request. */
  readonly verb: string
  readonly apiPrefix: string
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  readonly parts: readonly string[]
}

/** Bytes queued on one connection, over all of its streams, and who waits for them to become fewer. */
export interface ConnectionBudget {
  readonly bufferedBytes: number
  /** Calls `listener` once, when half of the connection's budget is free again or the connection is gone. */
  onRelief(listener: () => void): void
}

/** Bytes going out after the headers. Backpressure is the writer's business: look at `bufferedBytes`, wait for `drained()`. */
export interface ResponseStream {
  /**
   * False when the socket (or the HTTP/2 window) is full; the chunk is queued all the same, and must not change until it
   * was `taken` (which a closed stream never says).
   */
  write(chunk: Buffer, taken?: () => void): boolean
  /** How chunks must be framed for writeFramed: `chunked` is HTTP/1.1's size line around each; `none`: as they are. */
  readonly framing: 'chunked' | 'none'
  /** The hot path of watches: a chunk that is framed already (one framing serves all watchers of a group). */
  writeFramed(chunk: Buffer): boolean
  /** Bytes queued in this process for this stream. */
  readonly bufferedBytes: number
  readonly connection: ConnectionBudget
  /** Resolves at the next drain or close. */
  drained(): Promise<void>
  end(chunk?: Buffer): void
  /** Cuts the stream: RST_STREAM or the connection. */
  destroy(): void
  readonly closed: boolean
  onClose(listener: () => void): void
  onDrain(listener: () => void): void
}

/** A client certificate that was presented. Only a `verified` one (signed by the client authority, in date) says who it is. */
export interface ClientCertificate {
  readonly verified: boolean
  readonly commonName: string
  readonly organizations: readonly string[]
  /** Hex, lower case, no colons. */
  readonly fingerprint256: string
}

export interface RequestContext {
  readonly method: string
  /** As sent, still percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly httpVersion: '1.1' | '2'
  readonly remoteAddress: string
  readonly clientCertificate: ClientCertificate | undefined
  /** Aborts when the client goes away or the request's deadline passes (the reason is then the StatusError to answer). */
  readonly signal: AbortSignal
  /** performance.now() when the headers were read. */
  readonly receivedAt: number
  /** Aborts `signal` with this reason, and with it a body that is still being read. */
  abort(reason: Error): void

  info: RequestInfo
  user: UserInfo | undefined
  /** Set by filters/authorization.ts, for those who have to ask again. */
  authorizer: Authorizer | undefined
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
  /** Headers now, bytes later. Only once, instead of respond. `length`: of the whole body, when it is known. */
  startStream(code: number, contentType: string, length?: number): ResponseStream
  readonly responded: boolean
  /** 0 until responded. */
  readonly responseCode: number
  /** Bytes of the body given to respond, or written to the stream so far. */
  readonly responseBytes: number
  /** The answer is out (or the client is gone). */
  readonly finished: boolean
  onFinish(listener: () => void): void
  /** Cuts a request that cannot be answered properly any more: RST_STREAM or the connection. */
  destroy(): void
}

export type Middleware = (context: RequestContext, next: () => Promise<void>) => Promise<void>
export type Handler = (context: RequestContext) => Promise<void>
