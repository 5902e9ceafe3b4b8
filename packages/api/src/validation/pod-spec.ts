// The spec of a pod, in a Pod or in a template. The order of the checks is the order of upstream's errors.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldNotSupported,
  fieldRequired,
  inclusiveRangeMessage,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
} from '@keelson/apimachinery'
import type { PodSpec } from '../kinds/core/pod-types.ts'
import { checkAffinity } from './affinity.ts'
import { checkAllContainers } from './container.ts'
import { checkName } from './field-checks.ts'
import { checkLabels } from './labels.ts'
import {
  checkDnsConfig,
  checkDnsPolicy,
  checkHostAliases,
  checkHostNames,
  checkHostNetworkPorts,
  checkHostnameOverride,
} from './pod-network.ts'
import { checkContainerResourceName, checkPodResourceName, checkResources } from './resources.ts'
import { checkOperatingSystem, checkPodSecurity } from './security-context.ts'
import { checkTolerations } from './tolerations.ts'
import { checkTopologySpread } from './topology-spread.ts'
import { type VolumeContext, checkVolumes } from './volumes.ts'
import { emptiedField } from '../schema/emptied.ts'
import { checkPodLevelResources } from './pod-level-resources.ts'
import { checkHostProcesses } from './windows-options.ts'

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never']
const MAX_INT32 = 2_147_483_647

export function checkPodSpec(errors: FieldError[], spec: PodSpec, path: FieldPath, context: VolumeContext): void {
  if (spec.terminationGracePeriodSeconds === undefined)
    errors.push(fieldRequired(path.child('terminationGracePeriodSeconds'), ''))
  const volumes = checkVolumes(errors, spec.volumes, path.child('volumes'), context)
  const claimNames = checkResourceClaims(errors, spec, path)
  checkAllContainers(errors, spec, volumes, claimNames, path)
  checkPodResources(errors, spec, claimNames, path)
  checkHostNetworkPorts(errors, spec, path, context.isPod)
  checkRestartPolicy(errors, spec, path)
  checkDnsPolicy(errors, spec, path)
  if (spec.nodeSelector !== undefined) checkLabels(errors, spec.nodeSelector, path.child('nodeSelector'))
  checkPodSecurity(errors, spec, path)
  if (spec.affinity !== undefined) checkAffinity(errors, spec.affinity, path.child('affinity'))
  checkDnsConfig(errors, spec, path)
  checkGates(errors, spec, path)
  if (spec.topologySpreadConstraints !== undefined) {
    checkTopologySpread(errors, spec.topologySpreadConstraints, path.child('topologySpreadConstraints'))
  }
  checkHostProcesses(errors, spec, path)
  checkHostUsers(errors, spec, path)
  checkHostnameOverride(errors, spec, path)
  checkReferences(errors, spec, path)
  if (spec.overhead !== undefined) {
    checkResources(errors, { limits: spec.overhead }, path.child('overhead'), checkContainerResourceName, [])
  }
  checkOperatingSystem(errors, spec, path)
  if (spec.schedulingGroup !== undefined) {
    const name = spec.schedulingGroup.podGroupName
    const at = path.child('schedulingGroup', 'podGroupName')
    if (name === undefined) errors.push(fieldInvalid(at, null, 'must specify one of: `podGroupName`'))
    else checkName(errors, at, name, isDNS1123Subdomain)
  }
  checkFileKeyVolumes(errors, spec, path)
}

function checkReferences(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const { serviceAccountName, nodeName, activeDeadlineSeconds, priorityClassName, runtimeClassName, preemptionPolicy } =
    spec
  if (serviceAccountName) checkName(errors, path.child('serviceAccountName'), serviceAccountName, isDNS1123Subdomain)
  if (nodeName) checkName(errors, path.child('nodeName'), nodeName, isDNS1123Subdomain)
  if (activeDeadlineSeconds !== undefined && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > MAX_INT32)) {
    errors.push(
      fieldInvalid(path.child('activeDeadlineSeconds'), activeDeadlineSeconds, inclusiveRangeMessage(1, MAX_INT32)),
    )
  }
  checkHostNames(errors, spec, path)
  if (spec.tolerations !== undefined) checkTolerations(errors, spec.tolerations, path.child('tolerations'))
  checkHostAliases(errors, spec, path)
  if (priorityClassName) checkName(errors, path.child('priorityClassName'), priorityClassName, isDNS1123Subdomain)
  if (runtimeClassName !== undefined)
    checkName(errors, path.child('runtimeClassName'), runtimeClassName, isDNS1123Subdomain)
  if (preemptionPolicy === '') errors.push(fieldRequired(path.child('preemptionPolicy'), ''))
  else if (preemptionPolicy !== undefined && !PREEMPTION_POLICIES.includes(preemptionPolicy)) {
    errors.push(fieldNotSupported(path.child('preemptionPolicy'), preemptionPolicy, PREEMPTION_POLICIES))
  }
}

