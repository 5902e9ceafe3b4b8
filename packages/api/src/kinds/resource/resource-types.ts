// The kinds of resource.k8s.io as the schema lets them be.
import type { JsonValue, KubeObject, ObjectMeta } from '@keelson/apimachinery'
import type { StatusCondition } from '../admissionregistration/admission-types.ts'
import type { NodeSelector } from '../core/pod-types.ts'

export interface DeviceSelector {
  cel?: { expression?: string }
}

export interface DeviceToleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
}

/** Of a request that has no choice, and of one choice of those that have. */
export interface DeviceRequestDetails {
  /** Of a choice. */
  name?: string
  deviceClassName?: string
  selectors?: DeviceSelector[]
  allocationMode?: string
  count?: number
  tolerations?: DeviceToleration[]
}

export interface DeviceRequest {
  name?: string
  exactly?: DeviceRequestDetails
  firstAvailable?: DeviceRequestDetails[]
}

export interface DeviceConfiguration {
  opaque?: { driver?: string; parameters?: JsonValue }
}

export interface ClaimConfiguration extends DeviceConfiguration {
  requests?: string[]
}

export interface AllocationConfiguration extends ClaimConfiguration {
  source?: string
}

export interface DeviceClaim {
  requests?: DeviceRequest[] | null
  constraints?: { requests?: string[]; matchAttribute?: string; distinctAttribute?: string }[]
  config?: ClaimConfiguration[]
}

export interface ClaimSpec {
  devices?: DeviceClaim
}

/** Which device: its driver, its pool and its name, and which share of it. */
export interface DeviceReference {
  driver?: string
  pool?: string
  device?: string
  shareID?: string
}

export interface AllocatedDevice extends DeviceReference {
  request?: string
  bindingConditions?: string[]
  bindingFailureConditions?: string[]
  tolerations?: DeviceToleration[]
}

export interface Allocation {
  devices?: { results?: AllocatedDevice[]; config?: AllocationConfiguration[] }
  nodeSelector?: NodeSelector
}

export interface DeviceStatus extends DeviceReference {
  conditions?: StatusCondition[]
  data?: JsonValue
  networkData?: { interfaceName?: string; ips?: string[]; hardwareAddress?: string }
}

export interface Consumer {
  apiGroup?: string
  resource?: string
  name?: string
  uid?: string
}

export interface ClaimStatus {
  allocation?: Allocation
  reservedFor?: Consumer[]
  devices?: DeviceStatus[]
}

export interface ResourceClaim extends KubeObject {
  spec?: ClaimSpec
  status?: ClaimStatus
}

export interface ResourceClaimTemplate extends KubeObject {
  spec?: { metadata?: ObjectMeta; spec?: ClaimSpec }
}

export interface DeviceClass extends KubeObject {
  spec?: { selectors?: DeviceSelector[]; config?: DeviceConfiguration[]; extendedResourceName?: string }
}

export interface DeviceTaint {
  key?: string
  value?: string
  effect?: string
  timeAdded?: string
}

export interface DeviceAttribute {
  int?: number
  bool?: boolean
  string?: string
  version?: string
  ints?: number[]
  bools?: boolean[]
  strings?: string[]
  versions?: string[]
}

export interface RequestPolicy {
  default?: string
  validValues?: string[]
  validRange?: { min?: string; max?: string; step?: string }
}

export interface DeviceCapacity {
  value?: string
  requestPolicy?: RequestPolicy
}

export interface NodeChoice {
  nodeName?: string
  nodeSelector?: NodeSelector
  allNodes?: boolean
}

export interface Device extends NodeChoice {
  name?: string
  attributes?: Record<string, DeviceAttribute>
  capacity?: Record<string, DeviceCapacity>
  consumesCounters?: { counterSet?: string; counters?: Record<string, unknown> }[]
  taints?: DeviceTaint[]
  bindingConditions?: string[]
  bindingFailureConditions?: string[]
  allowMultipleAllocations?: boolean
  nodeAllocatableResourceMappings?: unknown
}

export interface SliceSpec extends NodeChoice {
  driver?: string
  pool?: { name?: string; generation?: number; resourceSliceCount?: number }
  perDeviceNodeSelection?: boolean
  devices?: Device[]
  sharedCounters?: { name?: string; counters?: Record<string, unknown> }[]
}

export interface ResourceSlice extends KubeObject {
  spec?: SliceSpec
}
