// What careless, slow and hostile clients send: each gets a Status or a closed connection, soon, and nobody else notices.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { after, before, describe, test } from 'node:test'
import { type EtcdCluster, startEtcd } from '@keelson/storage/testing'
import type { TestAnswer, TestClient } from '../../packages/server/src/testing/test-client.ts'
import { CONFIG_MAPS, configMap, Replica } from './replica.ts'

const MB = 1024 * 1024
const MAX_BODY_BYTES = 3 * MB

let etcd: EtcdCluster
let replica: Replica
before(async () => {
  etcd = await startEtcd()
  replica = await Replica.start({ etcdServers: etcd.endpoints })
  await replica.ready()
})
after(async () => {
  await replica[Symbol.asyncDispose]()
  await etcd[Symbol.asyncDispose]()
})

const assertStatus = ({ status, body, text }: TestAnswer, code: number, message: RegExp): void => {
  assert.deepEqual([status, body?.kind, body?.code], [code, 'Status', code], text.slice(0, 300))
  assert.match(body.message, message)
}

const padded = (bytes: number): string => {
  const text = JSON.stringify(configMap('padded', { pad: '' }))
  return text.replace('"pad":""', `"pad":"${'x'.repeat(bytes - text.length)}"`)
}

for (const version of ['1.1', '2'] as const) {
  /** Over HTTP/2 a header field of more than 64 KB ends the connection: its decoder holds no more. */
  const long = version === '1.1' ? 100_000 : 60_000
  describe(`bad input over HTTP/${version}`, () => {
    let client: TestClient
    before(() => {
      client = replica.client(version)
    })
    const post = (body: string, headers: Record<string, string> = {}): Promise<TestAnswer> =>
      client.request(CONFIG_MAPS, { method: 'POST', body, headers })

    test('bodies that are no object of this resource', async () => {
      assertStatus(await post('{"kind":'), 400, /unable to parse|invalid|unexpected|couldn't/i)
      assertStatus(await post('a: [', { 'content-type': 'application/yaml' }), 400, /yaml/i)
      assertStatus(await post('{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}}'), 400, /Secret/)
      assertStatus(await post('{"kind":"ConfigMap","apiVersion":"v9","metadata":{"name":"a"}}'), 400, /v9/)
      assertStatus(await post('{"kind":"ConfigMap","apiVersion":"v1","metadata":[]}'), 400, /metadata|unmarshal/)
      assertStatus(await post('x', { 'content-type': 'text/plain' }), 415, /media type/)
      const bomb = `a: &a ["x","x","x","x","x","x","x","x","x"]\n${'bcdefghij'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
        .join('\n')}`
      assertStatus(await post(bomb, { 'content-type': 'application/yaml' }), 400, /./)
    })

    test('bodies of 3 MB and of one byte more', async () => {
      const most = await post(padded(MAX_BODY_BYTES))
      assert.ok(most.status >= 400 && most.body.kind === 'Status', most.text.slice(0, 200))
      assert.doesNotMatch(most.body.message, /limit is 3145728/)
      assertStatus(await post(padded(MAX_BODY_BYTES + 1)), 413, /limit is 3145728/)
      assert.equal((await client.request(`${CONFIG_MAPS}?resourceVersion=0`)).status, 200)
    })

    test('absurd selectors and queries', async () => {
      const many = Array(5_000).fill('a').join(',')
      const get = (query: Record<string, string>): Promise<TestAnswer> =>
        client.request(`${CONFIG_MAPS}?${new URLSearchParams(query).toString()}`)
      const begun = performance.now()
      assertStatus(await get({ labelSelector: many }), 400, /too many requirements: at most 4096/)
      assertStatus(await get({ labelSelector: `a in (${'b,'.repeat(long / 4)}` }), 400, /./)
      assertStatus(await get({ labelSelector: `${'(a+)+'.repeat(1_000)}$` }), 400, /./)
      assertStatus(await get({ labelSelector: 'x'.repeat(long) }), 400, /./)
      assertStatus(await get({ fieldSelector: `metadata.name${'='.repeat(long / 3)}` }), 400, /./)
      assertStatus(await get({ fieldSelector: 'spec.nope=1' }), 400, /is not a known field selector/)
      assertStatus(await get({ limit: 'many' }), 400, /./)
      assertStatus(await get({ resourceVersionMatch: 'Sometimes' }), 422, /./)
      assertStatus(await get({ continue: '!!!' }), 400, /continue/)
      assert.ok(performance.now() - begun < 5_000)
    })

    test('paths', async () => {
      const odd = [
        '/%2f',
        '/..',
        '/../secrets',
        '/%00',
        '/a%2fb',
        '//',
        '/%zz',
        '/%',
        '/a%2e%2e',
        `/${'a'.repeat(long)}`,
      ]
      for (const tail of odd) {
        const { status, text } = await client.request(`${CONFIG_MAPS}${tail}`)
        // Whatever it is taken for, it is neither a fault nor somebody else's object.
        assert.ok(status < 500, `${tail.slice(0, 20)}: ${status}`)
        assert.doesNotMatch(text, /"SecretList"/)
      }
      const wide = await client.request(`${CONFIG_MAPS}?labelSelector=${'a%3Db%2C'.repeat(4_000)}c%3Dd`)
      assert.equal(wide.status, 200)
    })
  })
}

describe('clients that are slow or stop in the middle', () => {
  const opened: TLSSocket[] = []
  after(() => {
    for (const socket of opened) socket.destroy()
  })
  const open = async (text: string): Promise<{ socket: TLSSocket; answer: () => string; closed: Promise<unknown> }> => {
    const { ca, cert, key } = replica.connection
    const socket = connect({ host: '127.0.0.1', port: replica.port, ca, cert, key, ALPNProtocols: ['http/1.1'] })
    opened.push(socket)
    socket.on('error', () => {
      // A connection that the server cuts: `closed` tells.
    })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await once(socket, 'secureConnect')
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      if (received.length < 10_000) received += chunk.toString('latin1')
    })
    socket.write(text)
    return { socket, answer: () => received, closed }
  }
  const head = (method: string, path: string, more = ''): string =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`
  const json = 'Content-Type: application/json\r\n'

  test('three hundred that never finish their headers, and as many their handshakes, keep nobody from being served', async () => {
    const sockets = await Promise.all(Array.from({ length: 300 }, () => open('GET /version HTTP/1.1\r\nX-Drip: ')))
    const silent = Array.from({ length: 300 }, () => connectTcp(replica.port, '127.0.0.1').on('error', () => {}))
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    const client = replica.client('1.1')
    for (let round = 0; round < 20; round++) {
      for (const { socket } of sockets) socket.write('x')
      const begunMs = performance.now()
      assert.equal((await client.request(`${CONFIG_MAPS}?limit=1`)).status, 200)
      // One that comes anew shakes hands beside them.
      assert.equal((await replica.client('2').request('/version')).status, 200)
      const tookMs = performance.now() - begunMs
      assert.ok(tookMs < 3_000, `${tookMs} ms`)
    }
    for (const socket of silent) socket.destroy()
    for (const { socket } of sockets) socket.destroy()
  })

  test('a body that does not come is waited for until the deadline', async () => {
    const { answer, closed } = await open(
      `${head('POST', `${CONFIG_MAPS}?timeout=1s`, `${json}Content-Length: 1000\r\n`)}{"kind"`,
    )
    await closed
    assert.match(answer(), /^HTTP\/1\.1 504 .*"reason":"Timeout"/s)
  })

  test('a client that leaves in the middle of its body has created nothing', async () => {
    const text = JSON.stringify(configMap('half-sent'))
    const { socket, closed } = await open(
      `${head('POST', CONFIG_MAPS, `${json}Content-Length: ${text.length}\r\n`)}${text.slice(0, -1)}`,
    )
    socket.destroy()
    await closed
    assert.equal((await replica.client('2').request(`${CONFIG_MAPS}/half-sent`)).status, 404)
  })

  test('headers over a megabyte', async () => {
    const { socket, answer, closed } = await open('GET /version HTTP/1.1\r\nHost: x\r\n')
    socket.write(`A: ${'x'.repeat(2 * MB)}\r\n\r\n`)
    await closed
    assert.match(answer(), /^(HTTP\/1\.1 431 |$)/)
  })

  test(
    'a hundred readers of a large list and as many watchers that never read cost little memory',
    { timeout: 60_000 },
    async () => {
      const client = replica.client('2')
      const create = (name: string): Promise<TestAnswer> =>
        client.request(CONFIG_MAPS, { method: 'POST', body: configMap(name, { pad: name.repeat(90_000) }) })
      for (let item = 0; item < 60; item++) assert.equal((await create(`large-${100 + item}`)).status, 201)
      const { rss } = replica
      for (let reader = 0; reader < 100; reader++) {
        const list = await open('')
        list.socket.pause()
        list.socket.write(head('GET', CONFIG_MAPS))
        const watch = await open('')
        watch.socket.pause()
        watch.socket.write(head('GET', `${CONFIG_MAPS}?watch=true`))
      }
      await create('large-last')
      let most = 0
      for (let round = 0; round < 20; round++) {
        assert.equal((await client.request(`${CONFIG_MAPS}/large-100`)).status, 200)
        most = Math.max(most, replica.rss - rss)
      }
      assert.ok(most < 400 * MB, `${most} bytes`)
      assert.ok(replica.running)
    },
  )
})
