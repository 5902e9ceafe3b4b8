import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2, constants } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { toStatusError, respondStatus } from '../representation/status.ts'
import type { RequestContext } from '../context.ts'
import type { ServerLogger, TlsFiles } from '../server-options.ts'
import { TestAuthority } from '../testing/certificates.ts'
import { TestClient } from '../testing/test-client.ts'
import { listen, type Transports } from './transports.ts'

const ignore = (): void => {}
const quiet: ServerLogger = { info: ignore, warn: ignore, error: ignore }

let directory: string
let authority: TestAuthority
let files: TlsFiles
let transports: Transports
const open = new Set<RequestContext>()
const clients: TestClient[] = []

/** Answers what it was asked by path; `/hold` is never answered. */
async function answer(context: RequestContext): Promise<void> {
  open.add(context)
  context.onFinish(() => open.delete(context))
  try {
    if (context.path === '/hold') {
      context.startStream(200, 'text/plain')
    } else if (context.path === '/echo') {
      context.respond(200, 'application/octet-stream', await context.readBody())
    } else if (context.path === '/big') {
      context.respond(200, 'text/plain', 'x'.repeat(1_000_000))
    } else {
      const { path, method, httpVersion, clientCertificate } = context
      context.addWarning('a "quoted" wörd')
      context.addWarning('a "quoted" wörd')
      context.respond(
        200,
        'application/json',
        JSON.stringify({ path, query: [...context.query], method, httpVersion, clientCertificate }),
      )
    }
  } catch (error) {
    if (!context.responded && !context.finished) respondStatus(context, toStatusError(error).status)
  }
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keelson-transports-'))
  authority = await TestAuthority.make()
  files = await authority.writeServerFiles(directory)
  transports = await listen({
    bindAddress: '127.0.0.1',
    port: 0,
    tls: files,
    logger: quiet,
    onRequest: (context) => void answer(context),
  })
})
after(async () => {
  for (const client of clients) client.close()
  await transports.close()
  await rm(directory, { recursive: true })
})

async function client(httpVersion: '1.1' | '2', subject?: string, from = authority): Promise<TestClient> {
  const identity = subject === undefined ? undefined : await from.sign(subject, 'client')
  const made = new TestClient(httpVersion, transports.port, authority.caCertificate, identity)
  clients.push(made)
  return made
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}

