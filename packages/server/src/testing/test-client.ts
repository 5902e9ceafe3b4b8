// A client for tests, over either transport: requests with their whole answers, and watches event by event.
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { Agent, request } from 'node:https'
import type { Readable } from 'node:stream'
import type { Identity } from './certificates.ts'

export interface TestAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  /** The body as JSON; undefined when it is none. */
  readonly body: any // oxlint-disable-line typescript/no-explicit-any -- tests look into answers of every shape
}

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

export class TestClient {
  readonly httpVersion: '1.1' | '2'
  readonly port: number
  readonly tls: { readonly ca: string; readonly cert?: string; readonly key?: string }
  readonly #agent: Agent
  #session: ClientHttp2Session | undefined

  constructor(httpVersion: '1.1' | '2', port: number, ca: string, identity: Identity | undefined) {
    this.httpVersion = httpVersion
    this.port = port
    this.tls = { ca, ...identity }
    this.#agent = new Agent({ ...this.tls, keepAlive: true })
  }

  /** The HTTP/2 connection all requests of this client share; made anew when the server has closed it. */
  get session(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = connect(`https://127.0.0.1:${this.port}`, {
        ...this.tls,
        settings: { initialWindowSize: 1 << 20 },
      })
      this.#session.on('error', () => {})
    }
    return this.#session
  }

  async request(path: string, options: RequestOptions = {}): Promise<TestAnswer> {
    const { status, headers, stream } = await this.open(path, options)
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer) // No encoding is set: chunks are buffers.
    const bytes = Buffer.concat(chunks)
    const text = bytes.toString()
    return { status, headers, bytes, text, body: parse(text) }
  }

  /** Resolves with the headers. */
  open(
    path: string,
    { method = 'GET', headers = {}, body }: RequestOptions = {},
  ): Promise<{ status: number; headers: IncomingHttpHeaders; stream: Readable }> {
    const payload =
      body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    const all = payload === undefined ? headers : { 'content-type': 'application/json', ...headers }
    return this.httpVersion === '2' ? this.#open2(path, method, all, payload) : this.#open1(path, method, all, payload)
  }

  async watch(path: string, headers: Record<string, string> = {}): Promise<TestWatch> {
    const { status, stream } = await this.open(path, { headers })
    if (status !== 200) throw new Error(`watch: ${status}`)
    return new TestWatch(stream)
  }

  close(): void {
    this.#agent.destroy()
    this.#session?.destroy()
  }

  #open1(path: string, method: string, headers: Record<string, string>, payload: string | Buffer | undefined) {
    return new Promise<{ status: number; headers: IncomingHttpHeaders; stream: Readable }>((resolve, reject) => {
      const length = payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }
      const outgoing = request(
        { host: '127.0.0.1', port: this.port, path, method, headers: { ...length, ...headers }, agent: this.#agent },
        (incoming) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, stream: incoming }),
      )
      outgoing.on('error', reject)
      outgoing.end(payload)
    })
  }

  #open2(path: string, method: string, headers: Record<string, string>, payload: string | Buffer | undefined) {
    return new Promise<{ status: number; headers: IncomingHttpHeaders; stream: ClientHttp2Stream }>(
      (resolve, reject) => {
        const stream = this.session.request(
          { ...headers, ':path': path, ':method': method },
          { endStream: payload === undefined },
        )
        stream.on('response', (incoming) => resolve({ status: Number(incoming[':status']), headers: incoming, stream }))
        stream.on('error', reject)
        stream.on('close', () => reject(new Error('the stream was closed before an answer')))
        if (payload !== undefined) stream.end(payload)
      },
    )
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export class TestWatch {
  readonly stream: Readable
  /** Everything that came so far. */
  readonly events: any[] = [] // oxlint-disable-line typescript/no-explicit-any -- as above
  ended = false
  #rest = ''
  #wake: (() => void)[] = []

  constructor(stream: Readable) {
    this.stream = stream
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.events.push(JSON.parse(line))
      this.#notify()
    })
    const end = (): void => {
      this.ended = true
      this.#notify()
    }
    stream.on('end', end)
    stream.on('close', end)
    stream.on('error', end)
  }

  /** Resolves with all events when there are `count`, or the watch has ended. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  async until(count: number): Promise<any[]> {
    while (this.events.length < count && !this.ended) await new Promise<void>((resolve) => this.#wake.push(resolve))
    return this.events
  }

  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => this.#wake.push(resolve))
  }

  close(): void {
    this.stream.destroy()
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = []
    for (const each of wake) each()
  }
}
