// How often upstream checks the metadata of an update: always generally, and again by kind, which most kinds do for what
// changes only. What is wrong in more than one check is told as often (in the causes; the message says it once).
import { type FieldError, type GroupKind, append, fieldInvalid } from '@keelson/apimachinery'

/** `change`: the change, labels, annotations and owners; `whole`: all rules of a new object. */
export type MetadataCheck = 'change' | 'whole'

/** Stand among the errors of a kind's rules for updates where upstream checks the metadata: the server puts in what it finds. */
export const METADATA_CHECKED: Readonly<Record<MetadataCheck, FieldError>> = {
  change: fieldInvalid('metadata', null, 'the change of it is checked here'),
  whole: fieldInvalid('metadata', null, 'all of it is checked here'),
}

/** `errors` of a kind's rules, with what `find` finds in place of the marks above. */
export function withMetadataErrors(
  errors: readonly FieldError[],
  find: (check: MetadataCheck) => readonly FieldError[],
): readonly FieldError[] {
  const { change, whole } = METADATA_CHECKED
  if (!errors.includes(change) && !errors.includes(whole)) return errors
  const all: FieldError[] = []
  for (const error of errors) {
    if (error === change) append(all, find('change'))
    else if (error === whole) append(all, find('whole'))
    else all.push(error)
  }
  return all
}

const USUAL: readonly MetadataCheck[] = ['change']

const WHOLE = [
  'node.k8s.io/RuntimeClass',
  'storage.k8s.io/CSIStorageCapacity',
  'storage.k8s.io/StorageClass',
  'batch/Job',
  'certificates.k8s.io/CertificateSigningRequest',
  'certificates.k8s.io/CertificateSigningRequest/status',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'resource.k8s.io/ResourceClaimTemplate',
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
  '/Endpoints',
  '/Namespace',
  '/PersistentVolumeClaim',
  '/Pod',
  '/ServiceAccount',
  'apiregistration.k8s.io/APIService',
  'apps/ControllerRevision',
  'networking.k8s.io/Ingress',
]

const WHOLE_AND_CHANGE = [
  '/Node',
  'networking.k8s.io/IPAddress',
  'resource.k8s.io/DeviceClass',
  'resource.k8s.io/ResourceClaim',
]

const BY_KIND: ReadonlyMap<string, readonly MetadataCheck[]> = new Map<string, readonly MetadataCheck[]>([
  ...WHOLE.map((kind) => [kind, ['whole']] as const),
  ...CHANGE_AND_WHOLE.map((kind) => [kind, ['change', 'whole']] as const),
  ...WHOLE_AND_CHANGE.map((kind) => [kind, ['whole', 'change']] as const),
  ['/Event', []],
  ['events.k8s.io/Event', []],
  ['batch/CronJob/status', []],
  ['policy/PodDisruptionBudget', []],
  ['policy/PodDisruptionBudget/status', []],
  ['/PersistentVolume', ['whole', 'whole']],
])

/** Whether the rules of a kind look at the metadata of a new object: nearly all do. */
export const checksOwnMetadata = ({ group, kind }: GroupKind): boolean =>
  `${group}/${kind}` !== '/Event' && `${group}/${kind}` !== 'policy/PodDisruptionBudget'

/** Those that come before the kind's own rules. `subresource`: `status` or nothing. */
export function metadataChecksOf({ group, kind }: GroupKind, subresource: 'status' | ''): readonly MetadataCheck[] {
  return BY_KIND.get(`${group}/${kind}${subresource && `/${subresource}`}`) ?? USUAL
}
