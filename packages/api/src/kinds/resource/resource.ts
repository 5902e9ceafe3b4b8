// The kinds of resource.k8s.io: devices, and claims of them.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { age } from '../row.ts'

interface DeviceRequest {
  allocationMode?: string
  count?: number
  tolerations?: { operator?: string }[]
}

interface ClaimSpec {
  devices?: { requests?: { exactly?: DeviceRequest; firstAvailable?: DeviceRequest[] }[] }
}

interface ResourceClaim extends KubeObject {
  spec?: ClaimSpec
  status?: { allocation?: unknown; reservedFor?: unknown[] }
}

interface ResourceClaimTemplate extends KubeObject {
  spec?: { spec?: ClaimSpec }
}

interface ResourceSlice extends KubeObject {
  spec?: { nodeName?: string; driver?: string; pool?: { name?: string } }
}

// The schema has checked the types of what all these functions get.
const asClaim = (object: KubeObject): ResourceClaim => object as ResourceClaim
const asSlice = (object: KubeObject): ResourceSlice => object as ResourceSlice

function defaultClaimSpec({ devices }: ClaimSpec): void {
  for (const { exactly, firstAvailable = [] } of devices?.requests ?? []) {
    for (const request of exactly === undefined ? firstAvailable : [exactly, ...firstAvailable]) {
      request.allocationMode ||= 'ExactCount'
      if (request.allocationMode === 'ExactCount') request.count ||= 1
      for (const toleration of request.tolerations ?? []) toleration.operator ||= 'Equal'
    }
  }
}

export const resourceClaimStrategy: KindStrategy = {
  default: (object) => defaultClaimSpec(asClaim(object).spec ?? {}),
  prepareForCreate(object) {
    object['status'] = {}
  },
  hasStatus: true,
  row: (object, now) => [object.metadata.name ?? '', stateOf(asClaim(object)), age(object, now)],
}

function stateOf({ metadata, status = {} }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined
  const states = isDeleted ? ['deleted'] : []
  if (status.allocation === undefined) return isDeleted ? 'deleted' : 'pending'
  states.push('allocated')
  if ((status.reservedFor ?? []).length > 0) states.push('reserved')
  return states.join(',')
}

export const resourceClaimTemplateStrategy: KindStrategy = {
  default: (object) => defaultClaimSpec((object as ResourceClaimTemplate).spec?.spec ?? {}), // As above.
  row: (object, now) => [object.metadata.name ?? '', age(object, now)],
}

export const resourceSliceStrategy: KindStrategy = {
  hasGeneration: true,
  selectable: ['spec.nodeName', 'spec.driver'],
  unselectable: (field) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
  selectableFields(object) {
    const { nodeName = '', driver = '' } = asSlice(object).spec ?? {}
    return { 'spec.nodeName': nodeName, 'spec.driver': driver }
  },
  row(object, now) {
    const { nodeName = '', driver = '', pool } = asSlice(object).spec ?? {}
    return [object.metadata.name ?? '', nodeName, driver, pool?.name ?? '', age(object, now)]
  },
}

export const deviceClassStrategy: KindStrategy = {
  hasGeneration: true,
  row: (object, now) => [object.metadata.name ?? '', age(object, now)],
}
