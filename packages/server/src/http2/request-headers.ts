// From the fields of a header block to a request, as RFC 9113 §8.3 wants it.
import type { IncomingHttpHeaders } from 'node:http'
import { entryBytes, type HeaderField, MAX_HEADER_LIST_BYTES } from '@keelson/component/http2'

const MAX_HEADER_FIELDS = 1_000

/** Of these the first counts; the values of others are joined. */
const SINGLE = new Set([
  'authorization',
  'content-length',
  'content-type',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'user-agent',
])
/** They belong to a connection of HTTP/1.1 (§8.2.2). */
const CONNECTION_SPECIFIC = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])
const PSEUDO = new Set([':method', ':scheme', ':path', ':authority'])

export interface RequestHead {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Undefined: not told. */
  readonly contentLength: number | undefined
}

export class RequestHeaders {
  readonly #headers: Record<string, string> = {}
  #bytes = 0
  #fields = 0
  #regularBegan = false
  malformed = false
  /** Fields past the limits are not kept. */
  tooLarge = false

  add(field: HeaderField): void {
    this.#bytes += entryBytes(field)
    if (this.#bytes > MAX_HEADER_LIST_BYTES || ++this.#fields > MAX_HEADER_FIELDS) {
      this.tooLarge = true
      return
    }
    const { name, value } = field
    if (!field.valid) this.malformed = true
    else if (name.startsWith(':')) this.#addPseudo(name, value)
    else this.#addRegular(name, value)
  }

  get isEmptyOfPseudo(): boolean {
    for (const name of PSEUDO) if (this.#headers[name] !== undefined) return false
    return true
  }

  /** Undefined: malformed. */
  finish(): RequestHead | undefined {
    const headers = this.#headers
    const { ':method': method, ':path': path = '', ':scheme': scheme } = headers
    if (this.malformed || method === undefined) return undefined
    if (method === 'CONNECT' ? path !== '' || scheme !== undefined : path === '' || scheme === undefined)
      return undefined
    const told = headers['content-length']
    if (told !== undefined && !/^\d{1,15}$/.test(told)) return undefined
    return { method, path, headers, contentLength: told === undefined ? undefined : Number(told) }
  }

  #addPseudo(name: string, value: string): void {
    if (this.#regularBegan || !PSEUDO.has(name) || this.#headers[name] !== undefined) this.malformed = true
    else this.#headers[name] = value
  }

  #addRegular(name: string, value: string): void {
    this.#regularBegan = true
    if (CONNECTION_SPECIFIC.has(name) || (name === 'te' && value !== 'trailers')) {
      this.malformed = true
      return
    }
    // `__proto__` is a name like any other to HTTP, and not to an object.
    if (name === '__proto__') return
    const before = Object.hasOwn(this.#headers, name) ? this.#headers[name] : undefined
    if (before === undefined) this.#headers[name] = value
    else if (name === 'content-length' && before !== value) this.malformed = true
    else if (!SINGLE.has(name)) this.#headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
}
