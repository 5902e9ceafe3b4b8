// TLS material from files, read again when they change, and who a client certificate says its bearer is.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../context.ts'
import type { ServerLogger, TlsFiles } from '../server-options.ts'

/** How often the files are looked at. Upstream looks every minute and on a file event; a stat costs microseconds. */
const RELOAD_INTERVAL_MS = 5_000

export interface TlsMaterial {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca: Buffer | undefined
}

export async function readTlsMaterial({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<TlsMaterial> {
  const [cert, key, ca] = await Promise.all([
    readFile(certFile),
    readFile(keyFile),
    clientCaFile === undefined ? undefined : readFile(clientCaFile),
  ])
  return { cert, key, ca }
}

/** Calls `onChange` with new material whenever a file changed and all of it belongs together. Returns the stop. */
export function watchTlsFiles(
  files: TlsFiles,
  onChange: (material: TlsMaterial) => void,
  logger: ServerLogger,
): () => void {
  const paths = [files.certFile, files.keyFile, ...(files.clientCaFile === undefined ? [] : [files.clientCaFile])]
  let known: string | undefined
  const look = async (): Promise<void> => {
    try {
      const stamps = await Promise.all(paths.map(async (path) => stat(path)))
      const now = stamps.map(({ mtimeMs, size, ino }) => `${mtimeMs}/${size}/${ino}`).join(' ')
      if (known !== undefined && now !== known) {
        const material = await readTlsMaterial(files)
        // Half of a rotation (a new certificate with the old key) is not used: the next look sees the other half.
        if (new X509Certificate(material.cert).checkPrivateKey(createPrivateKey(material.key))) onChange(material)
        else return
      }
      known = now
    } catch (error) {
      logger.warn({ err: error }, 'TLS files could not be read again; the old ones stay in use')
    }
  }
  void look()
  const timer = setInterval(() => void look(), RELOAD_INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Undefined: the client presented none. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerCertificate()
  // Without a certificate Node gives an empty object, whatever the type says.
  if (certificate?.raw === undefined) return undefined
  const { CN: commonName, O: organization } = certificate.subject ?? {}
  return {
    verified: socket.authorized,
    commonName: firstOf(commonName),
    organizations: organization === undefined ? [] : [organization].flat(),
    fingerprint256: createHash('sha256').update(certificate.raw).digest('hex'),
  }
}

const firstOf = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? (value.at(-1) ?? '') : (value ?? '')
