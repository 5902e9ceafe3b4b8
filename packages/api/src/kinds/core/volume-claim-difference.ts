// How a refused change of a claim's spec is shown: upstream prints its own types, absent fields as null.
import { unifiedDifference } from '../../validation/unified-difference.ts'
import type { PersistentVolumeClaimSpec } from './pod-types.ts'

export const claimSpecDifference = (old: PersistentVolumeClaimSpec, next: PersistentVolumeClaimSpec): string =>
  unifiedDifference(internalForm(old), internalForm(next))

function internalForm(spec: PersistentVolumeClaimSpec): Record<string, unknown> {
  const { dataSource, dataSourceRef } = spec
  return {
    AccessModes: spec.accessModes ?? null,
    Selector: spec.selector ?? null,
    Resources: { Limits: spec.resources?.limits ?? null, Requests: spec.resources?.requests ?? null },
    VolumeName: spec.volumeName ?? '',
    StorageClassName: spec.storageClassName ?? null,
    VolumeMode: spec.volumeMode ?? null,
    DataSource:
      dataSource === undefined
        ? null
        : {
            APIGroup: dataSource['apiGroup'] ?? null,
            Kind: dataSource['kind'] ?? '',
            Name: dataSource['name'] ?? '',
          },
    DataSourceRef:
      dataSourceRef === undefined
        ? null
        : {
            APIGroup: dataSourceRef['apiGroup'] ?? null,
            Kind: dataSourceRef['kind'] ?? '',
            Name: dataSourceRef['name'] ?? '',
            Namespace: dataSourceRef['namespace'] ?? null,
          },
    VolumeAttributesClassName: spec.volumeAttributesClassName ?? null,
  }
}
