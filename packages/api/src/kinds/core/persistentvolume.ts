// PersistentVolume: storage of the cluster, for one claim at a time.
import { type KubeObject, append, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { validatePersistentVolume, validatePersistentVolumeUpdate } from '../../validation/persistent-volume.ts'
import { UNSET, age } from '../row.ts'
import { accessModesCell } from './access-modes.ts'
import { nodeSelectorTermWarnings } from './node-labels.ts'
import { defaultRemoteVolume } from './pod-defaults.ts'
import { roundUpAmounts } from './resource-amounts.ts'
import type { NodeSelector, ResourceList } from './pod-types.ts'
import { sourceWarnings } from './volume-warnings.ts'

export interface PersistentVolume extends KubeObject {
  spec?: {
    capacity?: ResourceList
    accessModes?: string[]
    claimRef?: { namespace?: string; name?: string; uid?: string }
    persistentVolumeReclaimPolicy?: string
    storageClassName?: string
    volumeMode?: string
    nodeAffinity?: { required?: NodeSelector }
    volumeAttributesClassName?: string
    hostPath?: { path?: string; type?: string }
    csi?: Record<string, unknown>
    iscsi?: { iscsiInterface?: string }
    [source: string]: unknown
  }
  status?: { phase?: string; reason?: string; message?: string; lastPhaseTransitionTime?: string }
}

// The schema has checked the types of what all these functions get.
const asVolume = (object: KubeObject): PersistentVolume => object as PersistentVolume
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const DEPRECATED_ANNOTATIONS = {
  [CLASS_ANNOTATION]: 'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
}
// Upstream says nothing about these here.
const UNSAID = ['flocker', 'quobyte']
const RECYCLE =
  'The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'
const specPath = rootPath.child('spec')

export const persistentVolumeStrategy: KindStrategy = {
  default(object) {
    const volume = asVolume(object)
    const spec = (volume.spec ??= {})
    const status = (volume.status ??= {})
    status.phase ||= 'Pending'
    spec.persistentVolumeReclaimPolicy ||= 'Retain'
    spec.volumeMode ??= 'Filesystem'
    roundUpAmounts(spec.capacity)
    defaultVolumeSource(spec)
  },
  prepareForCreate(object, { now }) {
    object['status'] = { phase: 'Pending', lastPhaseTransitionTime: `${now.toISOString().slice(0, 19)}Z` }
  },
  prepareForStatusUpdate(next, old, { now }) {
    const status = (asVolume(next).status ??= {})
    const before = asVolume(old).status ?? {}
    const time = status.lastPhaseTransitionTime
    if (status.phase === before.phase) {
      if (time === undefined && before.lastPhaseTransitionTime !== undefined)
        status.lastPhaseTransitionTime = before.lastPhaseTransitionTime
    } else if (time === undefined || time === before.lastPhaseTransitionTime) {
      // A phase that changes without a time gets this one.
      status.lastPhaseTransitionTime = `${now.toISOString().slice(0, 19)}Z`
    }
  },
  validate: (object) => validatePersistentVolume(asVolume(object)),
  validateUpdate: (next, old) => validatePersistentVolumeUpdate(asVolume(next), asVolume(old)),
  warnings: (next) => warningsFor(asVolume(next)),
  hasStatus: true,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asVolume(object)
    return [
      metadata.name ?? '',
      spec.capacity?.['storage'] ?? '0',
      accessModesCell(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp === undefined ? (status.phase ?? '') : 'Terminating',
      spec.claimRef === undefined ? '' : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`,
      metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
      spec.volumeAttributesClassName ?? UNSET,
      status.reason ?? '',
      age(object, now),
      spec.volumeMode ?? UNSET,
    ]
  },
}

/** Also of a volume that stands in an attachment. */
export function defaultVolumeSource(spec: NonNullable<PersistentVolume['spec']>): void {
  if (spec.hostPath !== undefined) spec.hostPath.type ??= ''
  defaultRemoteVolume(spec)
}

function warningsFor({ metadata, spec = {} }: PersistentVolume): string[] {
  const warnings: string[] = []
  for (const [key, advice] of Object.entries(DEPRECATED_ANNOTATIONS)) {
    if (metadata.annotations?.[key] === undefined) continue
    warnings.push(`${rootPath.child('metadata', 'annotations').key(key)}: ${advice}`)
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    warnings.push(`${specPath.child('persistentVolumeReclaimPolicy')}: ${RECYCLE}`)
  }
  const termsPath = specPath.child('nodeAffinity', 'required', 'nodeSelectorTerms')
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    append(warnings, nodeSelectorTermWarnings(term, termsPath.index(index)))
  }
  return [...warnings, ...sourceWarnings(spec, specPath, UNSAID)]
}
