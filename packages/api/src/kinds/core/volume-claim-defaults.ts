// Defaults of a PersistentVolumeClaim's spec, on its own and inside pods and stateful sets.
import type { PersistentVolumeClaimSpec } from './pod-types.ts'
import { roundUpRequirements } from './resource-amounts.ts'

export function defaultVolumeClaimSpec(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem'
  spec.resources ??= {}
  roundUpRequirements(spec.resources)
}

/**
 * In place, for a claim on its own: dataSource is the older field. What it may not be is dropped unless the claim had a source
 * before, what fits into both is in both, and a source in another namespace is behind a feature gate that is off.
 */
export function normalizeDataSource(spec: PersistentVolumeClaimSpec, old: PersistentVolumeClaimSpec = {}): void {
  if (spec.dataSourceRef?.['namespace'] && old.dataSourceRef === undefined) delete spec.dataSourceRef
  const hadSource = old.dataSource !== undefined || old.dataSourceRef !== undefined
  if (
    !hadSource &&
    spec.dataSourceRef === undefined &&
    spec.dataSource !== undefined &&
    !isKnownSource(spec.dataSource)
  )
    delete spec.dataSource
  if (spec.dataSource !== undefined) spec.dataSourceRef ??= { ...spec.dataSource }
  else if (spec.dataSourceRef !== undefined && !spec.dataSourceRef['namespace']) {
    const { namespace: _empty, ...source } = spec.dataSourceRef
    spec.dataSource = source
  }
}

function isKnownSource({ apiGroup, kind }: Record<string, unknown>): boolean {
  if (kind === 'PersistentVolumeClaim') return !apiGroup
  return kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io'
}
