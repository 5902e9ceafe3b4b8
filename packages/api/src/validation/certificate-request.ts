// What a CertificateSigningRequest may ask for. What is in the request is for its signer to read.
import {
  type FieldError,
  fieldDuplicate,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  goQuote,
  isDNS1123Label,
  isDNS1123Subdomain,
  rootPath,
} from '@keelson/apimachinery'

const specPath = rootPath.child('spec')
const PEM = /^-----BEGIN CERTIFICATE REQUEST-----\r?\n[\s\S]*?\n-----END CERTIFICATE REQUEST-----/m
const LEAST_SECONDS = 600
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
  username?: string
  expirationSeconds?: number
}

export function validateCertificateRequest({
  request,
  signerName,
  usages,
  ...spec
}: CertificateRequestSpec): FieldError[] {
  const errors: FieldError[] = []
  const text = request ?? ''
  if (!PEM.test(Buffer.from(text, 'base64').toString('latin1')))
    errors.push(fieldInvalid(specPath.child('request'), text, 'PEM block type must be CERTIFICATE REQUEST'))
  const usagesPath = specPath.child('usages')
  const list = usages ?? []
  if (list.length === 0) errors.push(fieldRequired(usagesPath, ''))
  for (const [index, usage] of list.entries()) {
    if (!USAGES.includes(usage)) errors.push(fieldNotSupported(usagesPath.index(index), usage, USAGES))
    if (list.indexOf(usage) < index) errors.push(fieldDuplicate(usagesPath.index(index), usage))
  }
  checkSignerName(errors, signerName ?? '')
  const seconds = spec.expirationSeconds
  if (seconds !== undefined && seconds < LEAST_SECONDS) {
    const detail = `may not specify a duration less than ${LEAST_SECONDS} seconds (10 minutes)`
    errors.push(fieldInvalid(specPath.child('expirationSeconds'), seconds, detail))
  }
  return errors
}

function checkSignerName(errors: FieldError[], name: string): void {
  const path = specPath.child('signerName')
  if (name === '') return void errors.push(fieldRequired(path, ''))
  const [domain = '', signer = '', ...more] = name.split('/')
  if (domain === '' || signer === '' || more.length > 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'"
    return void errors.push(fieldInvalid(path, name, detail))
  }
  const labels = domain.split('.')
  if (labels.length < 2)
    errors.push(fieldInvalid(path, domain, 'should be a domain with at least two segments separated by dots'))
  for (const label of labels) checkPart(errors, domain, label, isDNS1123Label)
  checkPart(errors, signer, signer, isDNS1123Subdomain)
}

function checkPart(errors: FieldError[], value: string, part: string, rule: (text: string) => string[]): void {
  for (const message of rule(part)) {
    errors.push(fieldInvalid(specPath.child('signerName'), value, `validating label ${goQuote(part)}: ${message}`))
  }
}