function checkRestartPolicy(errors: FieldError[], { restartPolicy }: PodSpec, path: FieldPath): void {
  if (!restartPolicy) errors.push(fieldRequired(path.child('restartPolicy'), ''))
  else if (!RESTART_POLICIES.includes(restartPolicy)) {
    errors.push(fieldNotSupported(path.child('restartPolicy'), restartPolicy, RESTART_POLICIES))
  }
}

function checkGates(
  errors: FieldError[],
  { readinessGates = [], schedulingGates = [] }: PodSpec,
  path: FieldPath,
): void {
  for (const [index, { conditionType = '' }] of readinessGates.entries()) {
    checkName(errors, path.child('readinessGates').index(index).child('conditionType'), conditionType, isQualifiedName)
  }
  const seen = new Set<string>()
  for (const [index, { name = '' }] of schedulingGates.entries()) {
    const at = path.child('schedulingGates').index(index)
    checkName(errors, at, name, isQualifiedName)
    if (seen.has(name)) errors.push(fieldDuplicate(at, name))
    seen.add(name)
  }
}

/** The names that containers may refer to. */
function checkResourceClaims(errors: FieldError[], { resourceClaims }: PodSpec, path: FieldPath): string[] {
  if (resourceClaims === undefined) return []
  const names: string[] = []
  for (const [index, claim] of resourceClaims.entries()) {
    const { name = '', resourceClaimName, resourceClaimTemplateName } = claim
    const at = path.child('resourceClaims').index(index)
    if (name === '') errors.push(fieldRequired(at.child('name'), ''))
    else if (names.includes(name)) errors.push(fieldDuplicate(at.child('name'), name))
    else {
      checkName(errors, at.child('name'), name, isDNS1123Label)
      names.push(name)
    }
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const detail = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
      errors.push(fieldInvalid(at, shown, detail))
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      errors.push(fieldInvalid(at, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    }
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      if (claim[field] !== undefined) checkName(errors, at.child(field), claim[field], isDNS1123Subdomain)
    }
  }
  return names
}

function checkPodResources(errors: FieldError[], spec: PodSpec, claimNames: readonly string[], path: FieldPath): void {
  const { resources, os } = spec
  if (resources === undefined) return
  const at = path.child('resources')
  if (os?.name === 'windows') return void errors.push(fieldForbidden(at, 'may not be set for a windows pod'))
  if (resources.claims !== undefined || emptiedField(resources, 'claims') !== null)
    errors.push(fieldForbidden(at.child('claims'), 'claims may not be set for Resources at pod-level'))
  checkResources(errors, resources, at, checkPodResourceName, claimNames)
  checkPodLevelResources(errors, spec, at)
}

/** A pod in a user namespace of its own shares no other namespace with the host. */
function checkHostUsers(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  if (spec.hostUsers !== false) return
  const refuse = (at: FieldPath): void => void errors.push(fieldForbidden(at, 'when `hostUsers` is false'))
  if (spec.hostNetwork) refuse(path.child('hostNetwork'))
  // The capitals are upstream's.
  if (spec.hostPID) refuse(path.child('HostPID'))
  if (spec.hostIPC) refuse(path.child('HostIPC'))
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { volumeDevices = [] }] of (spec[list] ?? []).entries()) {
      if (volumeDevices.length > 0) refuse(path.child(list).index(index).child('volumeDevices'))
    }
  }
}

function checkFileKeyVolumes(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[list]?.forEach(({ env }, index) => {
      env?.forEach(({ valueFrom }, variable) => {
        if (valueFrom?.fileKeyRef === undefined) return
        const name = valueFrom.fileKeyRef.volumeName ?? ''
        const volume = (spec.volumes ?? []).findLast((item) => item.name === name)
        const at = path
          .child(list)
          .index(index)
          .child('env')
          .index(variable)
          .child('valueFrom', 'fileKeyRef', 'volumeName')
        if (volume === undefined) errors.push(fieldNotFound(at, name))
        else if (volume.emptyDir === undefined)
          errors.push(fieldInvalid(at, name, 'referenced volume must be of type emptyDir'))
      })
    })
  }
}
