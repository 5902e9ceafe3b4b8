// What the author of a pod or a pod template should hear, though it is allowed.
import { type FieldPath, append, goQuote, rootPath } from '@keelson/apimachinery'
import { addressWarnings } from '../../validation/ip-address.ts'
import { deprecatedLabelMessage, nodeSelectorTermWarnings } from './node-labels.ts'
import { eachContainer, portWarnings } from './port-warnings.ts'
import type { Container, EnvVar, Pod, PodAffinity, PodSpec, PodTemplateSpec, Volume } from './pod-types.ts'
import { claimSpecWarnings, fractionWarnings, overlapWarnings, sourceWarnings } from './volume-warnings.ts'

const DEPRECATED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}
const BYTES = ['memory', 'ephemeral-storage']
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const APP_ARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/'
const NULL_SELECTOR = 'a null labelSelector results in matching no pod'

export const warningsForPod = ({ spec, metadata }: Pod): string[] => podWarnings(spec, metadata.annotations, rootPath)

export const warningsForPodTemplate = (template: PodTemplateSpec | undefined, path: FieldPath): string[] =>
  template === undefined ? [] : podWarnings(template.spec ?? {}, template.metadata?.annotations, path)

type Annotations = Readonly<Record<string, string>>

function podWarnings(spec: PodSpec, annotations: Annotations | undefined, path: FieldPath): string[] {
  const warnings: string[] = []
  const specPath = path.child('spec')
  nodeLabelWarnings(warnings, spec, specPath)
  if (annotations !== undefined) annotationWarnings(warnings, annotations, path)
  if (spec.volumes !== undefined) volumeWarnings(warnings, spec.volumes, specPath.child('volumes'))
  duplicateWarnings(warnings, spec, specPath)
  for (const name of BYTES) append(warnings, fractionWarnings(spec.overhead, name, specPath.child('overhead')))
  if (annotations?.[SECCOMP_POD] !== undefined && spec.securityContext?.seccompProfile === undefined) {
    const at = path.child('metadata', 'annotations').key(SECCOMP_POD)
    warnings.push(`${at}: non-functional in v1.27+; use the "seccompProfile" field instead`)
  }
  eachContainer(spec, specPath, (container, at) => {
    if (annotations !== undefined) profileWarnings(warnings, annotations, container, spec, path)
    containerWarnings(warnings, container, at)
  })
  portWarnings(warnings, spec, specPath)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const at = specPath.child('terminationGracePeriodSeconds')
    warnings.push(`${at}: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  affinityWarnings(warnings, spec.affinity?.podAffinity, specPath.child('affinity', 'podAffinity'))
  affinityWarnings(warnings, spec.affinity?.podAntiAffinity, specPath.child('affinity', 'podAntiAffinity'))
  for (const [index, address] of (spec.dnsConfig?.nameservers ?? []).entries()) {
    append(warnings, addressWarnings(specPath.child('dnsConfig', 'nameservers').index(index), address))
  }
  for (const [index, { ip = '' }] of (spec.hostAliases ?? []).entries()) {
    append(warnings, addressWarnings(specPath.child('hostAliases').index(index).child('ip'), ip))
  }
  return warnings
}

function annotationWarnings(warnings: string[], annotations: Annotations, path: FieldPath): void {
  for (const key in DEPRECATED_ANNOTATIONS) {
    if (annotations[key] === undefined) continue
    warnings.push(`${path.child('metadata', 'annotations').key(key)}: ${DEPRECATED_ANNOTATIONS[key]}`)
  }
}

function volumeWarnings(warnings: string[], volumes: readonly Volume[], path: FieldPath): void {
  volumes.forEach((volume, index) => {
    const at = path.index(index)
    append(warnings, sourceWarnings(volume, at))
    const claim = volume.ephemeral?.volumeClaimTemplate
    if (claim === undefined) return
    append(warnings, claimSpecWarnings(claim.spec ?? {}, at.child('ephemeral', 'volumeClaimTemplate', 'spec')))
  })
  append(warnings, overlapWarnings(volumes))
}

/** Security profiles in annotations, from before there were fields for them. */
function profileWarnings(
  warnings: string[],
  annotations: Annotations,
  container: Container,
  spec: PodSpec,
  path: FieldPath,
): void {
  const key = SECCOMP_CONTAINER + container.name
  if (annotations[key] !== undefined && container.securityContext?.seccompProfile === undefined) {
    const annotationPath = path.child('metadata', 'annotations').key(key)
    warnings.push(`${annotationPath}: non-functional in v1.27+; use the "seccompProfile" field instead`)
  }
  // A pod on its own gets this one when the annotation is copied.
  if (path === rootPath) return
  const appArmorKey = APP_ARMOR_CONTAINER + container.name
  const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile
  if (annotations[appArmorKey] !== undefined && profile === undefined) {
    const annotationPath = path.child('metadata', 'annotations').key(appArmorKey)
    warnings.push(`${annotationPath}: deprecated since v1.30; use the "appArmorProfile" field instead`)
  }
}

function nodeLabelWarnings(warnings: string[], spec: PodSpec, path: FieldPath): void {
  for (const key in spec.nodeSelector) {
    const message = deprecatedLabelMessage(key)
    if (message !== undefined) warnings.push(`${path.child('nodeSelector').key(key)}: ${message}`)
  }
  const affinity = spec.affinity?.nodeAffinity
  const affinityPath = path.child('affinity', 'nodeAffinity')
  for (const [index, term] of (affinity?.[REQUIRED]?.nodeSelectorTerms ?? []).entries()) {
    append(warnings, nodeSelectorTermWarnings(term, affinityPath.child(REQUIRED, 'nodeSelectorTerms').index(index)))
  }
  for (const [index, { preference = {} }] of (affinity?.[PREFERRED] ?? []).entries()) {
    const at = affinityPath.child(PREFERRED).index(index).child('preference')
    append(warnings, nodeSelectorTermWarnings(preference, at))
  }
  for (const [index, { topologyKey = '', labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = path.child('topologySpreadConstraints').index(index)
    const message = deprecatedLabelMessage(topologyKey)
    if (message !== undefined) warnings.push(`${at.child('topologyKey')}: ${topologyKey} is ${message}`)
    if (labelSelector === undefined) warnings.push(`${at.child('labelSelector')}: ${NULL_SELECTOR}`)
  }
}

function duplicateWarnings(
  warnings: string[],
  { hostAliases = [], imagePullSecrets = [] }: PodSpec,
  path: FieldPath,
): void {
  const addresses = new Set<string>()
  for (const [index, { ip = '' }] of hostAliases.entries()) {
    if (addresses.has(ip))
      warnings.push(`${path.child('hostAliases').index(index).child('ip')}: duplicate ip ${goQuote(ip)}`)
    addresses.add(ip)
  }
  const names = new Set<string>()
  const at = (index: number): FieldPath => path.child('imagePullSecrets').index(index).child('name')
  for (const [index, { name = '' }] of imagePullSecrets.entries()) {
    if (names.has(name)) warnings.push(`${at(index)}: duplicate name ${goQuote(name)}`)
    names.add(name)
  }
  for (const [index, { name }] of imagePullSecrets.entries())
    if (!name) warnings.push(`${at(index)}: invalid empty name ""`)
}

function containerWarnings(warnings: string[], { resources, env = [] }: Container, path: FieldPath): void {
  for (const name of BYTES) {
    for (const list of ['limits', 'requests'] as const) {
      append(warnings, fractionWarnings(resources?.[list], name, path.child('resources', list)))
    }
  }
  if (env.length > 1) environmentWarnings(warnings, env, path)
}

/** A variable defined again is lost by `apply`, unless the later one is made of the earlier one. */
function environmentWarnings(warnings: string[], variables: readonly EnvVar[], path: FieldPath): void {
  const seen = new Set<string>()
  for (let index = 0; index < variables.length; index++) {
    const { name = '', value = '', valueFrom } = variables[index] ?? {}
    if (!seen.has(name)) {
      seen.add(name)
      continue
    }
    const reference = `$(${name})`
    if (valueFrom === undefined && value !== reference && value.includes(reference)) continue
    const at = path.child('env').index(index)
    warnings.push(`${at}: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`)
  }
}

function affinityWarnings(warnings: string[], affinity: PodAffinity | undefined, path: FieldPath): void {
  for (const [index, { labelSelector }] of (affinity?.[REQUIRED] ?? []).entries()) {
    if (labelSelector === undefined)
      warnings.push(`${path.child(REQUIRED).index(index).child('labelSelector')}: ${NULL_SELECTOR}`)
  }
  for (const [index, { podAffinityTerm }] of (affinity?.[PREFERRED] ?? []).entries()) {
    if (podAffinityTerm?.labelSelector !== undefined) continue
    warnings.push(`${path.child(PREFERRED).index(index).child('podAffinityTerm', 'labelSelector')}: ${NULL_SELECTOR}`)
  }
}