for (const httpVersion of ['1.1', '2'] as const) {
  test(`HTTP/${httpVersion}: path, query, method and certificate reach the context`, async () => {
    const admin = await client(httpVersion, 'CN=admin,O=a,O=b')
    const { body, headers } = await admin.request('/a%2Fb?x=1&y=%20', { method: 'PUT', body: '{}' })
    assert.deepEqual(
      [body.path, body.query, body.method, body.httpVersion],
      [
        '/a%2Fb',
        [
          ['x', '1'],
          ['y', ' '],
        ],
        'PUT',
        httpVersion,
      ],
    )
    assert.equal(body.clientCertificate.commonName, 'admin')
    assert.deepEqual(body.clientCertificate.organizations, ['a', 'b'])
    assert.equal(body.clientCertificate.verified, true)
    assert.equal(Buffer.from(String(headers['warning']), 'latin1').toString(), '299 - "a \\"quoted\\" wörd"')
  })

  test(`HTTP/${httpVersion}: no certificate is no identity; one of another authority is not verified`, async () => {
    assert.equal((await (await client(httpVersion)).request('/')).body.clientCertificate, undefined)
    const stranger = await client(httpVersion, 'CN=admin', await TestAuthority.make('another'))
    assert.equal((await stranger.request('/')).body.clientCertificate.verified, false)
  })

  test(`HTTP/${httpVersion}: bodies up to 3 MB are read, larger ones are 413`, async () => {
    const one = await client(httpVersion)
    const sent = Buffer.alloc(3 * 1024 * 1024, 'a')
    assert.equal((await one.request('/echo', { method: 'POST', body: sent })).text.length, sent.length)
    const refused = await one
      .request('/echo', { method: 'POST', body: Buffer.alloc(sent.length + 1) })
      .catch((error: NodeJS.ErrnoException) => error)
    // A client that is still sending may see the connection end before it reads the answer.
    if (!(refused instanceof Error)) assert.equal(refused.body.message, 'Request entity too large: limit is 3145728')
    assert.equal((await one.request('/')).status, 200)
  })

  test(`HTTP/${httpVersion}: a big answer is compressed for who takes gzip`, async () => {
    const one = await client(httpVersion)
    const { headers, text } = await one.request('/big', { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(headers['content-encoding'], 'gzip')
    assert.ok(text.length < 10_000)
    assert.equal((await one.request('/big')).text.length, 1_000_000)
  })

  test(`HTTP/${httpVersion}: the context learns that its client went away`, async () => {
    const one = await client(httpVersion)
    const { stream } = await one.open('/hold')
    const context = [...open].find(({ path }) => path === '/hold')
    assert.ok(context !== undefined)
    stream.destroy()
    one.close()
    await until(() => context.finished)
    assert.ok(context.signal.aborted)
  })
}

test('a storm of cancelled streams on one connection leaves it alive', async () => {
  const one = await client('2')
  for (let round = 0; round < 30; round++) {
    const streams = await Promise.all(Array.from({ length: 50 }, () => one.open('/hold')))
    for (const { stream } of streams) stream.destroy()
  }
  assert.equal((await one.request('/')).status, 200)
  await until(() => [...open].every(({ path }) => path !== '/hold'))
})

test('whoever resets streams without end is cut, and the server lives', async () => {
  const session = connectHttp2(`https://127.0.0.1:${transports.port}`, { ca: authority.caCertificate })
  session.on('error', ignore)
  const closed = new Promise((resolve) => session.on('close', resolve))
  const attack = (): void => {
    for (let count = 0; count < 90 && !session.closed && !session.destroyed; count++) {
      const stream = session.request({ ':path': '/hold' })
      stream.on('error', ignore)
      stream.close(constants.NGHTTP2_CANCEL)
    }
    if (!session.closed && !session.destroyed) setImmediate(attack)
  }
  attack()
  await closed
  assert.equal((await (await client('2')).request('/')).status, 200)
})

test('half a request and garbage cost a connection, not the server', async () => {
  for (const bytes of [
    'GET / HT',
    'NONSENSE\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    `GET /${'a'.repeat(2_000_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    const socket = connectTls({
      port: transports.port,
      host: '127.0.0.1',
      ca: authority.caCertificate,
      ALPNProtocols: ['http/1.1'],
    })
    socket.on('error', ignore)
    socket.end(bytes)
    await new Promise((resolve) => socket.on('close', resolve).resume())
  }
  assert.equal((await (await client('1.1')).request('/')).status, 200)
})

test('a rotated certificate is served without a restart', async () => {
  const next = await authority.sign('CN=rotated', 'server')
  // The key first: half of a rotation must not be used.
  await writeFile(files.keyFile, next.key)
  await writeFile(files.certFile, next.cert)
  const served = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTls({ port: transports.port, host: '127.0.0.1', ca: authority.caCertificate }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
      socket.on('error', reject)
    })
  while ((await served()) !== 'rotated') await new Promise((resolve) => setTimeout(resolve, 50))
})

test('a request that has arrived and was not read when the draining begins is answered', async () => {
  await using stack = new AsyncDisposableStack()
  const own = await listen({
    bindAddress: '127.0.0.1',
    port: 0,
    tls: files,
    logger: quiet,
    onRequest: (context) => void answer(context),
  })
  stack.defer(() => own.close())
  const { cert, key } = await authority.sign('CN=late', 'client')
  const socket = connectTls({ host: '127.0.0.1', port: own.port, ca: authority.caCertificate, cert, key })
  stack.defer(() => void socket.destroy())
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
  socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => received.includes('/first'))
  // Written within this turn of the loop, so it is in the kernel and no further.
  socket.write('GET /second HTTP/1.1\r\nHost: x\r\n\r\n')
  await own.drain()
  await until(() => received.includes('/second') || socket.closed)
  assert.match(received, /"path":"\/second"/)
})
