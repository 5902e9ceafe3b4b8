// The certificates by which a webhook is trusted.
import { X509Certificate } from 'node:crypto'
import { pemBlocks } from './pem.ts'

/** `base64`: of PEM. One certificate that can be read is enough; none at all is fine, too. */
export function caBundleProblem(base64: string): string | undefined {
  if (base64 === '') return undefined
  const blocks = pemBlocks(Buffer.from(base64, 'base64').toString('latin1'))
  const certificates = blocks.filter(({ type, hasHeaders }) => type === 'CERTIFICATE' && !hasHeaders)
  const problems = certificates.map(({ bytes }) => certificateProblem(bytes))
  if (problems.includes(undefined)) return undefined
  const reason = blocks.length === 0 ? 'unable to parse bytes as PEM block' : 'no valid certificate authority data seen'
  return `unable to load root certificates: ${problems[0] ?? reason}`
}

function certificateProblem(bytes: Buffer): string | undefined {
  try {
    // It throws on what is none.
    void new X509Certificate(bytes)
    return undefined
  } catch {
    // Go says more of where the reading stopped.
    return 'failed to parse certificate: x509: malformed certificate'
  }
}
