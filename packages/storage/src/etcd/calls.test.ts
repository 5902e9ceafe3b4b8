// What a call makes of the answers of a member: a server of node:http2 that says what each test wants.
import assert from 'node:assert/strict'
import { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Connection } from './connection.ts'
import { ConnectionLost, EtcdError } from './faults.ts'
import { MAX_MESSAGE_BYTES } from './grpc-frames.ts'

type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

interface Stage extends AsyncDisposable {
  readonly connection: Connection
  readonly session: ServerHttp2Session
  readonly events: string[]
}

async function startStage(handler: Handler): Promise<Stage> {
  const server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    handler(stream, headers)
  })
  const began = Promise.withResolvers<ServerHttp2Session>()
  server.on('session', began.resolve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const events: string[] = []
  const connection = await new Promise<Connection>((resolve) => {
    const made: Connection = new Connection({
      endpoint: `http://127.0.0.1:${port}`,
      tls: undefined,
      connectTimeoutMs: 5_000,
      probeTimeoutMs: 5_000,
      onOpen: () => resolve(made),
      onDrain: () => events.push('drain'),
      onClose: (reason) => events.push(`close: ${reason.message}`),
    })
  })
  const session = await began.promise
  return {
    connection,
    session,
    events,
    async [Symbol.asyncDispose]() {
      connection.destroy()
      session.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const message = (body: Buffer): Buffer => {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(body.length, 1)
  return Buffer.concat([prefix, body])
}
const EMPTY = message(Buffer.alloc(0))

/** Answers with this body and these trailers. */
const answering =
  (body: Buffer, trailers: Record<string, string>): Handler =>
  (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    stream.end(body)
  }

const OK = { 'grpc-status': '0', 'grpc-message': '' }
const ask = (stage: Stage, timeoutMs = 5_000): Promise<Buffer> => stage.connection.unary('/s/m', EMPTY, timeoutMs)

const lost =
  (sent: boolean, text: RegExp) =>
  (error: unknown): boolean =>
    error instanceof ConnectionLost && error.sent === sent && text.test(error.message)
const refused =
  (code: number, text: string) =>
  (error: unknown): boolean =>
    error instanceof EtcdError && error.code === code && error.message === text

describe('an answer', () => {
  test('is the message, however large, whatever came before it', async () => {
    const sizes = [0, 1, 16_379, 16_380, 100_000, 20_000_000]
    let next = 0
    await using stage = await startStage((stream, headers) =>
      answering(message(Buffer.alloc(sizes[next++] ?? 0, 'x')), OK)(stream, headers),
    )
    for (const size of sizes) assert.equal((await ask(stage)).length, size)
  })

  test('of trailers alone is its status, with its text decoded', async () => {
    await using stage = await startStage((stream) => {
      stream.respond(
        { ':status': 200, 'grpc-status': '11', 'grpc-message': 'etcdserver: mvcc: 100%25 gone %C3%BC' },
        { endStream: true },
      )
    })
    await assert.rejects(ask(stage), refused(11, 'etcdserver: mvcc: 100% gone ü'))
  })

  test('with a status after its message is that status; a text that is not encoded is shown as it is', async () => {
    await using stage = await startStage(answering(EMPTY, { 'grpc-status': '14', 'grpc-message': '50% done' }))
    await assert.rejects(ask(stage), refused(14, '50% done'))
  })

  const answers: readonly (readonly [string, Handler, RegExp])[] = [
    ['that is none of gRPC', (stream) => stream.respond({ ':status': 503 }, { endStream: true }), /HTTP 503/],
    ['without its status', answering(EMPTY, {}), /broke off/],
    ['without a message', answering(Buffer.alloc(0), OK), /without a message/],
    ['with half a message', answering(message(Buffer.alloc(10)).subarray(0, 9), OK), /without a message/],
    ['with two messages', answering(Buffer.concat([EMPTY, EMPTY]), OK), /a second answer/],
    ['that is compressed', answering(Buffer.from([1, 0, 0, 0, 0]), OK), /compressed/],
    ['that is too large', answering(Buffer.from([0, 0x10, 0, 0, 1]), OK), new RegExp(`more than ${MAX_MESSAGE_BYTES}`)],
  ]
  for (const [name, handler, text] of answers)
    test(`${name} leaves us in doubt, and the connection stands`, async () => {
      let first = true
      await using stage = await startStage((stream, headers) => {
        if (first) handler(stream, headers)
        else answering(EMPTY, OK)(stream, headers)
        first = false
      })
      await assert.rejects(ask(stage), lost(true, text))
      assert.equal((await ask(stage)).length, 0)
    })

  test('that does not come in time is not waited for', async () => {
    const reset = Promise.withResolvers<number>()
    await using stage = await startStage((stream) => stream.on('close', () => reset.resolve(stream.rstCode)))
    await assert.rejects(ask(stage, 20), lost(true, /no answer within 20 ms/))
    assert.equal(await reset.promise, 8)
  })
})

test('messages both ways, as they come, cut anywhere', async () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
  await using stage = await startStage((stream) => {
    stream.respond({ ':status': 200 })
    stream.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += 7) stream.write(chunk.subarray(at, at + 7))
    })
  })
  await fc.assert(
    fc.asyncProperty(bodies, async (sent) => {
      const call = stage.connection.stream('/s/echo')
      for (const body of sent) call.send(message(Buffer.from(body)))
      const got: Uint8Array[] = []
      if (sent.length > 0)
        for await (const batch of call.messages()) {
          for (const each of batch) got.push(Uint8Array.from(each))
          if (got.length >= sent.length) break
        }
      call.cancel()
      assert.deepEqual(got, sent)
    }),
    { numRuns: 50 },
  )
})

