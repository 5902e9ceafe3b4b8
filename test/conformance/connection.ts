// Sends the requests of exchanges and collects the answers. Nothing is interpreted here but JSON.
import { readFileSync } from 'node:fs'
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { ExchangeRequest, ExchangeResponse } from './exchange.ts'

export interface ServerUnderTest {
  readonly server: string
  /** PEM. */
  readonly ca?: Buffer | string
  readonly cert?: Buffer | string
  readonly key?: Buffer | string
  /** Instead of the certificate. */
  readonly token?: string
  /** The server's --token-auth-file. */
  readonly tokensFile: string
}

const REQUEST_TIMEOUT_MS = 30_000
/** How long a watch stays open after its last expected event, to catch one too many. */
const SURPLUS_EVENTS_MS = 150
/** Only these headers are part of the contract; the others (dates, lengths, audit ids) are noise. */
const COMPARED_HEADERS = ['content-type', 'warning', 'location', 'allow', 'retry-after', 'www-authenticate']

export class Connection {
  readonly #url: URL
  readonly #transport: typeof http | typeof https
  readonly #adminAgent: http.Agent
  /** TLS client certificates belong to a connection, so users with tokens need another agent. */
  readonly #plainAgent: http.Agent
  readonly #tokens = new Map<string, string>()
  readonly #adminToken: string | undefined

  constructor({ server, ca, cert, key, token, tokensFile }: ServerUnderTest) {
    this.#url = new URL(server)
    const secure = this.#url.protocol === 'https:'
    this.#transport = secure ? https : http
    const newAgent = (credentials: object): http.Agent =>
      secure
        ? new https.Agent({ keepAlive: true, ca, rejectUnauthorized: ca !== undefined, ...credentials })
        : new http.Agent({ keepAlive: true })
    this.#adminAgent = newAgent({ cert, key })
    this.#plainAgent = newAgent({})
    this.#adminToken = token
    for (const line of readFileSync(tokensFile, 'utf8').split('\n')) {
      const [secret, user] = line.split(',')
      if (secret && user) this.#tokens.set(user, secret)
    }
  }

  async call(request: ExchangeRequest): Promise<ExchangeResponse> {
    const { response } = await this.#open(request)
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) text += chunk
    return { status: response.statusCode ?? 0, headers: comparedHeaders(response), body: parse(text) }
  }

  /** Opens a watch, runs `cause`, and collects what arrives until `wanted` events or the time is over. */
  async watch(
    request: ExchangeRequest,
    wanted: number,
    timeoutMs: number,
    cause: () => Promise<void>,
  ): Promise<ExchangeResponse> {
    const { handle, response } = await this.#open(request)
    const events: unknown[] = []
    let rest = ''
    let ended = false
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) events.push(parse(line))
    })
    response.on('error', () => {}) // Destroying the request below ends the stream with an error.
    handle.on('error', () => {})
    response.on('close', () => {
      ended = true
    })
    await cause()
    const deadline = Date.now() + timeoutMs
    while (!ended && events.length < wanted && Date.now() < deadline) await delay(10)
    if (!ended) await delay(SURPLUS_EVENTS_MS)
    handle.destroy()
    const status = response.statusCode ?? 0
    const headers = comparedHeaders(response)
    if (status !== 200) return { status, headers, body: rest === '' ? events[0] : parse(rest) }
    return { status, headers, events }
  }

  close(): void {
    this.#adminAgent.destroy()
    this.#plainAgent.destroy()
  }

  #credential(as: string | undefined): { agent: http.Agent; headers: Record<string, string> } {
    if (as === undefined) {
      return {
        agent: this.#adminAgent,
        headers: this.#adminToken === undefined ? {} : { authorization: `Bearer ${this.#adminToken}` },
      }
    }
    if (as === 'anonymous') return { agent: this.#plainAgent, headers: {} }
    const token = this.#tokens.get(as)
    if (token === undefined) throw new Error(`no credential named ${as}`)
    return { agent: this.#plainAgent, headers: { authorization: `Bearer ${token}` } }
  }

  #open({
    method,
    path,
    query,
    headers,
    body,
    as,
  }: ExchangeRequest): Promise<{ handle: ClientRequest; response: IncomingMessage }> {
    const credential = this.#credential(as)
    const isText = typeof body === 'string'
    const payload = body === undefined || isText ? body : JSON.stringify(body)
    const search = query ? `?${new URLSearchParams(query)}` : ''
    // A fixed User-Agent matters: its first word is the default field manager.
    const allHeaders: Record<string, string | number> = {
      'user-agent': 'replay/1',
      accept: 'application/json',
      ...credential.headers,
    }
    if (payload !== undefined) {
      allHeaders['content-type'] = isText ? 'application/yaml' : 'application/json'
      allHeaders['content-length'] = Buffer.byteLength(payload)
    }
    return new Promise((resolve, reject) => {
      const target = { hostname: this.#url.hostname, port: this.#url.port, path: path + search }
      const handle = this.#transport.request(
        { ...target, method, headers: { ...allHeaders, ...headers }, agent: credential.agent },
        (response) => resolve({ handle, response }),
      )
      handle.setTimeout(REQUEST_TIMEOUT_MS, () => handle.destroy(new Error('request timed out')))
      handle.on('error', reject)
      handle.end(payload)
    })
  }
}

/** Repeated headers (Warning) stay separate: arrays are ordered, a joined string is ambiguous. */
function comparedHeaders(response: IncomingMessage): Record<string, string | string[]> {
  const found: Record<string, string[]> = {}
  for (let i = 0; i < response.rawHeaders.length; i += 2) {
    const name = (response.rawHeaders[i] ?? '').toLowerCase()
    if (COMPARED_HEADERS.includes(name)) (found[name] ??= []).push(response.rawHeaders[i + 1] ?? '')
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}

/** JSON when it is JSON, the plain text otherwise (health checks, YAML). */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
