// A PKCS#10 certificate request (RFC 2986): whether it is one, and whether who signed it has the key that it names.
import { type KeyObject, type VerifyKeyObjectInput, constants, createPublicKey, verify } from 'node:crypto'
import { ATTRIBUTES, BIT_STRING, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, derChildren, firstElement } from './der.ts'
import { pemBlocks } from './pem.ts'

const TRUNCATED_SEQUENCE = 'asn1: syntax error: sequence truncated'
const MALFORMED = "asn1: structure error: tags don't match"

/** What is wrong with the PEM of a request. Undefined: nothing. */
export function certificateRequestProblem(pem: string): string | undefined {
  const [block] = pemBlocks(pem)
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  const [request, trailing] = firstElement(block.bytes)
  if (request === undefined) return block.bytes.length === 0 ? TRUNCATED_SEQUENCE : 'asn1: syntax error: data truncated'
  if (request.tag !== SEQUENCE) return MALFORMED
  if (trailing > 0) return 'asn1: syntax error: trailing data'
  if (request.content.length === 0) return TRUNCATED_SEQUENCE
  const [information, algorithm, signature] = derChildren(request, SEQUENCE, SEQUENCE, BIT_STRING) ?? []
  // Version, subject, public key, attributes.
  const parts = derChildren(information, INTEGER, SEQUENCE, SEQUENCE, ATTRIBUTES)
  const [identifier, parameters] = derChildren(algorithm, OBJECT_IDENTIFIER) ?? []
  const keyBytes = parts?.[2]?.whole
  if (information === undefined || identifier === undefined || signature === undefined || keyBytes === undefined)
    return MALFORMED
  const key = publicKey(keyBytes)
  const scheme = schemeOf(identifier.content.toString('hex'), parameters?.content)
  if (key === undefined || scheme === undefined) return 'x509: cannot verify signature: algorithm unimplemented'
  if (scheme.keyType !== key.asymmetricKeyType) return mismatch(scheme.keyType, key)
  // The first byte of a bit string counts the bits at its end that are not used: none of a signature's.
  if (signature.content[0] !== 0) return MALFORMED
  const isValid = verify(scheme.hash, information.whole, { key, ...scheme.options }, signature.content.subarray(1))
  return isValid ? undefined : REFUSALS[scheme.keyType]
}

type KeyType = 'rsa' | 'ec' | 'ed25519'

interface Scheme {
  readonly keyType: KeyType
  /** Undefined: the algorithm hashes by itself. */
  readonly hash: string | undefined
  readonly options?: Omit<VerifyKeyObjectInput, 'key'>
}

const REFUSALS: Readonly<Record<KeyType, string>> = {
  rsa: 'crypto/rsa: verification error',
  ec: 'x509: ECDSA verification failure',
  ed25519: 'x509: Ed25519 verification failure',
}
const GO_KEYS: Readonly<Record<KeyType, string>> = {
  rsa: '*rsa.PublicKey',
  ec: '*ecdsa.PublicKey',
  ed25519: 'ed25519.PublicKey',
}
const GO_NAMES: Readonly<Record<KeyType, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519' }

/** Object identifiers of signatures (RFC 3279, 4055, 5758, 8410), in hexadecimal. */
const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ['2a864886f70d010105', { keyType: 'rsa', hash: 'sha1' }],
  ['2a864886f70d01010b', { keyType: 'rsa', hash: 'sha256' }],
  ['2a864886f70d01010c', { keyType: 'rsa', hash: 'sha384' }],
  ['2a864886f70d01010d', { keyType: 'rsa', hash: 'sha512' }],
  ['2a8648ce3d0401', { keyType: 'ec', hash: 'sha1' }],
  ['2a8648ce3d040302', { keyType: 'ec', hash: 'sha256' }],
  ['2a8648ce3d040303', { keyType: 'ec', hash: 'sha384' }],
  ['2a8648ce3d040304', { keyType: 'ec', hash: 'sha512' }],
  ['2b6570', { keyType: 'ed25519', hash: undefined }],
])
const RSA_PSS = '2a864886f70d01010a'
/** The hash of PSS is told in its parameters, by the last byte of sha-2's identifiers. */
const SHA2 = Buffer.from('6086480165030402', 'hex')
const PSS_OPTIONS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const PSS_HASHES: readonly (string | undefined)[] = [undefined, 'sha256', 'sha384', 'sha512']

function schemeOf(identifier: string, parameters: Buffer | undefined): Scheme | undefined {
  if (identifier !== RSA_PSS) return SCHEMES.get(identifier)
  const at = parameters?.indexOf(SHA2) ?? -1
  const hash = at < 0 ? undefined : PSS_HASHES[parameters?.[at + SHA2.length] ?? 0]
  if (hash === undefined) return undefined
  return { keyType: 'rsa', hash, options: PSS_OPTIONS }
}

function publicKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return undefined // Of a kind that OpenSSL does not know, or broken.
  }
}

function mismatch(expected: KeyType, key: KeyObject): string {
  const found = GO_KEYS[key.asymmetricKeyType as KeyType] ?? 'unknown' // Another type has no name in the table.
  return `x509: signature algorithm specifies an ${GO_NAMES[expected]} public key, but have public key of type ${found}`
}
