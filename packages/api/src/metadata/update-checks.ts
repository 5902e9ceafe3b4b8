// How often upstream checks the metadata of an update: always generally, and again by kind, which most kinds do for what
// changes only. What is wrong in more than one check is told as often (in the causes; the message says it once).
import type { GroupKind } from '@keelson/apimachinery'

/** `change`: the change, labels, annotations and owners; `whole`: all rules of a new object. */
export type MetadataCheck = 'change' | 'whole'

const USUAL: readonly MetadataCheck[] = ['change']

const WHOLE = [
  '/LimitRange',
  'admissionregistration.k8s.io/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'discovery.k8s.io/EndpointSlice',
  'flowcontrol.apiserver.k8s.io/FlowSchema',
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/VolumeAttachment',
  'storage.k8s.io/VolumeAttachment/status',
]
const CHANGE_AND_WHOLE = [
  '/ConfigMap',
  '/Endpoints',
  '/Namespace',
  '/PersistentVolumeClaim',
  '/Pod',
  '/Secret',
  '/ServiceAccount',
  'apiregistration.k8s.io/APIService',
  'apps/ControllerRevision',
  'networking.k8s.io/Ingress',
  'networking.k8s.io/IngressClass',
  'node.k8s.io/RuntimeClass',
  'storage.k8s.io/VolumeAttributesClass',
]

const WHOLE_AND_CHANGE = [
  '/Node',
  'batch/Job',
  'certificates.k8s.io/CertificateSigningRequest',
  'certificates.k8s.io/CertificateSigningRequest/status',
  'networking.k8s.io/IPAddress',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'resource.k8s.io/DeviceClass',
  'resource.k8s.io/ResourceClaim',
  'resource.k8s.io/ResourceClaimTemplate',
  'storage.k8s.io/CSIStorageCapacity',
  'storage.k8s.io/StorageClass',
]

const BY_KIND: ReadonlyMap<string, readonly MetadataCheck[]> = new Map<string, readonly MetadataCheck[]>([
  ...WHOLE.map((kind) => [kind, ['whole']] as const),
  ...CHANGE_AND_WHOLE.map((kind) => [kind, ['change', 'whole']] as const),
  ...WHOLE_AND_CHANGE.map((kind) => [kind, ['whole', 'change']] as const),
  ['/Event', []],
  ['batch/CronJob/status', []],
  ['policy/PodDisruptionBudget', []],
  ['policy/PodDisruptionBudget/status', []],
  ['/PersistentVolume', ['whole', 'whole']],
])

/** `subresource`: `status` or nothing. */
export function metadataChecksOf({ group, kind }: GroupKind, subresource: 'status' | ''): readonly MetadataCheck[] {
  return BY_KIND.get(`${group}/${kind}${subresource && `/${subresource}`}`) ?? USUAL
}
