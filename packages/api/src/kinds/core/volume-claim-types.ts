// PersistentVolumeClaim as the schema lets it be.
import type { KubeObject } from '@keelson/apimachinery'
import type { PersistentVolumeClaimSpec, ResourceList } from './pod-types.ts'

export interface PersistentVolumeClaim extends KubeObject {
  spec?: PersistentVolumeClaimSpec
  status?: {
    phase?: string
    accessModes?: string[]
    capacity?: ResourceList
    allocatedResources?: ResourceList
    allocatedResourceStatuses?: Record<string, string>
    currentVolumeAttributesClassName?: string
  }
}
