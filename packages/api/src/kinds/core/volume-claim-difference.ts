// How a refused change of a claim's spec is shown: upstream prints its own types.
import { internalForm } from '../../validation/internal-form.ts'
import { unifiedDifference } from '../../validation/unified-difference.ts'
import type { PersistentVolumeClaimSpec } from './pod-types.ts'

export const claimSpecDifference = (old: PersistentVolumeClaimSpec, next: PersistentVolumeClaimSpec): string =>
  unifiedDifference(internalForm('PersistentVolumeClaimSpec', old), internalForm('PersistentVolumeClaimSpec', next))
