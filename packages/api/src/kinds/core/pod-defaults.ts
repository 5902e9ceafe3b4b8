// What a Pod gets when its author left it out. `defaultPodSpec` is for pods and templates alike; `defaultPod` adds what only
// a real Pod gets, so that a template keeps meaning "not said".
import { aggregateResources } from '../../validation/pod-level-resources.ts'
import { isHugePages } from '../../validation/resources.ts'
import type { Container, Handler, Pod, PodSpec, PodTemplateSpec, Probe, ResourceList, Volume } from './pod-types.ts'
import { roundUpAmounts, roundUpRequirements } from './resource-amounts.ts'
import { dropUnsupportedFields } from './unsupported-fields.ts'
import { defaultVolumeClaimSpec } from './volume-claim-defaults.ts'

/** What is shared between containers when the pod has it, beside huge pages. */
const POD_LEVEL: readonly string[] = ['cpu', 'memory']
const DEFAULT_FILE_MODE = 0o644

export function defaultPod(pod: Pod): void {
  const spec = (pod.spec ??= {})
  defaultPodSpec(spec)
  for (const container of spec.containers ?? []) defaultRequests(container)
  for (const container of spec.initContainers ?? []) defaultRequests(container)
  defaultPodResources(spec)
  spec.enableServiceLinks ??= true
  if (spec.hostNetwork) {
    defaultHostPorts(spec.containers)
    defaultHostPorts(spec.initContainers)
  }
  if (pod.status !== undefined) alignAddresses(pod.status)
}

/** The first of the addresses is told twice; the single one wins, as older clients know no other. */
function alignAddresses(status: NonNullable<Pod['status']>): void {
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }]
  else if (status.podIPs?.[0]?.ip !== undefined) status.podIP = status.podIPs[0].ip
}

export function defaultPodTemplate(template: PodTemplateSpec): void {
  template.metadata ??= {}
  defaultPodSpec((template.spec ??= {}))
}

export function defaultPodSpec(spec: PodSpec): void {
  dropUnsupportedFields(spec)
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  mirrorServiceAccount(spec)
  roundUpRequirements(spec.resources)
  roundUpAmounts(spec.overhead)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
}

/** `serviceAccount` is the old name of `serviceAccountName`; each stands for the other. */
export function mirrorServiceAccount(spec: PodSpec): void {
  if (!spec.serviceAccountName && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName
}

export function defaultContainer(container: Container): void {
  container.resources ??= {}
  roundUpRequirements(container.resources)
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? '')
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ||= 'v1'
    if (valueFrom?.fileKeyRef !== undefined) valueFrom.fileKeyRef.optional ??= false
    if (valueFrom?.resourceFieldRef !== undefined) valueFrom.resourceFieldRef.divisor ??= '0'
  }
  if (container.livenessProbe !== undefined) defaultProbe(container.livenessProbe)
  if (container.readinessProbe !== undefined) defaultProbe(container.readinessProbe)
  if (container.startupProbe !== undefined) defaultProbe(container.startupProbe)
  if (container.lifecycle?.postStart !== undefined) defaultHandler(container.lifecycle.postStart)
  if (container.lifecycle?.preStop !== undefined) defaultHandler(container.lifecycle.preStop)
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  if (probe.grpc !== undefined) probe.grpc.service ??= ''
  defaultHandler(probe)
}

function defaultHandler({ httpGet }: Handler): void {
  if (httpGet === undefined) return
  httpGet.path ||= '/'
  httpGet.scheme ||= 'HTTP'
}

