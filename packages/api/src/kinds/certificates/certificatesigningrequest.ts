// CertificateSigningRequest: who asks for a certificate, and what became of it. What is asked never changes; approvers write
// conditions through the approval subresource, signers the certificate through status.
import type { FieldError, KubeObject } from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../../metadata/update-checks.ts'
import type { KindStrategy } from '../../resource.ts'
import type { Condition } from '../apps/workload-types.ts'
import { type CertificateRequestSpec, validateCertificateRequest } from '../../validation/certificate-request.ts'
import {
  type CertificateStatus,
  type StatusChange,
  validateCertificateStatus,
  validateCertificateStatusChange,
} from '../../validation/certificate-status.ts'
import { NONE, age, humanDuration } from '../row.ts'

interface CertificateSigningRequest extends KubeObject {
  spec?: CertificateRequestSpec
  status?: CertificateStatus
}

// The schema has checked the types of what all these functions get.
const asRequest = (object: KubeObject): CertificateSigningRequest => object as CertificateSigningRequest

export const certificateSigningRequestStrategy: KindStrategy = {
  /** The asker is who the server says, whatever the request claims. */
  prepareForCreate(object, { user }) {
    object['status'] = {}
    const spec = (asRequest(object).spec ??= {})
    const { uid: _uid, groups: _groups, extra: _extra, ...rest } = spec
    const extra = Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]]))
    asRequest(object).spec = {
      ...rest,
      username: user.name,
      ...(user.uid !== '' && { uid: user.uid }),
      ...(user.groups.length > 0 && { groups: [...user.groups] }),
      ...(Object.keys(extra).length > 0 && { extra }),
    }
  },
  prepareForUpdate(next, old) {
    next['spec'] = old['spec']
  },
  /** Decisions stay as they are, as long as there are as many. */
  prepareForStatusUpdate(next, old, { now }) {
    for (const decision of ['Approved', 'Denied']) keepConditions(next, old, decision)
    fillTimes(next, old, now)
  },
  approval: {
    prepareForUpdate(next, old, { now }) {
      fillTimes(next, old, now)
      const conditions = asRequest(next).status?.conditions
      next['spec'] = old['spec']
      const { conditions: _, ...status } = asRequest(old).status ?? {}
      next['status'] = conditions === undefined ? status : { ...status, conditions }
    },
    validateUpdate: (next, old) => validateChange(next, old, { mayDecide: true, maySetCertificate: false }),
  },
  validate: (object) => [
    ...validateCertificateRequest(asRequest(object).spec ?? {}),
    ...validateCertificateStatus(asRequest(object).status ?? {}),
  ],
  validateUpdate: (next, old) => validateChange(next, old, { mayDecide: false, maySetCertificate: false }),
  validateStatusUpdate: (next, old) => validateChange(next, old, { mayDecide: false, maySetCertificate: true }),
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

function validateChange(next: KubeObject, old: KubeObject, change: StatusChange): FieldError[] {
  const [{ spec = {}, status = {} }, before] = [asRequest(next), asRequest(old)]
  return [
    ...validateCertificateRequest(spec, before.spec ?? {}),
    ...validateCertificateStatus(status, before.status ?? {}),
    ...validateCertificateStatusChange(status, before.status ?? {}, change),
    METADATA_CHECKED.change,
  ]
}

function keepConditions(next: KubeObject, old: KubeObject, wanted: string): void {
  const kept = (asRequest(old).status?.conditions ?? []).filter(({ type }) => type === wanted)
  const conditions = asRequest(next).status?.conditions ?? []
  if (conditions.filter(({ type }) => type === wanted).length !== kept.length) return
  for (const [index, { type }] of conditions.entries()) {
    const condition = type === wanted ? kept.shift() : undefined
    if (condition !== undefined) conditions[index] = { ...condition }
  }
}

function fillTimes(next: KubeObject, old: KubeObject, now: Date): void {
  const time = `${now.toISOString().slice(0, 19)}Z`
  for (const condition of asRequest(next).status?.conditions ?? []) {
    condition.lastUpdateTime ??= time
    condition.lastTransitionTime ??= sinceWhen(condition, old) ?? time
  }
}

const sinceWhen = (condition: Condition, old: KubeObject): string | null | undefined =>
  asRequest(old).status?.conditions?.find(
    ({ type, status, lastTransitionTime }) =>
      type === condition.type && status === condition.status && lastTransitionTime,
  )?.lastTransitionTime

function conditionCell({ status = {} }: CertificateSigningRequest): string {
  const has = (kind: string): boolean => status.conditions?.some(({ type }) => type === kind) === true
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`
}
