// What becomes of a claim of devices: what was allocated for it, to whom, and how the devices are.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  fieldTooMany,
  rootPath,
} from '@keelson/apimachinery'
import type {
  AllocatedDevice,
  Allocation,
  AllocationConfiguration,
  Consumer,
  DeviceReference,
  DeviceStatus,
  ResourceClaim,
} from '../kinds/resource/resource-types.ts'
import { checkNodeSelector } from './affinity.ts'
import { checkBoundedList, checkBoundedSet } from './bounded-lists.ts'
import { checkConditions } from './conditions.ts'
import {
  checkBinding,
  checkConfiguration,
  checkRawObject,
  checkReference,
  checkShare,
  shareKey,
} from './device-names.ts'
import { FIELD_IS_IMMUTABLE, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { checkInterfaceAddress } from './ip-address.ts'
import { type RequestNames, checkRequestReference, checkRequestReferences, requestNamesOf } from './resource-claim.ts'

const statusPath = rootPath.child('status')
const SOURCES = ['FromClaim', 'FromClass']
const MAX_CONSUMERS = 256
const MAX_RESULTS = 32
const MAX_CONFIGURATIONS = 64
const MAX_CONDITIONS = 8
const MAX_INTERFACE_BYTES = 256
const MAX_HARDWARE_ADDRESS_BYTES = 128
const MAX_ADDRESSES = 16

export function validateClaimStatus(next: ResourceClaim, old: ResourceClaim): FieldError[] {
  const errors: FieldError[] = []
  const { allocation, reservedFor = [], devices = [] } = next.status ?? {}
  const reservedPath = statusPath.child('reservedFor')
  checkBoundedSet(errors, reservedFor, MAX_CONSUMERS, reservedPath, checkConsumer, ({ uid = '' }) => uid)
  const allocated = new Set((allocation?.devices?.results ?? []).map(shareKey))
  const rule = (found: FieldError[], device: DeviceStatus, at: FieldPath): void =>
    checkDeviceStatus(found, device, at, allocated)
  checkBoundedSet(errors, devices, Infinity, statusPath.child('devices'), rule, shareKey, shownShare)
  if (reservedFor.length > 0) {
    if (allocation === undefined)
      errors.push(fieldForbidden(reservedPath, 'may not be specified when `allocated` is not set'))
    else if (next.metadata.deletionTimestamp && hasNew(reservedFor, old.status?.reservedFor ?? [])) {
      const detail = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'
      errors.push(fieldForbidden(reservedPath, detail))
    }
  }
  const before = old.status?.allocation
  const path = statusPath.child('allocation')
  if (allocation === undefined) return errors
  if (before === undefined) checkAllocation(errors, allocation, path, requestNamesOf(next.spec?.devices ?? {}))
  else if (!semanticallyEqual(allocation, before))
    errors.push(fieldInvalid(path, internalForm('resource.AllocationResult', allocation), FIELD_IS_IMMUTABLE))
  return errors
}

const hasNew = (next: readonly Consumer[], old: readonly Consumer[]): boolean =>
  next.some((consumer) => !old.some((known) => semanticallyEqual(known, consumer)))

function checkConsumer(errors: FieldError[], { resource, name, uid }: Consumer, path: FieldPath): void {
  if (!resource) errors.push(fieldRequired(path.child('resource'), ''))
  if (!name) errors.push(fieldRequired(path.child('name'), ''))
  if (!uid) errors.push(fieldRequired(path.child('uid'), ''))
}

const shownShare = ({ driver = '', pool = '', device = '', shareID = '' }: DeviceReference): unknown => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: shareID,
})

function checkDeviceStatus(
  errors: FieldError[],
  device: DeviceStatus,
  path: FieldPath,
  allocated: ReadonlySet<string>,
): void {
  checkReference(errors, device, path)
  checkShare(errors, device, path)
  if (!allocated.has(shareKey(device)))
    errors.push(fieldInvalid(path, shownShare(device), 'must be an allocated device in the claim'))
  const conditions = device.conditions ?? []
  if (conditions.length > MAX_CONDITIONS)
    errors.push(fieldTooMany(path.child('conditions'), conditions.length, MAX_CONDITIONS))
  checkConditions(errors, conditions, path.child('conditions'))
  if (device.data !== undefined) checkRawObject(errors, device.data, path.child('data'))
  if (device.networkData !== undefined) checkNetworkData(errors, device.networkData, path.child('networkData'))
}

function checkNetworkData(
  errors: FieldError[],
  { interfaceName = '', hardwareAddress = '', ips = [] }: NonNullable<DeviceStatus['networkData']>,
  path: FieldPath,
): void {
  if (Buffer.byteLength(interfaceName) > MAX_INTERFACE_BYTES)
    errors.push(fieldTooLong(path.child('interfaceName'), MAX_INTERFACE_BYTES))
  if (Buffer.byteLength(hardwareAddress) > MAX_HARDWARE_ADDRESS_BYTES)
    errors.push(fieldTooLong(path.child('hardwareAddress'), MAX_HARDWARE_ADDRESS_BYTES))
  checkBoundedSet(errors, ips, MAX_ADDRESSES, path.child('ips'), checkInterfaceAddress, (address) => address)
}

function checkAllocation(errors: FieldError[], allocation: Allocation, path: FieldPath, names: RequestNames): void {
  const { results = [], config = [] } = allocation.devices ?? {}
  const devicesPath = path.child('devices')
  const resultRule = (found: FieldError[], result: AllocatedDevice, at: FieldPath): void => {
    checkRequestReference(found, result.request ?? '', at.child('request'), names)
    checkReference(found, result, at)
    checkBinding(found, result, at)
    checkShare(found, result, at)
  }
  checkBoundedList(errors, results, MAX_RESULTS, devicesPath.child('results'), resultRule)
  const configurationRule = (found: FieldError[], configuration: AllocationConfiguration, at: FieldPath): void => {
    const source = configuration.source ?? ''
    if (source === '') found.push(fieldRequired(at.child('source'), ''))
    else if (!SOURCES.includes(source)) found.push(fieldNotSupported(at.child('source'), source, SOURCES))
    checkRequestReferences(found, configuration.requests ?? [], at.child('requests'), names)
    checkConfiguration(found, configuration, at)
  }
  checkBoundedList(errors, config, MAX_CONFIGURATIONS, devicesPath.child('config'), configurationRule)
  if (allocation.nodeSelector !== undefined)
    checkNodeSelector(errors, allocation.nodeSelector, path.child('nodeSelector'))
}
