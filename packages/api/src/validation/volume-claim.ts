// The spec of a PersistentVolumeClaim, on its own and inside pods and stateful sets.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
  isDNS1123Subdomain,
} from '@keelson/apimachinery'
import type { PersistentVolumeClaimSpec } from '../kinds/core/pod-types.ts'
import { checkName } from './field-checks.ts'
import { checkLabelSelector } from './labels.ts'
import { quantityOf } from './resources.ts'

export const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem']

export function checkVolumeClaimSpec(errors: FieldError[], spec: PersistentVolumeClaimSpec, path: FieldPath): void {
  const { accessModes = [], selector, resources, storageClassName, volumeMode, dataSource, dataSourceRef } = spec
  const { volumeAttributesClassName } = spec
  if (accessModes.length === 0)
    errors.push(fieldRequired(path.child('accessModes'), 'at least 1 access mode is required'))
  checkLabelSelector(errors, selector, path.child('selector'))
  checkAccessModes(errors, accessModes, path)
  const storage = resources?.requests?.['storage']
  const storagePath = path.child('resources').key('storage')
  if (storage === undefined) errors.push(fieldRequired(storagePath, ''))
  else if (quantityOf(storage).sign <= 0) errors.push(fieldInvalid(storagePath, storage, 'must be greater than zero'))
  if (storageClassName) checkName(errors, path.child('storageClassName'), storageClassName, isDNS1123Subdomain)
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    errors.push(fieldNotSupported(path.child('volumeMode'), volumeMode, VOLUME_MODES))
  }
  checkDataSource(errors, dataSource, path.child('dataSource'))
  checkDataSource(errors, dataSourceRef, path.child('dataSourceRef'))
  checkSourcesMatch(errors, dataSource, dataSourceRef, path)
  if (volumeAttributesClassName)
    checkName(errors, path.child('volumeAttributesClassName'), volumeAttributesClassName, isDNS1123Subdomain)
}

/** Upstream shows an empty value: that of a path, which does not print. */
function checkSourcesMatch(
  errors: FieldError[],
  source: DataSource | undefined,
  reference: DataSource | undefined,
  path: FieldPath,
): void {
  if (source === undefined || reference === undefined) return
  if (reference['namespace'])
    errors.push(fieldInvalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (['apiGroup', 'kind', 'name'].some((field) => source[field] !== reference[field]))
    errors.push(fieldInvalid(path, {}, 'must match dataSourceRef'))
}

export function checkAccessModes(errors: FieldError[], modes: readonly string[], path: FieldPath): void {
  for (const mode of modes) {
    if (!ACCESS_MODES.includes(mode)) errors.push(fieldNotSupported(path.child('accessModes'), mode, ACCESS_MODES))
  }
  if (
    modes.includes('ReadWriteOncePod') &&
    modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode))
  ) {
    errors.push(fieldForbidden(path.child('accessModes'), 'may not use ReadWriteOncePod with other access modes'))
  }
}

type DataSource = Record<string, unknown>

function checkDataSource(errors: FieldError[], source: DataSource | undefined, path: FieldPath): void {
  if (source === undefined) return
  const { name, kind, namespace = '' } = source
  const apiGroup = source['apiGroup'] ?? ''
  if (!name) errors.push(fieldRequired(path.child('name'), ''))
  if (!kind) errors.push(fieldRequired(path.child('kind'), ''))
  if (apiGroup === '' && kind !== 'PersistentVolumeClaim') {
    errors.push(fieldInvalid(path, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  }
  if (apiGroup !== '' && typeof apiGroup === 'string')
    checkName(errors, path.child('apiGroup'), apiGroup, isDNS1123Subdomain)
  if (namespace !== '' && typeof namespace === 'string')
    checkName(errors, path.child('namespace'), namespace, isDNS1123Label)
}
