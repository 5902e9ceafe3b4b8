// A certificate authority for tests, in memory, and files of what it signs.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { TlsFiles } from '../server-options.ts'

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const

export interface Identity {
  readonly cert: string
  readonly key: string
}

export class TestAuthority {
  readonly caCertificate: string
  readonly #keys: webcrypto.CryptoKeyPair
  readonly #issuer: string

  private constructor(keys: webcrypto.CryptoKeyPair, issuer: string, caCertificate: string) {
    this.#keys = keys
    this.#issuer = issuer
    this.caCertificate = caCertificate
  }

  static async make(name = 'test-ca'): Promise<TestAuthority> {
    cryptoProvider.set(webcrypto as Crypto) // Node's implementation of the type that the library knows from browsers.
    const keys = await generateKeys()
    const issuer = `CN=${name}`
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: issuer,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      keys,
      signingAlgorithm: SIGNING,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    })
    return new TestAuthority(keys, issuer, certificate.toString('pem'))
  }

  /** `subject` such as `CN=admin,O=system:masters`. */
  async sign(subject: string, purpose: 'client' | 'server', lifetimeMs = 86_400_000): Promise<Identity> {
    const keys = await generateKeys()
    const usage = purpose === 'client' ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth
    const certificate = await X509CertificateGenerator.create({
      serialNumber: Math.floor(Math.random() * 1e12)
        .toString(16)
        .padStart(12, '0'),
      subject,
      issuer: this.#issuer,
      notBefore: new Date(Date.now() - 3_600_000),
      notAfter: new Date(Date.now() + lifetimeMs),
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: SIGNING,
      extensions: [
        new ExtendedKeyUsageExtension([usage]),
        await AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
        ...(purpose === 'server' ? [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])] : []),
      ],
    })
    const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
    return { cert: certificate.toString('pem'), key }
  }

  /** Server certificate, key and client authority as files in `directory`. */
  async writeServerFiles(directory: string): Promise<TlsFiles> {
    const { cert, key } = await this.sign('CN=kube-apiserver', 'server')
    const files = {
      certFile: join(directory, 'tls.crt'),
      keyFile: join(directory, 'tls.key'),
      clientCaFile: join(directory, 'ca.crt'),
    }
    await Promise.all([
      writeFile(files.certFile, cert),
      writeFile(files.keyFile, key),
      writeFile(files.clientCaFile, this.caCertificate),
    ])
    return files
  }
}

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(KEYS, true, ['sign', 'verify'])
