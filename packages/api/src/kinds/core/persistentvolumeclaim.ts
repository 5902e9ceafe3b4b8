// PersistentVolumeClaim: storage that a pod asks for.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import {
  CLASS_ANNOTATION,
  validateClaim,
  validateClaimStatus,
  validateClaimUpdate,
} from '../../validation/persistent-volume-claim.ts'
import { UNSET, age } from '../row.ts'
import { accessModesCell } from './access-modes.ts'
import type { PersistentVolumeClaimSpec } from './pod-types.ts'
import { roundUpAmounts } from './resource-amounts.ts'
import { defaultVolumeClaimSpec, normalizeDataSource } from './volume-claim-defaults.ts'
import type { PersistentVolumeClaim } from './volume-claim-types.ts'
import { claimSpecWarnings } from './volume-warnings.ts'

// The schema has checked the types of what all these functions get.
const asClaim = (object: KubeObject): PersistentVolumeClaim => object as PersistentVolumeClaim
const specPath = rootPath.child('spec')

export const persistentVolumeClaimStrategy: KindStrategy = {
  default(object) {
    const claim = asClaim(object)
    defaultVolumeClaimSpec((claim.spec ??= {}))
    const status = (claim.status ??= {})
    status.phase ||= 'Pending'
    roundUpAmounts(status.capacity)
    roundUpAmounts(status.allocatedResources)
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
    normalizeDataSource((asClaim(next).spec ??= {}), asClaim(old).spec)
  },
  validate: (object) => validateClaim(asClaim(object)),
  validateUpdate: (next, old) => validateClaimUpdate(asClaim(next), asClaim(old)),
  validateStatusUpdate: (next) => validateClaimStatus(asClaim(next)),
  warnings({ metadata, spec }) {
    const at = rootPath.child('metadata', 'annotations').key(CLASS_ANNOTATION)
    const advice = 'deprecated since v1.8; use "storageClassName" attribute instead'
    return [
      ...(metadata.annotations?.[CLASS_ANNOTATION] === undefined ? [] : [`${at}: ${advice}`]),
      ...claimSpecWarnings((spec as PersistentVolumeClaimSpec | undefined) ?? {}, specPath), // The schema has checked it.
    ]
  },
  hasStatus: true,
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
