// What becomes of a CertificateSigningRequest: the conditions that approve or deny it, and the certificate. Which of them a
// write may change depends on the subresource it comes through.
import { X509Certificate } from 'node:crypto'
import {
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  goQuote,
  rootPath,
} from '@keelson/apimachinery'
import type { Condition } from '../kinds/apps/workload-types.ts'
import { semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { pemBlocks } from './pem.ts'
import { unifiedDifference } from './unified-difference.ts'

export interface CertificateStatus {
  conditions?: Condition[]
  /** Base64. */
  certificate?: string
}

const conditionsPath = rootPath.child('status', 'conditions')
const certificatePath = rootPath.child('status', 'certificate')
const DECISIONS = ['Approved', 'Denied']
const FINAL = [...DECISIONS, 'Failed']
const STATUSES = ['False', 'True', 'Unknown']

/** `old`: as in validateCertificateRequest. */
export function validateCertificateStatus(status: CertificateStatus, old?: CertificateStatus): FieldError[] {
  const errors: FieldError[] = []
  checkConditions(errors, status.conditions ?? [], old?.conditions ?? [])
  const certificate = status.certificate ?? ''
  const isKept = old !== undefined && certificate === (old.certificate ?? '')
  if (!isKept && certificateProblem(old?.certificate ?? '') === undefined) {
    const problem = certificateProblem(certificate)
    if (problem !== undefined) errors.push(fieldInvalid(certificatePath, '<certificate data>', problem))
  }
  return errors
}

function checkConditions(errors: FieldError[], conditions: readonly Condition[], old: readonly Condition[]): void {
  const before = old.map(({ type = '' }) => type)
  const mayBeBoth = DECISIONS.every((type) => before.includes(type))
  const mayRepeat = new Set(before).size < before.length
  const mayBeNameless = before.includes('')
  const seen = new Set<string>()
  for (const [index, { type = '', status = '' }] of conditions.entries()) {
    const path = conditionsPath.index(index)
    if (type === '' && !mayBeNameless) errors.push(fieldRequired(path.child('type'), ''))
    const allowed = FINAL.includes(type) ? ['True'] : STATUSES
    if (status === '') errors.push(fieldRequired(path.child('status'), ''))
    else if (!allowed.includes(status)) errors.push(fieldNotSupported(path.child('status'), status, allowed))
    const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    if (!mayBeBoth && other !== undefined && seen.has(other)) {
      errors.push(fieldInvalid(conditionsPath, type, 'Approved and Denied conditions are mutually exclusive'))
    }
    if (!mayRepeat && seen.has(type)) errors.push(fieldDuplicate(path.child('type'), type))
    seen.add(type)
  }
}

/** What is wrong with the PEM of a certificate chain (base64). Undefined: nothing, or there is none. */
function certificateProblem(base64: string): string | undefined {
  if (base64 === '') return undefined
  const blocks = pemBlocks(Buffer.from(base64, 'base64').toString('latin1'))
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`
    if (hasHeaders) return 'no PEM block headers are permitted'
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    if (!isCertificate(bytes)) return 'x509: malformed certificate'
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.length > 0
  } catch {
    return false // How OpenSSL tells that it is none.
  }
}

export interface StatusChange {
  readonly mayDecide: boolean
  readonly maySetCertificate: boolean
}

/** Decisions and certificates are for life. */
export function validateCertificateStatusChange(
  next: CertificateStatus,
  old: CertificateStatus,
  { mayDecide, maySetCertificate }: StatusChange,
): FieldError[] {
  const errors: FieldError[] = []
  const of = (status: CertificateStatus, wanted: string): Condition[] =>
    (status.conditions ?? []).filter(({ type }) => type === wanted)
  const refuse = (detail: string): void => void errors.push(fieldForbidden(conditionsPath, detail))
  for (const type of FINAL) {
    if (of(next, type).length < of(old, type).length)
      refuse(`updates may not remove a condition of type ${goQuote(type)}`)
  }
  for (const type of mayDecide ? [] : DECISIONS) {
    const [after, before] = [of(next, type), of(old, type)]
    if (after.length > before.length) refuse(`updates may not add a condition of type ${goQuote(type)}`)
    else if (after.length === before.length && !semanticallyEqual(after, before)) {
      const form = (list: Condition[]): unknown =>
        internalForm('[]certificates.CertificateSigningRequestCondition', list)
      const difference = unifiedDifference(form(before), form(after))
      refuse(`updates may not modify a condition of type ${goQuote(type)}\n${difference}`)
    }
  }
  if ((next.certificate ?? '') !== (old.certificate ?? '')) {
    if (!maySetCertificate) errors.push(fieldForbidden(certificatePath, 'updates may not set certificate content'))
    else if (old.certificate)
      errors.push(fieldForbidden(certificatePath, 'updates may not modify existing certificate content'))
  }
  return errors
}
