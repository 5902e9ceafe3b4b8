// What a kubelet may say of a Pod.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  isDNS1123Subdomain,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from '../kinds/core/pod-types.ts'
import { checkImmutable, checkName } from './field-checks.ts'
import { checkAddress, isIPv6 } from './ip-address.ts'
import { checkPodAnnotationUpdates, checkPodAnnotations } from './pod-annotations.ts'

const statusPath = rootPath.child('status')
const annotationsPath = rootPath.child('metadata', 'annotations')
const SYSTEM_CONDITIONS = ['PodScheduled', 'Ready', 'Initialized']
const NOT_NEGATIVE_INTEGER = 'must be a non-negative integer'

export function validatePodStatusUpdate(next: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = []
  const status = next.status ?? {}
  const before = old.status ?? {}
  checkPodAnnotationUpdates(errors, next.metadata.annotations, old.metadata.annotations, annotationsPath)
  checkPodAnnotations(errors, next.metadata.annotations, next.spec, annotationsPath)
  checkConditions(errors, status)
  checkNominatedNode(errors, status, before, old.spec)
  if ((status.observedGeneration ?? 0) < 0) {
    errors.push(fieldInvalid(statusPath.child('observedGeneration'), status.observedGeneration, NOT_NEGATIVE_INTEGER))
  }
  checkImmutable(errors, status.qosClass ?? '', before.qosClass ?? '', statusPath.child('qosClass'))
  checkTransitions(errors, status, before, old.spec)
  checkClaimStatuses(errors, status, next.spec)
  checkAddresses(errors, 'podIPs', status, before)
  checkAddresses(errors, 'hostIPs', status, before)
  return errors
}

function checkConditions(errors: FieldError[], { conditions = [] }: PodStatus): void {
  for (const [index, { type = '', observedGeneration = 0 }] of conditions.entries()) {
    const at = statusPath.child('conditions').index(index)
    if (observedGeneration < 0)
      errors.push(fieldInvalid(at.child('observedGeneration'), observedGeneration, NOT_NEGATIVE_INTEGER))
    if (!SYSTEM_CONDITIONS.includes(type)) checkName(errors, at.child('Type'), type, isQualifiedName)
  }
}

function checkNominatedNode(errors: FieldError[], status: PodStatus, before: PodStatus, spec: PodSpec): void {
  const name = status.nominatedNodeName
  if (!name || name === before.nominatedNodeName) return
  checkName(errors, statusPath.child('nominatedNodeName'), name, isDNS1123Subdomain)
  if (spec.nodeName) {
    errors.push(
      fieldForbidden(statusPath.child('nominatedNodeName'), 'may not be set on pods that are already bound to a node'),
    )
  }
}

function checkClaimStatuses(errors: FieldError[], { resourceClaimStatuses = [] }: PodStatus, spec: PodSpec): void {
  const names = new Set<string>()
  for (const [index, { name = '', resourceClaimName }] of resourceClaimStatuses.entries()) {
    const at = statusPath.child('resourceClaimStatuses').index(index)
    if (!spec.resourceClaims?.some((claim) => claim.name === name))
      errors.push(fieldInvalid(at.child('name'), name, 'must match the name of an entry in `spec.resourceClaims`'))
    if (names.has(name)) errors.push(fieldDuplicate(at.child('name'), name))
    names.add(name)
    if (resourceClaimName !== undefined)
      checkName(errors, at.child('resourceClaimName'), resourceClaimName, isDNS1123Subdomain)
  }
}

/** A container that has ended for good stays ended. */
function checkTransitions(errors: FieldError[], status: PodStatus, before: PodStatus, spec: PodSpec): void {
  const { initContainers = [] } = spec
  const containers = spec.containers ?? []
  const canAllRestart = [...containers, ...initContainers].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  )
  if (!canAllRestart) {
    checkList(errors, status.containerStatuses, before.containerStatuses, 'containerStatuses', containers, spec)
    checkList(
      errors,
      status.initContainerStatuses,
      before.initContainerStatuses,
      'initContainerStatuses',
      initContainers,
      spec,
    )
  }
  checkList(
    errors,
    status.ephemeralContainerStatuses,
    before.ephemeralContainerStatuses,
    'ephemeralContainerStatuses',
    [],
    spec,
  )
}

function checkList(
  errors: FieldError[],
  statuses: readonly ContainerStatus[] = [],
  before: readonly ContainerStatus[] = [],
  field: string,
  containers: readonly Container[],
  spec: PodSpec,
): void {
  for (const [index, { name, state }] of before.entries()) {
    if (state?.terminated === undefined) continue
    const next = statuses.find((status) => status.name === name && status.state?.terminated === undefined)
    const container = containers.find((item) => item.name === name)
    if (next === undefined || (container !== undefined && mayRestart(container, spec, state.terminated.exitCode ?? 0)))
      continue
    const path = statusPath.child(field).index(index).child('state')
    errors.push(fieldForbidden(path, 'may not be transitioned to non-terminated state'))
  }
}

function mayRestart({ restartPolicy, restartPolicyRules = [] }: Container, spec: PodSpec, exitCode: number): boolean {
  for (const { action, exitCodes } of restartPolicyRules) {
    const isListed = (exitCodes?.values ?? []).includes(exitCode)
    if (action === 'Restart' && exitCodes !== undefined && isListed === (exitCodes.operator === 'In')) return true
  }
  const policy = restartPolicy ?? spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

function checkAddresses(errors: FieldError[], field: 'podIPs' | 'hostIPs', status: PodStatus, before: PodStatus): void {
  const list = status[field] ?? []
  if (list.length === 0) return
  const path: FieldPath = statusPath.child(field)
  const first = list[0]?.ip ?? ''
  if (field === 'hostIPs' && (status.hostIP ?? '') !== first) {
    errors.push(fieldInvalid(path.index(0).child('ip'), first, 'must be equal to `hostIP`'))
  }
  const known = (before[field] ?? []).map(({ ip = '' }) => ip)
  for (const [index, { ip = '' }] of list.entries()) checkAddress(errors, path.index(index), ip, known)
  const isPair = list.length === 2 && isIPv6(first) !== isIPv6(list[1]?.ip ?? '')
  if (list.length > 1 && !isPair)
    errors.push(fieldInvalid(path, list, 'may specify no more than one IP for each IP family'))
}
