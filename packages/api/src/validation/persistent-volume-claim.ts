// What a PersistentVolumeClaim may be, what of it may change, and what its status may say.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import type { PersistentVolumeClaimSpec } from '../kinds/core/pod-types.ts'
import type { PersistentVolumeClaim } from '../kinds/core/volume-claim-types.ts'
import { claimSpecDifference } from '../kinds/core/volume-claim-difference.ts'
import { copyWithEmptied } from '../schema/emptied.ts'
import { FIELD_IS_IMMUTABLE, checkImmutable, checkName, semanticallyEqual } from './field-checks.ts'
import { isNativeResource, quantityOf } from './resources.ts'
import { checkVolumeClaimSpec } from './volume-claim.ts'

export const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const specPath = rootPath.child('spec')
const statusPath = rootPath.child('status')
const FROZEN =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
const RESIZE_STATUSES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
].toSorted()

export function validateClaim({ spec = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  checkVolumeClaimSpec(errors, spec, specPath)
  return errors
}

export function validateClaimUpdate(next: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = validateClaim(next)
  checkFrozen(errors, next, old)
  checkShrinking(errors, next, old)
  checkImmutable(errors, next.spec?.volumeMode, old.spec?.volumeMode, rootPath.child('volumeMode'))
  checkAttributesClass(errors, next, old)
  return errors
}

/** The volume is named when it is bound, the class where there was none; a bound claim may ask for another size. */
function checkFrozen(errors: FieldError[], next: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const before = { ...old.spec }
  const spec = copyWithEmptied(next.spec ?? {})
  if (!before.volumeName) setOrDelete(before, 'volumeName', spec.volumeName)
  settleClass(errors, spec, next, old)
  if (next.status?.phase === 'Bound') {
    if (spec.resources?.requests !== undefined) {
      // Upstream copies what was asked for, and an absent amount as zero.
      const storage = before.resources?.requests?.['storage'] ?? '0'
      spec.resources = { ...spec.resources, requests: { ...spec.resources.requests, storage } }
    }
    setOrDelete(spec, 'volumeAttributesClassName', before.volumeAttributesClassName)
  }
  if (!semanticallyEqual(spec, before)) {
    errors.push(fieldForbidden(specPath, `${FROZEN}\n${claimSpecDifference(before, spec)}`))
  }
}

/** `spec` is changed so that it equals the old one where the class may be named: it moves out of the annotation, or comes first. */
function settleClass(
  errors: FieldError[],
  spec: PersistentVolumeClaimSpec,
  next: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): void {
  const asked = spec.storageClassName
  const before = old.spec?.storageClassName
  const oldNote = old.metadata.annotations?.[CLASS_ANNOTATION]
  const note = next.metadata.annotations?.[CLASS_ANNOTATION]
  const isNew = before === undefined && asked !== undefined
  if (isNew && oldNote !== undefined && asked === oldNote && (note === undefined || note === oldNote)) {
    delete spec.storageClassName
    return
  }
  if ((note ?? '') !== (oldNote ?? '')) {
    const path = rootPath.child('metadata', 'annotations', CLASS_ANNOTATION)
    errors.push(fieldInvalid(path, note ?? '', FIELD_IS_IMMUTABLE))
  }
  if (isNew && (oldNote === undefined || asked === oldNote)) delete spec.storageClassName
}

function setOrDelete(
  spec: PersistentVolumeClaimSpec,
  field: 'volumeName' | 'volumeAttributesClassName',
  value: string | undefined,
): void {
  if (value === undefined) delete spec[field]
  else spec[field] = value
}

function checkShrinking(errors: FieldError[], next: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const asked = quantityOf(next.spec?.resources?.requests?.['storage'] ?? '0')
  const before = quantityOf(old.spec?.resources?.requests?.['storage'] ?? '0')
  const had = quantityOf(old.status?.capacity?.['storage'] ?? '0')
  if (asked.compare(before) >= 0 || asked.compare(had) > 0) return
  errors.push(
    fieldForbidden(specPath.child('resources', 'requests', 'storage'), 'field can not be less than status.capacity'),
  )
}

/** Once a class of attributes is in force, there is one. */
function checkAttributesClass(errors: FieldError[], next: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const asked = next.spec?.volumeAttributesClassName
  if (asked || asked === old.spec?.volumeAttributesClassName) return
  if (old.status?.currentVolumeAttributesClassName === undefined) return
  const what = asked === undefined ? 'nil' : 'empty string'
  const detail = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`
  errors.push(fieldForbidden(specPath.child('volumeAttributesClassName'), detail))
}

export function validateClaimStatus({ metadata, spec = {}, status = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  if (!metadata.resourceVersion) errors.push(fieldRequired('resourceVersion', ''))
  if ((spec.accessModes ?? []).length === 0) errors.push(fieldRequired('Spec.accessModes', ''))
  for (const [name, text] of Object.entries(status.capacity ?? {}))
    checkAmount(errors, text, statusPath.child('capacity').key(name))
  const statuses = statusPath.child('allocatedResourceStatuses')
  for (const [name, value] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    checkResourceKey(errors, name, statuses)
    // Upstream shows the name, not what is wrong with it.
    if (!RESIZE_STATUSES.includes(value)) errors.push(fieldNotSupported(statuses, name, RESIZE_STATUSES))
  }
  const allocated = statusPath.child('allocatedResources')
  for (const [name, text] of Object.entries(status.allocatedResources ?? {})) {
    if (!checkResourceKey(errors, name, allocated)) continue
    if (!checkAmount(errors, text, allocated.key(name))) continue
    // What is less than a byte is rounded up above.
    if (quantityOf(text).sign < 0)
      errors.push(fieldInvalid(allocated.key(name), text, 'must be greater than or equal to 0'))
  }
  return errors
}

/** Whole bytes, not less than none. False when it is wrong. */
function checkAmount(errors: FieldError[], text: string, path: FieldPath): boolean {
  const value = quantityOf(text).value()
  if (value >= 0n) return true
  errors.push(fieldInvalid(path, Number(value), 'must be a valid resource quantity'))
  return false
}

/** Of Kubernetes' own resources, claims have storage only. False when it is wrong. */
function checkResourceKey(errors: FieldError[], name: string, path: FieldPath): boolean {
  const found = errors.length
  checkName(errors, path, name, isQualifiedName)
  if (errors.length === found && isNativeResource(name) && name !== 'storage')
    errors.push(fieldNotSupported(path, name, ['storage']))
  return errors.length === found
}
