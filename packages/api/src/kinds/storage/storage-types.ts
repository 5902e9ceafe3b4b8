// The kinds of storage.k8s.io as the schema lets them be.
import type { KubeObject } from '@keelson/apimachinery'

export interface StorageClass extends KubeObject {
  provisioner?: string
  parameters?: Record<string, string>
  reclaimPolicy?: string
  volumeBindingMode?: string
  allowVolumeExpansion?: boolean
  allowedTopologies?: { matchLabelExpressions?: { key?: string; values?: string[] | null }[] }[]
}

export interface CsiDriver extends KubeObject {
  spec?: {
    attachRequired?: boolean
    podInfoOnMount?: boolean
    volumeLifecycleModes?: string[]
    storageCapacity?: boolean
    fsGroupPolicy?: string
    tokenRequests?: { audience?: string | null; expirationSeconds?: number }[]
    requiresRepublish?: boolean
    seLinuxMount?: boolean
    serviceAccountTokenInSecrets?: boolean
    nodeAllocatableUpdatePeriodSeconds?: number
  }
}
