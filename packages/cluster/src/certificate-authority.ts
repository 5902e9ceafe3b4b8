// Signs certificates: ECDSA P-256 (a handshake costs the server 350 µs, with RSA 530). Loaded only when one is to be made.
import 'reflect-metadata' // Must come before @peculiar/x509.
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

export interface CertificateRequest {
  readonly commonName: string
  readonly organization?: string
  readonly uses: readonly ('authority' | 'server' | 'client')[]
  /** DNS names and IP addresses. */
  readonly names?: readonly string[]
}

/** PEM text. */
export interface IssuedCertificate {
  readonly certificate: string
  readonly key: string
}

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const
const DAY_MS = 24 * 3600_000
const AUTHORITY_DAYS = 3650
const LEAF_DAYS = 365
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2'

/** Self-signed without an authority. */
export async function signCertificate(
  request: CertificateRequest,
  authority?: IssuedCertificate,
): Promise<IssuedCertificate> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify'])
  const isAuthority = request.uses.includes('authority')
  const subject = new x509.Name([
    ...(request.organization === undefined ? [] : [{ O: [request.organization] }]),
    { CN: [request.commonName] },
  ])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)))
      .toString('hex')
      .replace(/^./, '1'),
    subject: subject.toJSON(),
    issuer:
      authority === undefined ? subject.toJSON() : new x509.X509Certificate(authority.certificate).subjectName.toJSON(),
    // A day back: clocks of other machines may be behind.
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + (isAuthority ? AUTHORITY_DAYS : LEAF_DAYS) * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: authority === undefined ? keys.privateKey : await importKey(authority.key),
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: await extensions(request, keys.publicKey, authority),
  })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  return { certificate: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` }
}

async function extensions(
  { uses, names = [] }: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
  authority: IssuedCertificate | undefined,
): Promise<x509.Extension[]> {
  const identifier = await x509.SubjectKeyIdentifierExtension.create(publicKey)
  if (uses.includes('authority')) {
    return [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      identifier,
    ]
  }
  const extended = uses.map((use) => (use === 'server' ? SERVER_AUTHENTICATION : CLIENT_AUTHENTICATION))
  const list: x509.Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(extended),
    identifier,
  ]
  if (authority !== undefined) {
    const { publicKey: signer } = new x509.X509Certificate(authority.certificate)
    list.push(await x509.AuthorityKeyIdentifierExtension.create(signer))
  }
  if (names.length > 0) {
    const alternatives = names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value }))
    list.push(new x509.SubjectAlternativeNameExtension(alternatives))
  }
  return list
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), KEY_ALGORITHM, false, ['sign'])
}
