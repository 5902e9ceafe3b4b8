// The other end of a client's HTTP/2 connection: it says whatever a test wants, right or wrong, and collects what it hears.
import { type Duplex, duplexPair } from 'node:stream'
import {
  CLIENT_PREFACE,
  FRAME_HEADER_BYTES,
  Flag,
  FrameReader,
  FrameType,
  HpackDecoder,
  settingsFrame,
  writeFrameHeader,
} from '@keelson/component/http2'
import { Http2ClientConnection } from '../etcd/http2/client-connection.ts'
import type { ClientStream, ResponseSink, StreamEnd } from '../etcd/http2/client-stream.ts'
import type { ResponseHeaders } from '../etcd/http2/response-headers.ts'

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
}

/** `:status: 200`, and nothing else. */
export const OK: Buffer = Buffer.from([0x88])
/** `grpc-status: 0`, as a field that is not remembered. */
export const OK_TRAILERS: Buffer = Buffer.concat([
  Buffer.from([0, 11]),
  Buffer.from('grpc-status'),
  Buffer.from([1]),
  Buffer.from('0'),
])

export function frame(type: number, flags: number, id: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER_BYTES + payload.length)
  writeFrameHeader(bytes, 0, payload.length, type, flags, id)
  payload.copy(bytes, FRAME_HEADER_BYTES)
  return bytes
}

/** A whole answer to stream `id`. */
export function answer(id: number, body: Buffer): Buffer {
  return Buffer.concat([
    frame(FrameType.headers, Flag.endHeaders, id, OK),
    frame(FrameType.data, 0, id, body),
    frame(FrameType.headers, Flag.endHeaders | Flag.endStream, id, OK_TRAILERS),
  ])
}

/** A call that collects what it hears. */
export class RawCall implements ResponseSink {
  readonly heads: ResponseHeaders[] = []
  readonly ends: StreamEnd[] = []
  readonly chunks: Buffer[] = []
  stream: ClientStream | undefined = undefined
  /** What it reads is consumed at once. */
  reads = true

  headers(headers: ResponseHeaders): void {
    this.heads.push(headers)
  }

  data(chunk: Buffer): void {
    this.chunks.push(chunk)
    if (this.reads) this.stream?.consumed(chunk.length)
  }

  close(end: StreamEnd): void {
    this.ends.push(end)
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString()
  }

  /** `sent` of a lost call; undefined: it is not lost. */
  get lostSent(): boolean | undefined {
    const [end] = this.ends
    return end?.how === 'lost' ? end.sent : undefined
  }
}

export class RawMember {
  readonly client: Http2ClientConnection
  readonly frames: Frame[] = []
  /** The fields of each HEADERS, by stream. */
  readonly requests = new Map<number, string[]>()
  opened = 0
  leftWith: Error | undefined
  closedWith: Error | undefined
  /** How often the client wrote to its socket. */
  writes = 0
  readonly #socket: Duplex
  readonly #decoder = new HpackDecoder()

  constructor(firstId?: number) {
    const [ours, theirs] = duplexPair()
    this.#socket = ours
    const write = theirs.write.bind(theirs)
    // A spy with the signature of what it watches.
    theirs.write = ((...args: Parameters<typeof write>) => {
      this.writes++
      return write(...args)
    }) as typeof theirs.write
    const reader = new FrameReader((type, flags, id, payload) => this.#hear(type, flags, id, payload), CLIENT_PREFACE)
    ours.on('data', (chunk: Buffer) => reader.read(chunk))
    ours.on('end', () => ours.end())
    ours.on('error', () => {})
    const pseudo = [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':authority', 'etcd:2379'],
    ] as const
    this.client = new Http2ClientConnection(
      theirs,
      pseudo,
      [['te', 'trailers']],
      {
        onOpen: () => this.opened++,
        onLeave: (reason) => (this.leftWith = reason),
        onClose: (reason) => (this.closedWith = reason),
      },
      firstId,
    )
  }

  /** With SETTINGS said and heard. */
  static async greeted(settings: Parameters<typeof settingsFrame>[0] = [], firstId?: number): Promise<RawMember> {
    const member = new RawMember(firstId)
    member.send(settingsFrame(settings))
    await member.settled()
    return member
  }

  send(...bytes: Buffer[]): void {
    this.#socket.write(Buffer.concat(bytes))
  }

  /** One call with this whole request. */
  call(body: Buffer | string = 'x', path = '/s/m'): RawCall {
    const call = new RawCall()
    call.stream = this.client.request(path, call)
    call.stream?.write(Buffer.from(body))
    call.stream?.end()
    return call
  }

  /** Reads no more. */
  pause(): void {
    this.#socket.pause()
  }

  /** The connection breaks. */
  cut(): void {
    this.#socket.destroy()
    this.client.destroy(new Error('cut'))
  }

  of(type: number, id?: number): Frame[] {
    return this.frames.filter((each) => each.type === type && (id === undefined || each.id === id))
  }

  /** The body of a request, as far as it has come. */
  body(id: number): Buffer {
    return Buffer.concat(this.of(FrameType.data, id).map(({ payload }) => payload))
  }

  /** The code of the last RST_STREAM of a stream, or of the GOAWAY (`id` 0). */
  code(id: number): number | undefined {
    const [type, at] = id === 0 ? [FrameType.goaway, 4] : [FrameType.rstStream, 0]
    return this.of(type, id).at(-1)?.payload.readUInt32BE(at)
  }

  /** Everything sent so far is dealt with, and its answers are here. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  #hear(type: number, flags: number, id: number, payload: Buffer): void {
    // There is no kernel between the two: the buffer is the client's, who writes the next frames into it.
    this.frames.push({ type, flags, id, payload: Buffer.from(payload) })
    if (type !== FrameType.headers) return
    const fields: string[] = []
    this.#decoder.decode(payload, { add: ({ name, value }) => fields.push(`${name}: ${value}`) })
    this.requests.set(id, fields)
  }
}
