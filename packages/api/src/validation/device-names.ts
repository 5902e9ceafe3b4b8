// Names and small values that the kinds of resource.k8s.io share.
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  isCIdentifier,
  isDNS1123Label,
  isDNS1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from '@keelson/apimachinery'
import type {
  DeviceConfiguration,
  DeviceReference,
  DeviceTaint,
  DeviceToleration,
} from '../kinds/resource/resource-types.ts'
import { emptiedField } from '../schema/emptied.ts'
import { checkBoundedList } from './bounded-lists.ts'
import { checkDriverName } from './driver-name.ts'
import { checkName } from './field-checks.ts'

const MAX_POOL_BYTES = 253
const MAX_ID_BYTES = 32
const MAX_PARAMETER_BYTES = 10 * 1024
const MAX_BINDING_CONDITIONS = 4
const EFFECTS = ['NoExecute', 'NoSchedule', 'None']
const OPERATORS = ['Equal', 'Exists']
/** Of the keys of attributes and capacities: a domain, a slash and a name. */
export const QUALIFIED_NAME_LENGTH = 63 + 1 + MAX_ID_BYTES

/** Segments between slashes are subdomains. */
export function checkPoolName(errors: FieldError[], name: string, path: FieldPath): void {
  if (name === '') return void errors.push(fieldRequired(path, ''))
  if (Buffer.byteLength(name) > MAX_POOL_BYTES) errors.push(fieldTooLong(path, MAX_POOL_BYTES))
  for (const part of name.split('/')) checkName(errors, path, part, isDNS1123Subdomain)
}

/** `model` or `example.com/model`. Upstream lets more than one slash pass. */
export function checkDeviceQualifiedName(errors: FieldError[], name: string, path: FieldPath): void {
  const parts = name.split('/')
  const [first = '', second = ''] = parts
  if (parts.length === 1) checkIdentifier(errors, first, path)
  if (parts.length !== 2) return
  if (first === '') errors.push(fieldInvalid(path, '', 'the domain must not be empty'))
  else checkDriverName(errors, first, path)
  if (second === '') errors.push(fieldInvalid(path, '', 'the name must not be empty'))
  else checkIdentifier(errors, second, path)
}

