// What a ResourceSlice may say: some of the devices of a pool, or counters that they share.
import { type FieldError, type FieldPath, fieldInvalid, rootPath } from '@keelson/apimachinery'
import type { Device, ResourceSlice, SliceSpec } from '../kinds/resource/resource-types.ts'
import { emptiedField } from '../schema/emptied.ts'
import { checkBoundedSet } from './bounded-lists.ts'
import { checkCounters, checkDevice } from './device.ts'
import { checkSliceNodes } from './device-nodes.ts'
import { checkPoolName } from './device-names.ts'
import { checkDriverName } from './driver-name.ts'
import { FIELD_IS_IMMUTABLE } from './field-checks.ts'

const specPath = rootPath.child('spec')
const MAX_DEVICES = 128
/** Of devices that have more to them. */
const MAX_RICH_DEVICES = 64
const MAX_COUNTER_SETS = 8

export function validateResourceSlice({ spec = {} }: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const errors: FieldError[] = []
  checkDriverName(errors, spec.driver ?? '', specPath.child('driver'))
  checkPool(errors, spec.pool ?? {})
  if (old !== undefined) checkKept(errors, spec, old.spec ?? {})
  checkSliceNodes(errors, spec, specPath)
  const { devices, sharedCounters } = spec
  // An empty list counts.
  const isGiven = (field: 'devices' | 'sharedCounters'): boolean =>
    spec[field] !== undefined || emptiedField(spec, field) !== null
  if (isGiven('sharedCounters') && isGiven('devices'))
    errors.push(fieldInvalid(specPath, '', 'only one of `sharedCounters` or `devices` is allowed'))
  const most = (devices ?? []).some(isRich) ? MAX_RICH_DEVICES : MAX_DEVICES
  const before = new Map((old?.spec?.devices ?? []).map((device) => [device.name, device]))
  const rule = (found: FieldError[], device: Device, at: FieldPath): void =>
    checkDevice(found, device, before.get(device.name), at, spec.perDeviceNodeSelection === true)
  checkBoundedSet(errors, devices ?? [], most, specPath.child('devices'), rule, ({ name = '' }) => name)
  checkBoundedSet(
    errors,
    sharedCounters ?? [],
    MAX_COUNTER_SETS,
    specPath.child('sharedCounters'),
    (found, { name = '', counters = {} }, at) => checkCounters(found, 'name', name, counters, at),
    ({ name = '' }) => name,
  )
  return errors
}

const isRich = ({ taints = [], consumesCounters = [] }: Device): boolean => taints.length + consumesCounters.length > 0

function checkPool(errors: FieldError[], pool: NonNullable<SliceSpec['pool']>): void {
  const path = specPath.child('pool')
  const { name = '', generation = 0, resourceSliceCount = 0 } = pool
  checkPoolName(errors, name, path.child('name'))
  if (resourceSliceCount <= 0)
    errors.push(fieldInvalid(path.child('resourceSliceCount'), resourceSliceCount, 'must be greater than zero'))
  if (generation < 0)
    errors.push(fieldInvalid(path.child('generation'), generation, 'must be greater than or equal to zero'))
}

function checkKept(errors: FieldError[], spec: SliceSpec, old: SliceSpec): void {
  const check = (next: string | undefined, before: string | undefined, ...names: [string, ...string[]]): void => {
    if (next !== before) errors.push(fieldInvalid(specPath.child(...names), next, FIELD_IS_IMMUTABLE))
  }
  check(spec.pool?.name ?? '', old.pool?.name ?? '', 'pool', 'name')
  check(spec.driver ?? '', old.driver ?? '', 'driver')
  check(spec.nodeName, old.nodeName, 'nodeName')
}
