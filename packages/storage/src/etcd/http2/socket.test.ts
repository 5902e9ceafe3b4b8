// TLS to a member: who it is, who we are, and that it speaks HTTP/2.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TlsOptions, createServer as createTlsServer } from 'node:tls'
import { after, before, describe, test } from 'node:test'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator, cryptoProvider } from '@peculiar/x509'
import { Connection } from '../connection.ts'
import type { TlsFiles } from './socket.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-tls-'))
})
after(() => rm(folder, { recursive: true, force: true }))

interface Identity {
  readonly cert: string
  readonly key: string
  readonly files: { readonly certFile: string; readonly keyFile: string }
}

/** Its own authority. */
async function identity(name: string): Promise<Identity> {
  cryptoProvider.set(webcrypto as Crypto) // Node's implementation of the type that the library knows from browsers.
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'ip', value: '127.0.0.1' },
        { type: 'dns', value: 'localhost' },
      ]),
    ],
  })
  const cert = certificate.toString('pem')
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  const files = { certFile: join(folder, `${name}.crt`), keyFile: join(folder, `${name}.key`) }
  await writeFile(files.certFile, cert)
  await writeFile(files.keyFile, key)
  return { cert, key, files }
}

/** How a connection to a server with these options comes out: `open`, or why it was closed. */
async function outcome(options: TlsOptions, tls: TlsFiles, host = '127.0.0.1', speaks = 'h2'): Promise<string> {
  const server =
    speaks === 'h2' ? createSecureServer(options) : createTlsServer({ ...options, ALPNProtocols: [speaks] })
  server.on('tlsClientError', () => {})
  server.on('sessionError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const ended = Promise.withResolvers<string>()
  const connection = new Connection({
    endpoint: `https://${host}:${port}`,
    tls,
    connectTimeoutMs: 5_000,
    probeTimeoutMs: 5_000,
    onOpen: () => ended.resolve('open'),
    onDrain: () => {},
    onClose: (reason) => ended.resolve(reason.message),
  })
  const result = await ended.promise
  connection.destroy()
  server.close()
  return result
}

describe('TLS', () => {
  test('a member is who its authority says, by address and by name', async () => {
    const member = await identity('member')
    const tls = { caFile: member.files.certFile }
    assert.equal(await outcome(member, tls), 'open')
    assert.equal(await outcome(member, tls, 'localhost'), 'open')
    const stranger = await identity('stranger')
    assert.match(await outcome(stranger, tls), /self.signed certificate/)
    assert.match(await outcome(member, {}), /self.signed certificate/)
  })

  test('we are who our certificate says', async () => {
    const [member, client, stranger] = [await identity('member'), await identity('client'), await identity('stranger')]
    const options = { ...member, ca: client.cert, requestCert: true, rejectUnauthorized: true }
    const caFile = member.files.certFile
    assert.equal(await outcome(options, { caFile, ...client.files }), 'open')
    assert.notEqual(await outcome(options, { caFile, ...stranger.files }), 'open')
    assert.notEqual(await outcome(options, { caFile }), 'open')
  })

  test('a server that does not speak HTTP/2 is none of ours', async () => {
    const member = await identity('member')
    const tls = { caFile: member.files.certFile }
    assert.notEqual(await outcome(member, tls, '127.0.0.1', 'http/1.1'), 'open')
  })

  test('a file that cannot be read is said at once', () => {
    const make = (): Connection =>
      new Connection({
        endpoint: 'https://127.0.0.1:1',
        tls: { caFile: join(folder, 'none') },
        connectTimeoutMs: 1,
        probeTimeoutMs: 1,
        onOpen: () => {},
        onDrain: () => {},
        onClose: () => {},
      })
    assert.throws(make, /ENOENT/)
  })
})
