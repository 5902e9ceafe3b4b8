// Node: a machine. Kubelets write its status, controllers its taints and its pod ranges.
import {
  type FieldError,
  type JsonValue,
  type KubeObject,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkRange, parseRange } from '../../validation/ip-address.ts'
import { checkQuantity } from '../../validation/resources.ts'
import { type Taint, checkTaints } from '../../validation/tolerations.ts'
import { NONE, UNKNOWN, age } from '../row.ts'
import { roundUpAmounts } from './resource-amounts.ts'

export interface Node extends KubeObject {
  spec?: {
    podCIDR?: string
    podCIDRs?: string[]
    providerID?: string
    externalID?: string
    unschedulable?: boolean
    taints?: Taint[]
    configSource?: unknown
  }
  status?: {
    capacity?: Record<string, string>
    allocatable?: Record<string, string>
    conditions?: { type?: string; status?: string }[]
    addresses?: { type?: string; address?: string }[]
    nodeInfo?: Record<string, string>
    declaredFeatures?: string[]
    daemonEndpoints?: unknown
    config?: unknown
  }
}

// The schema has checked the types of what all these functions get.
const asNode = (object: KubeObject): Node => object as Node
const specPath = rootPath.child('spec')
const statusPath = rootPath.child('status')
const ROLE_PREFIX = 'node-role.kubernetes.io/'
const ROLE_LABEL = 'kubernetes.io/role'
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/

export const nodeStrategy: KindStrategy = {
  default(object) {
    const node = asNode(object)
    const spec = (node.spec ??= {})
    const status = (node.status ??= {})
    // The first of the ranges is the range of old.
    if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR]
    else if (spec.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0]
    roundUpAmounts(status.capacity)
    roundUpAmounts(status.allocatable)
    if (status.allocatable === undefined && status.capacity !== undefined) status.allocatable = { ...status.capacity }
  },
  // A node may come with its status: kubelets register like that.
  prepareForCreate(object) {
    const { spec = {}, status = {} } = asNode(object)
    delete spec.configSource
    delete status.config
  },
  prepareForUpdate(next, old) {
    next['status'] = old['status']
    if (asNode(old).spec?.configSource === undefined) delete asNode(next).spec?.configSource
  },
  validate: (object) => validateNode(asNode(object)),
  validateUpdate: (next, old) => [
    ...validateNode(asNode(next), asNode(old)),
    ...validateNodeUpdate(asNode(next), asNode(old)),
  ],
  validateStatusUpdate: (next, old) => validateNodeUpdate(asNode(next), asNode(old)),
  warnings: (next) =>
    asNode(next).spec?.externalID
      ? [`${specPath.child('externalID')}: this field is deprecated, and is unused by Kubernetes`]
      : [],
  selectable: ['spec.unschedulable'],
  selectableFields: (object) => ({ 'spec.unschedulable': String(asNode(object).spec?.unschedulable ?? false) }),
  row: (object, now) => nodeRow(asNode(object), now),
}

function validateNode(node: Node, old?: Node): FieldError[] {
  const errors: FieldError[] = []
  // Upstream looks for taints in the metadata, where they once were.
  checkTaints(errors, node.spec?.taints ?? [], rootPath.child('metadata', 'taints'))
  checkResources(errors, node)
  checkFeatures(errors, node.status?.declaredFeatures ?? [])
  const ranges = node.spec?.podCIDRs ?? []
  for (const [index, range] of ranges.entries())
    checkRange(errors, specPath.child('podCIDRs').index(index), range, old?.spec?.podCIDRs)
  if (ranges.length > 1) {
    const families = new Set(ranges.map((range) => parseRange(range)?.address.family))
    if (ranges.length > 2 || families.size < 2) {
      errors.push(
        fieldInvalid(specPath.child('podCIDRs'), ranges, 'may specify no more than one CIDR for each IP family'),
      )
    }
  }
  return errors
}

