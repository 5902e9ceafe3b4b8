// The certificates of a cluster: which ones there are, what each may do, and that they are made once and reused until they
// expire, their authority changes, or they lack a name.
//
//   pki/ca                 signs apiserver, controller-manager-serving (servers), admin, controller-manager, scheduler (clients)
//   pki/front-proxy-ca     signs front-proxy-client
//   pki/etcd/ca            signs etcd/server, etcd/peer (server and client) and apiserver-etcd-client
//   pki/sa                 the key pair of service account tokens (RSA: what clients expect)
import { X509Certificate, createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname, networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import type { IssuedCertificate, CertificateRequest } from './certificate-authority.ts'
import { makeFolder } from './folder.ts'

interface CertificatePlan extends CertificateRequest {
  /** File name below pki/, without its ending. */
  readonly file: string
  /** The authority that signs it; none for an authority itself. */
  readonly signedBy?: string
}

const RENEW_BEFORE_MS = 7 * 24 * 3600_000

export interface CertificateOptions {
  /** Only these files (authorities before what they sign); all by default. */
  readonly only?: readonly string[]
  /** More names that the servers, etcd's included, are reached by. */
  readonly extraNames?: readonly string[]
}

/** Makes what is missing or no longer good below `directory`. Returns the names of what was made: [] when all was reused. */
export async function ensureCertificates(
  directory: string,
  { only, extraNames = [] }: CertificateOptions = {},
): Promise<string[]> {
  const made: string[] = []
  for (const plan of certificatePlans(extraNames)) {
    if (only !== undefined && !only.includes(plan.file)) continue
    const authority = plan.signedBy === undefined ? undefined : readPair(directory, plan.signedBy)
    if (isGood(directory, plan, authority)) continue
    writePair(directory, plan.file, await issueCertificate(plan, authority))
    made.push(plan.file)
  }
  if ((only?.includes('sa') ?? true) && ensureServiceAccountKeys(directory)) made.push('sa')
  return made
}

/** Self-signed without an authority. The library is loaded only now: it would cost every start of `keelson dev` 100 ms. */
export async function issueCertificate(
  request: CertificateRequest,
  authority?: IssuedCertificate,
): Promise<IssuedCertificate> {
  const { signCertificate } = await import('./certificate-authority.ts')
  return signCertificate(request, authority)
}

function certificatePlans(extraNames: readonly string[]): CertificatePlan[] {
  const local = ['localhost', '127.0.0.1', '::1']
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']
  // 10.96.0.1 is the first address of the service range: what pods reach the API server by.
  const served = [...new Set([...service, '10.96.0.1', ...local, ...ownNames(), ...extraNames])]
  return [
    { file: 'ca', commonName: 'keelson-ca', uses: ['authority'] },
    { file: 'apiserver', signedBy: 'ca', commonName: 'kube-apiserver', uses: ['server'], names: served },
    { file: 'admin', signedBy: 'ca', commonName: 'admin', organization: 'system:masters', uses: ['client'] },
    { file: 'controller-manager', signedBy: 'ca', commonName: 'system:kube-controller-manager', uses: ['client'] },
    {
      file: 'controller-manager-serving',
      signedBy: 'ca',
      commonName: 'controller-manager',
      uses: ['server'],
      names: [...local, ...extraNames],
    },
    { file: 'scheduler', signedBy: 'ca', commonName: 'system:kube-scheduler', uses: ['client'] },
    { file: 'front-proxy-ca', commonName: 'keelson-front-proxy-ca', uses: ['authority'] },
    { file: 'front-proxy-client', signedBy: 'front-proxy-ca', commonName: 'front-proxy-client', uses: ['client'] },
    { file: 'etcd/ca', commonName: 'keelson-etcd-ca', uses: ['authority'] },
    // A member dials its own client port, so its serving certificate is a client's too.
    {
      file: 'etcd/server',
      signedBy: 'etcd/ca',
      commonName: 'etcd-server',
      uses: ['server', 'client'],
      names: [...local, ...extraNames],
    },
    {
      file: 'etcd/peer',
      signedBy: 'etcd/ca',
      commonName: 'etcd-peer',
      uses: ['server', 'client'],
      names: [...local, ...extraNames],
    },
    { file: 'apiserver-etcd-client', signedBy: 'etcd/ca', commonName: 'kube-apiserver-etcd-client', uses: ['client'] },
  ]
}

function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    // Link-local addresses carry a zone, which a certificate cannot.
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
    .map(({ address }) => address)
  const name = hostname().toLowerCase()
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) ? [name, ...addresses] : addresses
}

function isGood(directory: string, plan: CertificatePlan, authority: IssuedCertificate | undefined): boolean {
  const pair = tryReadPair(directory, plan.file)
  if (pair === undefined) return false
  try {
    const certificate = new X509Certificate(pair.certificate)
    return (
      Date.parse(certificate.validTo) - Date.now() > RENEW_BEFORE_MS &&
      certificate.checkPrivateKey(createPrivateKey(pair.key)) &&
      (authority === undefined || certificate.verify(new X509Certificate(authority.certificate).publicKey)) &&
      (plan.names ?? []).every((name) => (certificate.checkHost(name) ?? certificate.checkIP(name)) !== undefined)
    )
  } catch {
    return false // Not a certificate or not a key: it is made again.
  }
}

/** True when they were made. */
function ensureServiceAccountKeys(directory: string): boolean {
  try {
    createPrivateKey(readFileSync(join(directory, 'sa.key')))
    readFileSync(join(directory, 'sa.pub'))
    return false
  } catch {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFile(join(directory, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
    writeFile(join(directory, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644)
    return true
  }
}

function readPair(directory: string, file: string): IssuedCertificate {
  return {
    certificate: readFileSync(join(directory, `${file}.crt`), 'utf8'),
    key: readFileSync(join(directory, `${file}.key`), 'utf8'),
  }
}

function tryReadPair(directory: string, file: string): IssuedCertificate | undefined {
  try {
    return readPair(directory, file)
  } catch {
    return undefined // Missing or unreadable: it is made again, and a folder that cannot be written fails then.
  }
}

function writePair(directory: string, file: string, { certificate, key }: IssuedCertificate): void {
  writeFile(join(directory, `${file}.key`), key, 0o600)
  writeFile(join(directory, `${file}.crt`), certificate, 0o644)
}

function writeFile(file: string, text: string, mode: number): void {
  makeFolder(dirname(file), 0o700)
  writeFileSync(file, text, { mode })
}
