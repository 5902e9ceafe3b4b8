// The half of a RequestContext that does not depend on the transport: query, headers to send, body, abort, compression.
import type { IncomingHttpHeaders } from 'node:http'
import type { ResourceDefinition, SubresourceDefinition } from '@keelson/api'
import type { Authorizer } from '@keelson/auth'
import type { ClientCertificate, RequestContext, RequestInfo, ResponseStream, UserInfo } from '../context.ts'
import { type BodySink, readBody } from './body.ts'
import { acceptsGzip, GZIP_THRESHOLD_BYTES, gzipBytes } from './compression.ts'

export type OutgoingHeaders = Record<string, string | number | string[]>

/** What a context has before filters/request-info.ts has looked at it. */
const UNKNOWN_REQUEST: RequestInfo = {
  isResourceRequest: false,
  path: '',
  verb: '',
  apiPrefix: '',
  group: '',
  version: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  parts: [],
}

/** All warnings of one answer together; what is over this is dropped (clients limit their header size too). */
const MAX_WARNING_BYTES = 4096

export abstract class BaseContext implements RequestContext {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly receivedAt: number = performance.now()
  abstract readonly httpVersion: '1.1' | '2'
  abstract readonly remoteAddress: string
  abstract readonly clientCertificate: ClientCertificate | undefined

  info: RequestInfo = UNKNOWN_REQUEST
  user: UserInfo | undefined = undefined
  authorizer: Authorizer | undefined = undefined
  auditId = ''
  resource: ResourceDefinition | undefined = undefined
  subresource: SubresourceDefinition | undefined = undefined

  responseCode = 0
  responseBytes = 0
  finished = false
  protected readonly outgoing: OutgoingHeaders = {}
  #warnings: string[] | undefined = undefined
  #warningBytes = 0
  readonly #search: string
  #query: URLSearchParams | undefined = undefined
  #abortController: AbortController | undefined = undefined
  #abortReason: Error | undefined = undefined
  #finishListeners: (() => void)[] | undefined = undefined
  #rejectBody: ((reason: Error) => void) | undefined = undefined

  constructor(method: string, url: string, headers: IncomingHttpHeaders) {
    const question = url.indexOf('?')
    this.method = method
    this.path = question < 0 ? url : url.slice(0, question)
    this.#search = question < 0 ? '' : url.slice(question + 1)
    this.headers = headers
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#search))
  }

  get responded(): boolean {
    return this.responseCode !== 0
  }

  /** Made when first asked for: most requests are answered before anyone could abort them. */
  get signal(): AbortSignal {
    if (this.#abortController === undefined) {
      this.#abortController = new AbortController()
      if (this.#abortReason !== undefined) this.#abortController.abort(this.#abortReason)
    }
    return this.#abortController.signal
  }

  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return
    this.#abortReason = reason
    this.#abortController?.abort(reason)
    this.#rejectBody?.(reason)
  }

  addWarning(text: string): void {
    const header = `299 - "${text.replace(/[\\"]/g, '\\$&')}"`
    // A header is bytes: Node takes them as latin1, and UTF-8 is what clients expect.
    const value = Buffer.from(header.replace(/[\r\n\0]/g, ' ')).toString('latin1')
    this.#warnings ??= []
    if (this.#warnings.includes(value) || this.#warningBytes + value.length > MAX_WARNING_BYTES) return
    this.#warningBytes += value.length
    this.#warnings.push(value)
    this.outgoing['warning'] = this.#warnings
  }

  setHeader(name: string, value: string): void {
    this.outgoing[name.toLowerCase()] = value
  }

  readBody(): Promise<Buffer> {
    if (this.#abortReason !== undefined) return Promise.reject(this.#abortReason)
    const { promise, reject } = readBody((sink) => this.takeBody(sink), this.headers['content-length'])
    this.#rejectBody = reject
    return promise
  }

  respond(code: number, contentType: string, body: Buffer | string): void {
    if (this.responseCode !== 0) throw new Error(`answered twice: ${this.method} ${this.path}`)
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    this.responseCode = code
    this.responseBytes = bytes.length
    if (contentType !== '') this.outgoing['content-type'] = contentType
    if (bytes.length > GZIP_THRESHOLD_BYTES && this.method === 'GET' && acceptsGzip(this.headers)) {
      this.outgoing['content-encoding'] = 'gzip'
      this.outgoing['vary'] = 'Accept-Encoding'
      gzipBytes(bytes).then(
        (packed) => this.send(code, packed),
        () => this.destroy(),
      )
      return
    }
    this.send(code, bytes)
  }

  startStream(code: number, contentType: string, length?: number): ResponseStream {
    if (this.responseCode !== 0) throw new Error(`answered twice: ${this.method} ${this.path}`)
    this.responseCode = code
    this.outgoing['content-type'] = contentType
    if (length !== undefined) this.outgoing['content-length'] = length
    return this.open(code)
  }

  onFinish(listener: () => void): void {
    if (this.finished) listener()
    else (this.#finishListeners ??= []).push(listener)
  }

  /** The transport tells: the answer is out, or the client is gone (`aborted`). */
  protected finish(aborted: boolean): void {
    if (this.finished) return
    this.finished = true
    if (aborted) this.abort(new Error('the client went away'))
    const listeners = this.#finishListeners
    this.#finishListeners = undefined
    if (listeners !== undefined) for (const listener of listeners) listener()
  }

  abstract destroy(): void
  protected abstract takeBody(sink: BodySink): void
  protected abstract send(code: number, body: Buffer): void
  protected abstract open(code: number): ResponseStream
}
