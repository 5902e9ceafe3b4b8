// CertificateSigningRequest: who asks for a certificate, and what became of it.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import type { Condition } from '../apps/workload-types.ts'
import { type CertificateRequestSpec, validateCertificateRequest } from '../../validation/certificate-request.ts'
import { NONE, age, humanDuration } from '../row.ts'

interface CertificateSigningRequest extends KubeObject {
  spec?: CertificateRequestSpec
  status?: { conditions?: Condition[]; certificate?: string }
}

// The schema has checked the types of what all these functions get.
const asRequest = (object: KubeObject): CertificateSigningRequest => object as CertificateSigningRequest

export const certificateSigningRequestStrategy: KindStrategy = {
  /** The asker is who the server says, whatever the request claims. */
  prepareForCreate(object, { userName }) {
    object['status'] = {}
    const spec = (asRequest(object).spec ??= {})
    spec.username = userName
  },
  prepareForUpdate(next, old) {
    next['spec'] = old['spec']
  },
  validate: (object) => validateCertificateRequest(asRequest(object).spec ?? {}),
  hasStatus: true,
  selectable: ['spec.signerName'],
  selectableFields: (object) => ({ 'spec.signerName': asRequest(object).spec?.signerName ?? '' }),
  row(object, now) {
    const { metadata, spec = {} } = asRequest(object)
    const seconds = spec.expirationSeconds
    return [
      metadata.name ?? '',
      age(object, now),
      spec.signerName || NONE,
      spec.username ?? '',
      seconds === undefined ? NONE : humanDuration(seconds * 1000),
      conditionCell(asRequest(object)),
    ]
  },
}

function conditionCell({ status = {} }: CertificateSigningRequest): string {
  const has = (kind: string): boolean => status.conditions?.some(({ type }) => type === kind) === true
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`
}
