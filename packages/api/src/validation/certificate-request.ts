// What a CertificateSigningRequest may ask for.
import {
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  goQuote,
  isDNS1123Label,
  isDNS1123Subdomain,
  rootPath,
} from '@keelson/apimachinery'
import { certificateRequestProblem } from './certificate-request-signature.ts'

const specPath = rootPath.child('spec')
const LEAST_SECONDS = 600
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'
const MAX_DOMAIN = 253
const MAX_SIGNER_NAME = 571
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]

export interface CertificateRequestSpec {
  /** Base64. */
  request?: string | null
  signerName?: string | null
  usages?: string[] | null
  expirationSeconds?: number
  username?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
}

/** `old`: what was let through before, by another version of Kubernetes, is let through again. */
export function validateCertificateRequest(spec: CertificateRequestSpec, old?: CertificateRequestSpec): FieldError[] {
  const errors: FieldError[] = []
  const request = spec.request || null
  const problem = certificateRequestProblem(Buffer.from(request ?? '', 'base64').toString('latin1'))
  if (problem !== undefined) errors.push(fieldInvalid(specPath.child('request'), request, problem))
  checkUsages(errors, spec.usages ?? [], old?.usages ?? [])
  const signerName = spec.signerName ?? ''
  if (signerName === LEGACY_SIGNER && old?.signerName !== LEGACY_SIGNER) {
    const detail = 'the legacy signerName is not allowed via this API version'
    errors.push(fieldInvalid(specPath.child('signerName'), signerName, detail))
  } else checkSignerName(errors, signerName)
  const seconds = spec.expirationSeconds
  if (seconds !== undefined && seconds < LEAST_SECONDS) {
    const detail = `may not specify a duration less than ${LEAST_SECONDS} seconds (10 minutes)`
    errors.push(fieldInvalid(specPath.child('expirationSeconds'), seconds, detail))
  }
  return errors
}

function checkUsages(errors: FieldError[], usages: readonly string[], before: readonly string[]): void {
  const path = specPath.child('usages')
  if (usages.length === 0) errors.push(fieldRequired(path, ''))
  if (before.every((usage) => USAGES.includes(usage))) {
    for (const [index, usage] of usages.entries())
      if (!USAGES.includes(usage)) errors.push(fieldNotSupported(path.index(index), usage, USAGES))
  }
  if (new Set(before).size < before.length) return
  for (const [index, usage] of usages.entries())
    if (usages.indexOf(usage) < index) errors.push(fieldDuplicate(path.index(index), usage))
}

function checkSignerName(errors: FieldError[], name: string): void {
  const path = specPath.child('signerName')
  if (name === '') return void errors.push(fieldRequired(path, ''))
  const [domain = '', signer, ...more] = name.split('/')
  if (signer === undefined || more.length > 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return void errors.push(fieldInvalid(path, name, detail))
  }
  if (domain.length > MAX_DOMAIN) errors.push(fieldTooLong(path, MAX_DOMAIN))
  const labels = domain.split('.')
  checkLabels(errors, domain, labels, isDNS1123Label)
  if (labels.length < 2)
    errors.push(fieldInvalid(path, domain, 'should be a domain with at least two segments separated by dots'))
  checkLabels(errors, signer, signer.split('.'), isDNS1123Subdomain)
  if (name.length > MAX_SIGNER_NAME) errors.push(fieldTooLong(path, MAX_SIGNER_NAME))
}

/** What the first label that is wrong has wrong with it. */
function checkLabels(
  errors: FieldError[],
  value: string,
  labels: readonly string[],
  rule: (text: string) => string[],
): void {
  const label = labels.find((text) => rule(text).length > 0)
  if (label === undefined) return
  for (const message of rule(label)) {
    errors.push(fieldInvalid(specPath.child('signerName'), value, `validating label ${goQuote(label)}: ${message}`))
  }
}