function validateNodeUpdate(next: Node, old: Node): FieldError[] {
  const errors: FieldError[] = []
  const spec = next.spec ?? {}
  const before = old.spec ?? {}
  checkResources(errors, next)
  checkFeatures(errors, next.status?.declaredFeatures ?? [])
  const seen = new Set<string>()
  for (const [index, { type = '', address = '' }] of (next.status?.addresses ?? []).entries()) {
    const key = `${type}/${address}`
    if (seen.has(key))
      errors.push(fieldDuplicate(statusPath.child('addresses').index(index), { Type: type, Address: address }))
    seen.add(key)
  }
  const oldRanges = before.podCIDRs ?? []
  const ranges = spec.podCIDRs ?? []
  const refuseRange = (): void =>
    void errors.push(
      fieldForbidden(specPath.child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid'),
    )
  if (oldRanges.length > 0 && oldRanges.length !== ranges.length) refuseRange()
  else for (const [index, range] of oldRanges.entries()) if (range !== ranges[index]) refuseRange()
  if (before.providerID && before.providerID !== spec.providerID) {
    errors.push(
      fieldForbidden(specPath.child('providerID'), 'node updates may not change providerID except from "" to valid'),
    )
  }
  checkTaints(errors, spec.taints ?? [], rootPath.child('metadata', 'taints'))
  if ((spec.externalID ?? '') !== (before.externalID ?? '')) {
    errors.push(fieldForbidden(specPath.child('externalID'), 'may not be updated'))
  }
  return errors
}

function checkResources(errors: FieldError[], { status = {} }: Node): void {
  for (const list of ['capacity', 'allocatable'] as const) {
    for (const [name, text] of Object.entries(status[list] ?? {}))
      checkQuantity(errors, name, text, statusPath.child(list, name))
  }
}

function checkFeatures(errors: FieldError[], features: readonly string[]): void {
  const at = (index: number) => statusPath.child('declaredFeatures').index(index)
  for (const [index, feature] of features.entries()) {
    if (feature.length > 253 || !FEATURE.test(feature)) {
      const rule =
        feature.length > 253
          ? 'must be no more than 253 characters'
          : "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
      errors.push(fieldInvalid(at(index), feature, `invalid feature name ${JSON.stringify(feature)}: ${rule}`))
    }
    const next = features[index + 1]
    if (next === undefined) continue
    if (feature === next) errors.push(fieldDuplicate(at(index + 1), next))
    else if (feature > next) errors.push(fieldInvalid(at(index + 1), next, 'list must be sorted alphabetically'))
  }
}

function nodeRow(node: Node, now: Date): JsonValue[] {
  const { metadata, spec = {}, status = {} } = node
  const ready = status.conditions?.findLast(({ type }) => type === 'Ready')
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady']
  if (spec.unschedulable) words.push('SchedulingDisabled')
  const { kubeletVersion = '', osImage, kernelVersion, containerRuntimeVersion, architecture } = status.nodeInfo ?? {}
  const addressOf = (kind: string): string => status.addresses?.find(({ type }) => type === kind)?.address ?? NONE
  return [
    metadata.name ?? '',
    words.join(','),
    rolesOf(metadata.labels ?? {}).join(',') || NONE,
    age(node, now),
    kubeletVersion,
    addressOf('InternalIP'),
    addressOf('ExternalIP'),
    osImage || UNKNOWN,
    (kernelVersion || UNKNOWN) + (architecture ? ` (${architecture})` : ''),
    containerRuntimeVersion || UNKNOWN,
  ]
}

function rolesOf(labels: Readonly<Record<string, string>>): string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(labels)) {
    if (key.startsWith(ROLE_PREFIX)) roles.add(key.slice(ROLE_PREFIX.length))
    else if (key === ROLE_LABEL) roles.add(value)
  }
  return [...roles].filter((role) => role !== '').toSorted()
}
