// Whether a TLS secret's certificate and key belong together: said as a warning, in upstream's words (crypto/tls.X509KeyPair).
import { X509Certificate, createPrivateKey } from 'node:crypto'

/** Values are base64. Undefined: the pair is good, or what is wrong has no known words. */
export function keyPairWarning(certificate: string | undefined, key: string | undefined): string | undefined {
  const certificateText = Buffer.from(certificate ?? '', 'base64').toString()
  const keyText = Buffer.from(key ?? '', 'base64').toString()
  if (!certificateText.includes('-----BEGIN ')) return 'tls: failed to find any PEM data in certificate input'
  if (!certificateText.includes('-----BEGIN CERTIFICATE-----')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  }
  if (!keyText.includes('-----BEGIN ')) return 'tls: failed to find any PEM data in key input'
  if (!keyText.includes('PRIVATE KEY-----')) {
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  }
  try {
    if (new X509Certificate(certificateText).checkPrivateKey(createPrivateKey(keyText))) return undefined
    return 'tls: private key does not match public key'
  } catch {
    // Node does not say what is wrong in Go's words; a PEM block that cannot be parsed gets the commonest of them.
    return 'tls: failed to parse private key'
  }
}
