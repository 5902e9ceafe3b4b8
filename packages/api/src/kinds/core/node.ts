// Node: a machine. Kubelets write its status, controllers its taints and its pod ranges.
import { type JsonValue, type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { rangeWarnings } from '../../validation/ip-address.ts'
import { validateNode, validateNodeUpdate } from '../../validation/node.ts'
import type { Taint } from '../../validation/tolerations.ts'
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
const ROLE_PREFIX = 'node-role.kubernetes.io/'
const ROLE_LABEL = 'kubernetes.io/role'

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
  prepareForStatusUpdate(next, old) {
    if (asNode(old).status?.config === undefined) delete asNode(next).status?.config
  },
  validate: (object) => validateNode(asNode(object)),
  validateUpdate: (next, old) => [...validateNode(asNode(next)), ...validateNodeUpdate(asNode(next), asNode(old))],
  validateStatusUpdate: (next, old) => validateNodeUpdate(asNode(next), asNode(old)),
  warnings(next) {
    const { configSource, externalID, podCIDRs = [] } = asNode(next).spec ?? {}
    const warnings = configSource === undefined ? [] : ['spec.configSource: the feature is removed']
    if (externalID) warnings.push('spec.externalID: this field is deprecated, and is unused by Kubernetes')
    const path = rootPath.child('spec', 'podCIDRs')
    return [...warnings, ...podCIDRs.flatMap((range, index) => rangeWarnings(path.index(index), range))]
  },
  selectable: ['spec.unschedulable'],
  selectableFields: (object) => ({ 'spec.unschedulable': String(asNode(object).spec?.unschedulable ?? false) }),
  row: (object, now) => nodeRow(asNode(object), now),
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
