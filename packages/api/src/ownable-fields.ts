// Which fields a write through a resource or subresource can own in managedFields: those that it does not reset. Upstream keeps
// this list beside its strategies (GetResetFields); the usual case needs no entry.
import type { FieldFilter, FieldSet } from '@keelson/apimachinery'
import type { ResourceDefinition } from './resource.ts'

const LEAF: FieldSet = {}

const SPEC: FieldFilter = { exclude: { 'f:spec': LEAF } }
const STATUS: FieldFilter = { exclude: { 'f:status': LEAF } }
const SPEC_AND_STATUS: FieldFilter = { exclude: { 'f:spec': LEAF, 'f:status': LEAF } }
const SPEC_AND_METADATA: FieldFilter = { exclude: { 'f:spec': LEAF, 'f:metadata': LEAF } }

/** `resource.group/subresource`; for the rest, status and everything else leave each other alone. */
const EXCEPTIONS: Readonly<Record<string, FieldFilter>> = {
  'deployments.apps/status': { exclude: { 'f:spec': LEAF, 'f:metadata': { 'f:labels': LEAF } } },
  'pods./status': {
    exclude: { 'f:spec': LEAF, 'f:metadata': { 'f:deletionTimestamp': LEAF, 'f:ownerReferences': LEAF } },
  },
  'pods./ephemeralcontainers': { include: { 'f:spec': { 'f:ephemeralContainers': null } } },
  'pods./resize': {
    include: {
      'f:spec': {
        'f:containers': { '*': { 'f:resources': null, 'f:resizePolicy': null } },
        'f:initContainers': { '*': { 'f:resources': null, 'f:resizePolicy': null } },
      },
    },
  },
  'namespaces./finalize': STATUS,
  'certificatesigningrequests.certificates.k8s.io/': SPEC_AND_STATUS,
  'certificatesigningrequests.certificates.k8s.io/status': {
    exclude: { 'f:spec': LEAF, 'f:status': { 'f:conditions': LEAF } },
  },
  'certificatesigningrequests.certificates.k8s.io/approval': {
    exclude: { 'f:spec': LEAF, 'f:status': { 'f:certificate': LEAF } },
  },
  'servicecidrs.networking.k8s.io/status': SPEC_AND_METADATA,
  'resourceclaims.resource.k8s.io/status': SPEC_AND_METADATA,
  'volumeattachments.storage.k8s.io/status': SPEC_AND_METADATA,
  'flowschemas.flowcontrol.apiserver.k8s.io/status': SPEC_AND_METADATA,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status': SPEC_AND_METADATA,
  'validatingadmissionpolicies.admissionregistration.k8s.io/status': SPEC_AND_METADATA,
  'apiservices.apiregistration.k8s.io/status': SPEC_AND_METADATA,
}

/** `subresource`: '' for the resource itself. Undefined: whatever it writes. */
export function ownableFields(definition: ResourceDefinition, subresource: string): FieldFilter | undefined {
  const exception = EXCEPTIONS[`${definition.resource}.${definition.group}/${subresource}`]
  if (exception !== undefined) return exception
  if (subresource === 'status') return SPEC
  const hasStatus = definition.subresources.some(({ name }) => name === 'status')
  return subresource === '' && hasStatus ? STATUS : undefined
}
