// The kinds of resource.k8s.io: devices, and claims of them.
import { type FieldError, type KubeObject, fieldInvalid, goQuote, rootPath } from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../../metadata/update-checks.ts'
import type { KindStrategy } from '../../resource.ts'
import { shareKey } from '../../validation/device-names.ts'
import { FIELD_IS_IMMUTABLE, semanticallyEqual } from '../../validation/field-checks.ts'
import { internalForm } from '../../validation/internal-form.ts'
import { checkClaimSpec, validateClaimTemplate, validateDeviceClass } from '../../validation/resource-claim.ts'
import { validateClaimStatus } from '../../validation/resource-claim-status.ts'
import { validateResourceSlice } from '../../validation/resource-slice.ts'
import { age } from '../row.ts'
import { keepMetadata } from '../status-metadata.ts'
import type { ClaimSpec, DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from './resource-types.ts'

// The schema has checked the types of what all these functions get.
const asClaim = (object: KubeObject): ResourceClaim => object as ResourceClaim
const asTemplate = (object: KubeObject): ResourceClaimTemplate => object as ResourceClaimTemplate
const asClass = (object: KubeObject): DeviceClass => object as DeviceClass
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

/** The spec of a claim, and of a template of claims, is for life. */
function specChange(next: KubeObject, old: KubeObject, type: string): FieldError[] {
  if (semanticallyEqual(next['spec'], old['spec'])) return []
  return [fieldInvalid('spec', internalForm(type, next['spec']), FIELD_IS_IMMUTABLE)]
}

export const resourceClaimStrategy: KindStrategy = {
  default(object) {
    const { spec = {}, status } = asClaim(object)
    defaultClaimSpec(spec)
    for (const { tolerations = [] } of status?.allocation?.devices?.results ?? [])
      for (const toleration of tolerations) toleration.operator ||= 'Equal'
  },
  prepareForCreate(object) {
    object['status'] = {}
  },
  prepareForStatusUpdate(next, old) {
    keepMetadata(next, old)
    dropDeallocatedDevices(asClaim(next), asClaim(old))
  },
  validate(object) {
    const errors: FieldError[] = []
    checkClaimSpec(errors, asClaim(object).spec ?? {}, rootPath.child('spec'))
    return errors
  },
  validateUpdate: (next, old) => specChange(next, old, 'resource.ResourceClaimSpec'),
  validateStatusUpdate: (next, old) => validateClaimStatus(asClaim(next), asClaim(old)),
  hasStatus: true,
  row: (object, now) => [object.metadata.name ?? '', stateOf(asClaim(object)), age(object, now)],
}

/** What is no longer allocated has no status. */
function dropDeallocatedDevices({ status = {} }: ResourceClaim, old: ResourceClaim): void {
  const kept = new Set((status.allocation?.devices?.results ?? []).map(shareKey))
  const gone = new Set((old.status?.allocation?.devices?.results ?? []).map(shareKey).filter((key) => !kept.has(key)))
  const devices = (status.devices ?? []).filter((device) => !gone.has(shareKey(device)))
  if (devices.length === 0) delete status.devices
  else status.devices = devices
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
  default: (object) => defaultClaimSpec(asTemplate(object).spec?.spec ?? {}),
  validate: (object) => validateClaimTemplate(asTemplate(object)),
  validateUpdate: (next, old) => [
    ...validateClaimTemplate(asTemplate(next)),
    METADATA_CHECKED.change,
    ...specChange(next, old, 'resource.ResourceClaimTemplateSpec'),
  ],
  row: (object, now) => [object.metadata.name ?? '', age(object, now)],
}

export const resourceSliceStrategy: KindStrategy = {
  /** A taint without a time was set now. */
  default(object) {
    for (const { taints = [] } of asSlice(object).spec?.devices ?? [])
      for (const taint of taints) taint.timeAdded ??= `${new Date().toISOString().slice(0, 19)}Z`
  },
  prepareForCreate: (object) => dropFieldsOfOffFeatures(asSlice(object)),
  prepareForUpdate(next, old) {
    // Upstream counts before it drops.
    if (!semanticallyEqual(asSlice(next).spec, asSlice(old).spec))
      next.metadata.generation = (old.metadata.generation ?? 0) + 1
    dropFieldsOfOffFeatures(asSlice(next))
  },
  validate: (object) => validateResourceSlice(asSlice(object)),
  validateUpdate: (next, old) => validateResourceSlice(asSlice(next), asSlice(old)),
  warnings(next) {
    const { driver = '' } = asSlice(next).spec ?? {}
    if (driver === driver.toLowerCase()) return []
    return [`spec.driver: driver names should be lowercase; ${goQuote(driver)} contains uppercase characters`]
  },
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

function dropFieldsOfOffFeatures({ spec = {} }: ResourceSlice): void {
  for (const device of spec.devices ?? []) {
    delete device.nodeAllocatableResourceMappings
    for (const attribute of Object.values(device.attributes ?? {})) {
      delete attribute.ints
      delete attribute.bools
      delete attribute.strings
      delete attribute.versions
    }
  }
}

export const deviceClassStrategy: KindStrategy = {
  validate: (object) => validateDeviceClass(asClass(object)),
  hasGeneration: true,
  row: (object, now) => [object.metadata.name ?? '', age(object, now)],
}
