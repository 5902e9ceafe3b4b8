// Defaults of a PersistentVolumeClaim's spec, on its own and inside pods and stateful sets.
import type { PersistentVolumeClaimSpec } from './pod-types.ts'

export function defaultVolumeClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
  spec.resources ??= {}
  // dataSource is the older field: what fits into both is in both.
  if (spec.dataSource !== undefined && spec.dataSourceRef === undefined) spec.dataSourceRef = { ...spec.dataSource }
  else if (spec.dataSourceRef !== undefined && spec.dataSource === undefined && fitsDataSource(spec.dataSourceRef)) {
    spec.dataSource = { ...spec.dataSourceRef }
  }
}

function fitsDataSource({ apiGroup, kind, namespace }: Record<string, unknown>): boolean {
  if (namespace !== undefined) return false
  if (kind === 'PersistentVolumeClaim') return apiGroup === undefined || apiGroup === ''
  return kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io'
}
