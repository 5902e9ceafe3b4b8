// The kinds of storage.k8s.io as the schema lets them be.
import type { KubeObject } from '@keelson/apimachinery'
import type { PersistentVolume } from '../core/persistentvolume.ts'
import type { LabelSelectorObject } from '../core/pod-types.ts'

export interface TopologyTerm {
  matchLabelExpressions?: { key?: string; values?: string[] | null }[]
}

export interface StorageClass extends KubeObject {
  provisioner?: string
  parameters?: Record<string, string>
  reclaimPolicy?: string
  volumeBindingMode?: string
  allowVolumeExpansion?: boolean
  allowedTopologies?: TopologyTerm[]
}

export interface VolumeAttributesClass extends KubeObject {
  driverName?: string
  parameters?: Record<string, string>
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
    preventPodSchedulingIfMissing?: boolean
  }
}

export interface CsiNodeDriver {
  name?: string
  nodeID?: string
  topologyKeys?: string[] | null
  allocatable?: { count?: number }
}

export interface CsiNode extends KubeObject {
  spec?: { drivers?: CsiNodeDriver[] | null }
}

export interface CsiStorageCapacity extends KubeObject {
  nodeTopology?: LabelSelectorObject
  storageClassName?: string | null
  capacity?: string
}

export interface VolumeError {
  message?: string
  errorCode?: number
}

export interface VolumeAttachment extends KubeObject {
  spec?: {
    attacher?: string | null
    nodeName?: string | null
    source?: { persistentVolumeName?: string; inlineVolumeSpec?: NonNullable<PersistentVolume['spec']> }
  }
  status?: {
    attached?: boolean
    attachmentMetadata?: Record<string, string>
    attachError?: VolumeError
    detachError?: VolumeError
  }
}
