// What a StorageClass and a VolumeAttributesClass may say.
import {
  type FieldError,
  type FieldPath,
  append,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import { METADATA_CHECKED } from '../metadata/update-checks.ts'
import type { StorageClass, TopologyTerm, VolumeAttributesClass } from '../kinds/storage/storage-types.ts'
import { emptiedField } from '../schema/emptied.ts'
import { FIELD_IS_IMMUTABLE, checkName, semanticallyEqual, sortedMap } from './field-checks.ts'

const RECLAIM_POLICIES = ['Delete', 'Retain']
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer']
const MAX_PARAMETERS = 512
const MAX_PARAMETER_BYTES = 256 * 1024
const FROZEN = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const

export function validateStorageClass(object: StorageClass): FieldError[] {
  const errors: FieldError[] = []
  const { provisioner = '', parameters = {}, reclaimPolicy, volumeBindingMode } = object
  checkProvisioner(errors, provisioner, rootPath.child('provisioner'))
  checkParameters(errors, parameters, rootPath.child('parameters'))
  if (reclaimPolicy && !RECLAIM_POLICIES.includes(reclaimPolicy))
    errors.push(fieldNotSupported(rootPath.child('reclaimPolicy'), reclaimPolicy, RECLAIM_POLICIES))
  if (volumeBindingMode === undefined) errors.push(fieldRequired(rootPath.child('volumeBindingMode'), ''))
  else if (!BINDING_MODES.includes(volumeBindingMode))
    errors.push(fieldNotSupported(rootPath.child('volumeBindingMode'), volumeBindingMode, BINDING_MODES))
  checkTopologies(errors, object.allowedTopologies ?? [])
  return errors
}

export function validateStorageClassUpdate(next: StorageClass, old: StorageClass): FieldError[] {
  const errors = [...validateStorageClass(next), METADATA_CHECKED.change]
  for (const field of FROZEN) {
    if (!semanticallyEqual(next[field], old[field]))
      errors.push(fieldInvalid(field, sortedMap(next[field] ?? emptiedField(next, field)), FIELD_IS_IMMUTABLE))
  }
  return errors
}

export function validateVolumeAttributesClass({ driverName = '', parameters }: VolumeAttributesClass): FieldError[] {
  const errors: FieldError[] = []
  const path = rootPath.child('parameters')
  checkProvisioner(errors, driverName, rootPath.child('driverName'))
  checkParameters(errors, parameters ?? {}, path)
  if (Object.keys(parameters ?? {}).length === 0)
    errors.push(fieldRequired(path, 'must contain at least one key/value pair'))
  return errors
}

export function validateVolumeAttributesClassUpdate(
  next: VolumeAttributesClass,
  old: VolumeAttributesClass,
): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (field: string): void =>
    void errors.push(fieldForbidden(rootPath.child(field), `updates to ${field} are forbidden.`))
  if ((next.driverName ?? '') !== (old.driverName ?? '')) refuse('driverName')
  if (!sameParameters(next.parameters, old.parameters)) refuse('parameters')
  errors.push(METADATA_CHECKED.whole)
  append(errors, validateVolumeAttributesClass(next))
  return errors
}

type Parameters = Record<string, string> | undefined

function sameParameters(next: Parameters, old: Parameters): boolean {
  const [left, right] = [next ?? {}, old ?? {}]
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key])
}

function checkProvisioner(errors: FieldError[], name: string, path: FieldPath): void {
  if (name === '') errors.push(fieldRequired(path, ''))
  else checkName(errors, path, name.toLowerCase(), isQualifiedName)
}

function checkParameters(errors: FieldError[], parameters: Record<string, string>, path: FieldPath): void {
  const entries = Object.entries(parameters)
  if (entries.length > MAX_PARAMETERS) return void errors.push(fieldTooLong(path, MAX_PARAMETERS))
  let bytes = 0
  for (const [key, value] of entries) {
    if (key === '') errors.push(fieldInvalid(path, key, 'field can not be empty.'))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > MAX_PARAMETER_BYTES) errors.push(fieldTooLong(path, MAX_PARAMETER_BYTES))
}

function checkTopologies(errors: FieldError[], terms: readonly TopologyTerm[]): void {
  const seen = new Map<string, number>()
  for (const [index, { matchLabelExpressions = [] }] of terms.entries()) {
    const path = rootPath.child('allowedTopologies').index(index).child('matchLabelExpressions')
    const valuesByKey = new Map<string, string[]>()
    for (const [at, { key = '', values }] of matchLabelExpressions.entries()) {
      checkValues(errors, values ?? [], path.index(at).child('values'))
      checkName(errors, path.index(at).child('key'), key, isQualifiedName)
      if (valuesByKey.has(key)) errors.push(fieldDuplicate(path.index(at).child('key'), key))
      valuesByKey.set(key, [...new Set(values)].toSorted())
    }
    const term = JSON.stringify([...valuesByKey].toSorted(([left], [right]) => (left < right ? -1 : 1)))
    // It is told of each term like it; upstream starts from as many empty ones as there are terms.
    const earlier = (seen.get(term) ?? 0) + (valuesByKey.size === 0 ? terms.length : 0)
    for (let count = 0; count < earlier; count++) errors.push(fieldDuplicate(path, ''))
    seen.set(term, (seen.get(term) ?? 0) + 1)
  }
}

function checkValues(errors: FieldError[], values: readonly string[], path: FieldPath): void {
  if (values.length === 0) errors.push(fieldRequired(path, ''))
  const seen = new Set<string>()
  for (const [position, value] of values.entries()) {
    if (seen.has(value)) errors.push(fieldDuplicate(path.index(position), value))
    seen.add(value)
  }
}