describe('a call with messages', () => {
  test('ends when the member ends it, and throws when it is cut', async () => {
    await using stage = await startStage((stream, headers) => {
      if (headers[':path'] === '/s/end') return answering(EMPTY, { 'grpc-status': '14' })(stream, headers)
      stream.respond({ ':status': 200 })
      stream.write(EMPTY, () => stage.session.destroy())
    })
    const read = async (path: string): Promise<number> => {
      let count = 0
      for await (const batch of stage.connection.stream(path).messages()) count += batch.length
      return count
    }
    assert.equal(await read('/s/end'), 1)
    await assert.rejects(read('/s/cut'), ConnectionLost)
    assert.match(stage.events.at(-1) ?? '', /^close: /)
  })

  test('that nobody reads holds the member up at its window, and not its neighbours', async () => {
    let written = 0
    await using stage = await startStage((stream, headers) => {
      if (headers[':path'] !== '/s/flood') return answering(message(Buffer.alloc(100_000)), OK)(stream, headers)
      stream.respond({ ':status': 200 })
      const piece = message(Buffer.alloc(1_000_000))
      const more = (): void => {
        stream.write(piece, (error) => {
          if (error) return
          written++
          more()
        })
      }
      more()
    })
    const flood = stage.connection.stream('/s/flood')
    for (let calls = 0; calls < 200; calls++) assert.equal((await ask(stage)).length, 100_000)
    assert.ok(written < 12, `${written} MB written`)
    let got = 0
    for await (const batch of flood.messages()) if ((got += batch.length) > 30) break
    flood.cancel()
  })
})

test('GOAWAY: the pool is told at once, what was begun ends, and new calls are surely not sent', async () => {
  const held: ServerHttp2Stream[] = []
  await using stage = await startStage((stream) => held.push(stream))
  const begun = ask(stage)
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
  stage.session.goaway()
  while (stage.events.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(stage.events, ['drain'])
  await assert.rejects(ask(stage), lost(false, /is draining/))
  const [stream] = held
  assert.ok(stream !== undefined)
  answering(EMPTY, OK)(stream, {})
  assert.equal((await begun).length, 0)
})
