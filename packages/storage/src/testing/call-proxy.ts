// A proxy that understands gRPC calls, to lose a chosen one: before it reached etcd, or after etcd has answered.
import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'

/**
 *  - `pass`: nothing happens;
 *  - `loseRequest`: etcd never sees it, the client's connection breaks;
 *  - `loseAnswer`: etcd has done it, the client's connection breaks before the answer;
 *  - `keepAnswer`: etcd has done it, the answer never comes, the connection stays.
 */
export type CallFate = 'pass' | 'loseRequest' | 'loseAnswer' | 'keepAnswer'

export interface CallProxy extends AsyncDisposable {
  readonly endpoint: string
  /** Asked for each call, with its method (`/etcdserverpb.KV/Txn`). What it awaits, happens before the call's fate. */
  decide: (method: string) => CallFate | Promise<CallFate>
}

/** In front of the etcd member at `target` (`http://127.0.0.1:2379`), on a free port. */
export async function startCallProxy(target: string): Promise<CallProxy> {
  const upstream = http2.connect(target)
  const sessions = new Set<ServerHttp2Session>()
  const server = http2.createServer()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  const proxy: CallProxy = {
    endpoint: '',
    decide: () => 'pass',
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy()
      upstream.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => stream.destroy())
    void forward(proxy, stream, headers)
  })

  async function forward(
    { decide }: CallProxy,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
  ): Promise<void> {
    const method = String(headers[':path'])
    const fate = await decide(method)
    if (fate === 'loseRequest') {
      stream.session?.destroy()
      return
    }
    const { hasleader } = headers
    const call = upstream.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(hasleader === undefined ? {} : { hasleader }),
    })
    call.on('error', () => stream.destroy())
    stream.on('close', () => call.destroy())
    stream.pipe(call)
    if (fate === 'pass') answer(stream, call)
    else {
      call.resume()
      call.on('end', () => {
        if (fate === 'loseAnswer') stream.session?.destroy()
      })
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  return Object.assign(proxy, { endpoint: `http://127.0.0.1:${port}` })
}

function answer(stream: ServerHttp2Stream, call: http2.ClientHttp2Stream): void {
  let trailers: IncomingHttpHeaders = {}
  call.on('trailers', (received) => {
    trailers = received
  })
  call.on('response', (headers) => {
    const { 'grpc-status': status, 'grpc-message': message } = headers
    if (stream.destroyed) return
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        ...(status === undefined ? {} : { 'grpc-status': status, 'grpc-message': message ?? '' }),
      },
      { waitForTrailers: status === undefined },
    )
  })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', ...trailers }))
  call.pipe(stream)
}