export function checkFullyQualifiedName(errors: FieldError[], name: string, path: FieldPath): void {
  checkDeviceQualifiedName(errors, name, path)
  if (name.includes('/')) return
  errors.push(fieldInvalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash'))
}

function checkIdentifier(errors: FieldError[], name: string, path: FieldPath): void {
  if (Buffer.byteLength(name) > MAX_ID_BYTES) errors.push(fieldTooLong(path, MAX_ID_BYTES))
  checkName(errors, path, name, isCIdentifier)
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const NORMAL_FORM =
  'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'

export function checkShare(errors: FieldError[], { shareID }: DeviceReference, parent: FieldPath): void {
  if (shareID === undefined) return
  const path = parent.child('shareID')
  const problem = uuidProblem(shareID)
  if (problem !== undefined) errors.push(fieldInvalid(path, shareID, `error validating uid: ${problem}`))
  else if (shareID.length !== 36 || shareID !== shareID.toLowerCase())
    errors.push(fieldInvalid(path, shareID, NORMAL_FORM))
}

/** Besides the usual form: with a prefix, in braces, or without hyphens. */
function uuidProblem(text: string): string | undefined {
  let bare = text
  const length = Buffer.byteLength(text)
  if (length === 45) {
    if (!/^urn:uuid:/i.test(text)) return `invalid urn prefix: ${JSON.stringify(text.slice(0, 9))}`
    bare = text.slice(9)
  } else if (length === 38) {
    if (!text.startsWith('{') || !text.endsWith('}')) return 'invalid bracketed UUID format'
    bare = text.slice(1, -1)
  } else if (length === 32) return /^[0-9a-f]{32}$/i.test(text) ? undefined : 'invalid UUID format'
  else if (length !== 36) return `invalid UUID length: ${length}`
  return UUID.test(bare) ? undefined : 'invalid UUID format'
}

export function checkReference(errors: FieldError[], reference: DeviceReference, path: FieldPath): void {
  checkDriverName(errors, reference.driver ?? '', path.child('driver'))
  checkPoolName(errors, reference.pool ?? '', path.child('pool'))
  checkName(errors, path.child('device'), reference.device ?? '', isDNS1123Label)
}

/** Text that is the same for two references to one share of one device. */
export const shareKey = ({ driver = '', pool = '', device = '', shareID = '' }: DeviceReference): string =>
  [driver, pool, device, shareID].join('\n')

export function checkConfiguration(errors: FieldError[], { opaque }: DeviceConfiguration, path: FieldPath): void {
  if (opaque === undefined) return void errors.push(fieldRequired(path.child('opaque'), ''))
  checkDriverName(errors, opaque.driver ?? '', path.child('opaque', 'driver'))
  checkRawObject(errors, opaque.parameters, path.child('opaque', 'parameters'))
}

/** A JSON object of somebody else's. */
export function checkRawObject(errors: FieldError[], value: unknown, path: FieldPath): void {
  if (value === undefined || value === null) errors.push(fieldRequired(path, ''))
  else if (Buffer.byteLength(JSON.stringify(value)) > MAX_PARAMETER_BYTES)
    errors.push(fieldTooLong(path, MAX_PARAMETER_BYTES))
  else if (typeof value !== 'object' || Array.isArray(value))
    errors.push(fieldInvalid(path, '<value omitted>', 'must be a valid JSON object'))
}

export function checkDeviceTaint(errors: FieldError[], taint: DeviceTaint, path: FieldPath): void {
  checkName(errors, path.child('key'), taint.key ?? '', isQualifiedName)
  if (taint.value) checkName(errors, path.child('value'), taint.value, isLabelValue)
  const effect = taint.effect ?? ''
  if (effect === '') errors.push(fieldRequired(path.child('effect'), ''))
  else if (!EFFECTS.includes(effect)) errors.push(fieldNotSupported(path.child('effect'), effect, EFFECTS))
}

export function checkDeviceToleration(errors: FieldError[], toleration: DeviceToleration, path: FieldPath): void {
  const { key = '', operator = '', value = '', effect = '' } = toleration
  if (key !== '') checkName(errors, path.child('key'), key, isQualifiedName)
  if (operator === 'Exists') {
    if (value !== '') errors.push(fieldInvalid(path.child('value'), value, 'must be empty for operator `Exists`'))
  } else if (operator === 'Equal') checkName(errors, path.child('value'), value, isLabelValue)
  else if (operator === '') errors.push(fieldRequired(path.child('operator'), ''))
  else errors.push(fieldNotSupported(path.child('operator'), operator, OPERATORS))
  if (effect !== '' && !EFFECTS.includes(effect)) errors.push(fieldNotSupported(path.child('effect'), effect, EFFECTS))
}

interface Binding {
  bindingConditions?: string[]
  bindingFailureConditions?: string[]
}

/** Conditions that are waited for before a pod is bound, and those that end the wait: both or neither. */
export function checkBinding(errors: FieldError[], binding: Binding, path: FieldPath): void {
  const { bindingConditions: conditions = [], bindingFailureConditions: failures = [] } = binding
  const [at, failureAt] = [path.child('bindingConditions'), path.child('bindingFailureConditions')]
  const rule = (found: FieldError[], name: string, where: FieldPath): void =>
    checkName(found, where, name, isQualifiedName)
  checkBoundedList(errors, conditions, MAX_BINDING_CONDITIONS, at, rule)
  checkBoundedList(errors, failures, MAX_BINDING_CONDITIONS, failureAt, rule)
  const duplicate = (list: readonly string[], index: number, where: FieldPath): void => {
    const name = list[index] ?? ''
    if (list.indexOf(name) < index)
      errors.push({ type: 'FieldValueDuplicate', field: String(where.index(index)), badValue: name, detail: '' })
  }
  for (const index of conditions.keys()) duplicate(conditions, index, at)
  for (const [index, name] of failures.entries()) {
    duplicate(failures, index, failureAt)
    if (!conditions.includes(name)) continue
    const detail = 'bindingFailureConditions must not overlap with bindingConditions'
    errors.push(fieldInvalid(failureAt.index(index), name, detail))
  }
  const without = (where: FieldPath, missing: keyof Binding, used: string): void =>
    void errors.push(fieldInvalid(where, emptiedField(binding, missing), `${missing} are required to use ${used}`))
  if (conditions.length === 0 && failures.length > 0) without(at, 'bindingConditions', 'bindingFailureConditions')
  if (failures.length === 0 && conditions.length > 0)
    without(failureAt, 'bindingFailureConditions', 'bindingConditions')
}
