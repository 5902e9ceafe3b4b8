// PersistentVolumeClaim: storage that a pod asks for.
import { type FieldError, type KubeObject, fieldForbidden, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import { quantityOf } from '../../validation/resources.ts'
import { checkVolumeClaimSpec } from '../../validation/volume-claim.ts'
import { UNSET, age } from '../row.ts'
import { accessModesCell } from './access-modes.ts'
import type { PersistentVolumeClaimSpec, ResourceList } from './pod-types.ts'
import { claimSpecDifference } from './volume-claim-difference.ts'
import { defaultVolumeClaimSpec, normalizeDataSource } from './volume-claim-defaults.ts'
import { claimSpecWarnings } from './volume-warnings.ts'

interface PersistentVolumeClaim extends KubeObject {
  spec?: PersistentVolumeClaimSpec
  status?: { phase?: string; accessModes?: string[]; capacity?: ResourceList }
}

// The schema has checked the types of what all these functions get.
const asClaim = (object: KubeObject): PersistentVolumeClaim => object as PersistentVolumeClaim
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const specPath = rootPath.child('spec')
const FROZEN =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

export const persistentVolumeClaimStrategy: KindStrategy = {
  default(object) {
    const claim = asClaim(object)
    defaultVolumeClaimSpec((claim.spec ??= {}))
    const status = (claim.status ??= {})
    status.phase ||= 'Pending'
  },
  defaultStored(object) {
    const status = (asClaim(object).status ??= {})
    if (status.phase) return false
    status.phase = 'Pending'
    return true
  },
  prepareForCreate(object) {
    object['status'] = { phase: 'Pending' }
    normalizeDataSource((asClaim(object).spec ??= {}))
  },
  prepareForUpdate(next, old) {
    const spec = (asClaim(next).spec ??= {})
    // Any source in the older field stays when it was there.
    if (asClaim(old).spec?.dataSource === undefined) normalizeDataSource(spec)
  },
  validate: (object) => validateClaim(asClaim(object)),
  validateUpdate(next, old) {
    const errors = validateClaim(asClaim(next))
    checkFrozen(errors, asClaim(next), asClaim(old))
    return errors
  },
  warnings({ metadata, spec }, old) {
    const at = rootPath.child('metadata', 'annotations').key(CLASS_ANNOTATION)
    const isOld = old?.metadata.annotations?.[CLASS_ANNOTATION] !== undefined
    const advice = 'deprecated since v1.8; use "storageClassName" attribute instead'
    return [
      ...(metadata.annotations?.[CLASS_ANNOTATION] === undefined || isOld ? [] : [`${at}: ${advice}`]),
      ...claimSpecWarnings((spec as PersistentVolumeClaimSpec | undefined) ?? {}, specPath), // The schema has checked it.
    ]
  },
  hasStatus: true,
  selectable: ['name'],
  selectableFields: (object) => ({ name: object.metadata.name ?? '' }),
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asClaim(object)
    const isBound = Boolean(spec.volumeName)
    return [
      metadata.name ?? '',
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
      spec.volumeName ?? '',
      isBound ? (status.capacity?.['storage'] ?? '0') : '',
      isBound ? accessModesCell(status.accessModes) : '',
      metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
      spec.volumeAttributesClassName ?? UNSET,
      age(object, now),
      spec.volumeMode ?? UNSET,
    ]
  },
}

function validateClaim({ spec = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = []
  checkVolumeClaimSpec(errors, spec, specPath)
  return errors
}

/** The volume is named when it is bound, the class where there was none; a bound claim may grow, and none may shrink. */
function checkFrozen(errors: FieldError[], next: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const before = old.spec ?? {}
  const spec = { ...next.spec }
  const isBound = old.status?.phase === 'Bound'
  if (!before.volumeName) {
    delete spec.volumeName
    if (before.volumeName !== undefined) spec.volumeName = before.volumeName
  }
  if (before.storageClassName === undefined) delete spec.storageClassName
  if (isBound && before.resources?.requests !== undefined) {
    spec.resources = { ...spec.resources, requests: before.resources.requests }
  }
  if (isBound || before.volumeAttributesClassName === undefined) {
    delete spec.volumeAttributesClassName
    if (before.volumeAttributesClassName !== undefined)
      spec.volumeAttributesClassName = before.volumeAttributesClassName
  }
  if (!semanticallyEqual(spec, before)) {
    errors.push(fieldForbidden(specPath, `${FROZEN}\n${claimSpecDifference(before, spec)}`))
  }
  const asked = quantityOf(next.spec?.resources?.requests?.['storage'] ?? '0')
  const had = old.status?.capacity?.['storage']
  if (isBound && had !== undefined && asked.compare(quantityOf(had)) < 0) {
    errors.push(
      fieldForbidden(specPath.child('resources', 'requests', 'storage'), 'field can not be less than status.capacity'),
    )
  }
}