/** An image with the tag `latest`, or with neither tag nor digest, is pulled each time. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  if (!isImageReference(image)) return 'IfNotPresent'
  const digest = image.indexOf('@')
  const name = digest < 0 ? image : image.slice(0, digest)
  const colon = name.lastIndexOf(':')
  const tag = colon > name.lastIndexOf('/') ? name.slice(colon + 1) : ''
  return tag === 'latest' || (tag === '' && digest < 0) ? 'Always' : 'IfNotPresent'
}

// host[:port]/path[:tag][@digest]. What does not parse has no tag for upstream, so it is not `latest` either.
const imageReference = new RegExp(
  '^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?/)?' +
    '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*' +
    '(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$',
)

const isImageReference = (image: string): boolean => image.length <= 1024 && imageReference.test(image)

function defaultVolume(volume: Volume): void {
  if (!hasSource(volume)) volume.emptyDir = {}
  if (volume.hostPath !== undefined) volume.hostPath.type ??= ''
  if (volume.secret !== undefined) volume.secret.defaultMode ??= DEFAULT_FILE_MODE
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= DEFAULT_FILE_MODE
  if (volume.image !== undefined) volume.image.pullPolicy ||= pullPolicyOf(volume.image.reference ?? '')
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= DEFAULT_FILE_MODE
    defaultFiles(volume.downwardAPI.items)
  }
  if (volume.projected !== undefined) {
    volume.projected.defaultMode ??= DEFAULT_FILE_MODE
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= 3600
      defaultFiles(source.downwardAPI?.items)
    }
  }
  if (volume.ephemeral?.volumeClaimTemplate !== undefined) {
    volume.ephemeral.volumeClaimTemplate.metadata ??= {}
    defaultVolumeClaimSpec((volume.ephemeral.volumeClaimTemplate.spec ??= {}))
  }
  defaultRemoteVolume(volume)
}

/** Sources of storage systems that are seldom seen now. */
export function defaultRemoteVolume(volume: {
  iscsi?: { iscsiInterface?: string }
  rbd?: Record<string, unknown>
  azureDisk?: Record<string, unknown>
  scaleIO?: Record<string, unknown>
}): void {
  if (volume.iscsi !== undefined) volume.iscsi.iscsiInterface ||= 'default'
  if (volume.rbd !== undefined) {
    volume.rbd['pool'] ||= 'rbd'
    volume.rbd['user'] ||= 'admin'
    volume.rbd['keyring'] ||= '/etc/ceph/keyring'
  }
  if (volume.azureDisk !== undefined) {
    volume.azureDisk['cachingMode'] ??= 'ReadWrite'
    volume.azureDisk['fsType'] ??= 'ext4'
    volume.azureDisk['readOnly'] ??= false
    volume.azureDisk['kind'] ??= 'Shared'
  }
  if (volume.scaleIO !== undefined) {
    volume.scaleIO['storageMode'] ||= 'ThinProvisioned'
    volume.scaleIO['fsType'] ||= 'xfs'
  }
}

function hasSource(volume: Volume): boolean {
  for (const key in volume) if (key !== 'name' && volume[key] !== undefined) return true
  return false
}

function defaultFiles(
  files: { fieldRef?: { apiVersion?: string }; resourceFieldRef?: { divisor?: string } }[] | undefined,
): void {
  for (const { fieldRef, resourceFieldRef } of files ?? []) {
    if (fieldRef !== undefined) fieldRef.apiVersion ||= 'v1'
    if (resourceFieldRef !== undefined) resourceFieldRef.divisor ??= '0'
  }
}

/** What is limited and not requested is requested up to the limit. */
function defaultRequests({ resources }: Container): void {
  if (resources?.limits === undefined) return
  const requests: ResourceList = (resources.requests ??= {})
  for (const name in resources.limits) requests[name] ??= resources.limits[name] ?? '0'
}

/** For the whole pod: huge pages are limited by what its containers have of them, and what is limited is requested. */
function defaultPodResources(spec: PodSpec): void {
  const { resources } = spec
  if (resources === undefined) return
  const { limits = {}, requests = {} } = resources
  const isSet = Object.keys(limits).length + Object.keys(requests).length > 0
  for (const [name, amount] of isSet ? aggregateResources(spec, 'limits') : []) {
    if (isHugePages(name) && requests[name] === undefined) limits[name] ??= amount.toString()
  }
  if (Object.keys(limits).length === 0) return
  resources.limits = limits
  for (const [name, amount] of aggregateResources(spec, 'requests')) {
    if (POD_LEVEL.includes(name)) requests[name] ??= amount.toString()
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (POD_LEVEL.includes(name) || isHugePages(name)) requests[name] ??= limit
  }
  if (Object.keys(requests).length > 0) resources.requests = requests
}

function defaultHostPorts(containers: readonly Container[] | undefined): void {
  for (const { ports = [] } of containers ?? []) {
    for (const port of ports) if (!port.hostPort && port.containerPort) port.hostPort = port.containerPort
  }
}
