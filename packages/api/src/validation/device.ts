// What a driver may say of one device.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  fieldTooLong,
  isDNS1123Label,
} from '@keelson/apimachinery'
import type { Device, DeviceAttribute, DeviceCapacity } from '../kinds/resource/resource-types.ts'
import { checkBoundedList, checkBoundedMap, checkBoundedSet } from './bounded-lists.ts'
import { checkNodeChoice } from './device-nodes.ts'
import { QUALIFIED_NAME_LENGTH, checkBinding, checkDeviceQualifiedName, checkDeviceTaint } from './device-names.ts'
import { checkName, semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { checkRequestPolicy } from './request-policy.ts'

const MAX_FACTS = 32
const MAX_VALUES = 48
const MAX_VALUE_BYTES = 64
const MAX_TAINTS = 16
const MAX_CONSUMPTIONS = 2
const MAX_COUNTERS = 32
const LABEL_LENGTH = 63

/** `old`: the device of that name before. */
export function checkDevice(
  errors: FieldError[],
  device: Device,
  old: Device | undefined,
  path: FieldPath,
  choosesNodes: boolean,
): void {
  const { attributes = {}, capacity = {}, taints = [] } = device
  checkName(errors, path.child('name'), device.name ?? '', isDNS1123Label)
  const facts = Object.keys(attributes).length + Object.keys(capacity).length
  if (facts > MAX_FACTS) {
    const detail = `the total number of attributes and capacities must not exceed ${MAX_FACTS}`
    errors.push(fieldInvalid(path, facts, detail))
  }
  const values = Object.values(attributes).reduce((sum, attribute) => sum + valuesOf(attribute), 0)
  if (values > MAX_VALUES)
    errors.push(fieldInvalid(path, values, `the total number of attribute values must not exceed ${MAX_VALUES}`))
  const limits = { most: Infinity, keyLength: QUALIFIED_NAME_LENGTH }
  checkBoundedMap(errors, attributes, limits, path.child('attributes'), checkDeviceQualifiedName, checkAttribute)
  const capacityRule = device.allowMultipleAllocations === true ? checkSharedCapacity : checkCapacity
  checkBoundedMap(errors, capacity, limits, path.child('capacity'), checkDeviceQualifiedName, capacityRule)
  if (old === undefined || !semanticallyEqual(old.taints, taints))
    checkBoundedList(errors, taints, MAX_TAINTS, path.child('taints'), checkDeviceTaint)
  checkBoundedSet(
    errors,
    device.consumesCounters ?? [],
    MAX_CONSUMPTIONS,
    path.child('consumesCounters'),
    (found, { counterSet = '', counters = {} }, at) => checkCounters(found, 'counterSet', counterSet, counters, at),
    ({ counterSet = '' }) => counterSet,
  )
  checkNodeChoice(errors, device, path, choosesNodes)
  checkBinding(errors, device, path)
}

const valuesOf = ({ ints = [], bools = [], strings = [], versions = [] }: DeviceAttribute): number =>
  ints.length + bools.length + strings.length + versions.length || 1

/** A set of counters, by the name that `field` has for it. */
export function checkCounters(
  errors: FieldError[],
  field: 'counterSet' | 'name',
  name: string,
  counters: Readonly<Record<string, unknown>>,
  path: FieldPath,
): void {
  if (name === '') errors.push(fieldRequired(path.child(field), ''))
  else checkName(errors, path.child(field), name, isDNS1123Label)
  const at = path.child('counters')
  if (Object.keys(counters).length === 0) return void errors.push(fieldRequired(at, ''))
  const keyRule = (found: FieldError[], key: string, where: FieldPath): void =>
    checkName(found, where, key, isDNS1123Label)
  // Any quantity is a counter.
  checkBoundedMap(errors, counters, { most: MAX_COUNTERS, keyLength: LABEL_LENGTH }, at, keyRule, () => {})
}

const SEMANTIC_VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/

function checkAttribute(errors: FieldError[], attribute: DeviceAttribute, path: FieldPath): void {
  const { string, version } = attribute
  if (string !== undefined) checkLength(errors, string, path.child('string'))
  if (version !== undefined) {
    if (!SEMANTIC_VERSION.test(version)) {
      const detail = 'must be a string compatible with semver.org spec 2.0.0'
      errors.push(fieldInvalid(path.child('version'), version, detail))
    }
    checkLength(errors, version, path.child('version'))
  }
  const given = [attribute.bool, attribute.int, string, version].filter((value) => value !== undefined).length
  if (given === 1) return
  const shown = given === 0 ? '' : internalForm('resource.DeviceAttribute', attribute)
  errors.push(fieldInvalid(path, shown, 'exactly one value must be specified'))
}

function checkLength(errors: FieldError[], value: string, path: FieldPath): void {
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) errors.push(fieldTooLong(path, MAX_VALUE_BYTES))
}

function checkSharedCapacity(
  errors: FieldError[],
  { value = '0', requestPolicy }: DeviceCapacity,
  path: FieldPath,
): void {
  if (requestPolicy !== undefined) checkRequestPolicy(errors, value, requestPolicy, path.child('requestPolicy'))
}

function checkCapacity(errors: FieldError[], { requestPolicy }: DeviceCapacity, path: FieldPath): void {
  if (requestPolicy !== undefined)
    errors.push(fieldForbidden(path.child('requestPolicy'), 'allowMultipleAllocations must be true'))
}
