// The kinds of storage.k8s.io: classes, drivers and attachments.
import { type FieldError, type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkImmutable } from '../../validation/field-checks.ts'
import { validateCsiDriver, validateStorageClass } from '../../validation/storage.ts'
import { deprecatedLabelMessage } from '../core/node-labels.ts'
import { NONE, UNSET, age } from '../row.ts'
import type { CsiDriver, StorageClass } from './storage-types.ts'

interface CsiNode extends KubeObject {
  spec?: { drivers?: unknown[] | null }
}

interface VolumeAttachment extends KubeObject {
  spec?: { attacher?: string; nodeName?: string; source?: { persistentVolumeName?: string } }
  status?: { attached?: boolean }
}

interface VolumeAttributesClass extends KubeObject {
  driverName?: string
}

// The schema has checked the types of what all these functions get.
const asClass = (object: KubeObject): StorageClass => object as StorageClass
const asDriver = (object: KubeObject): CsiDriver => object as CsiDriver
const asAttachment = (object: KubeObject): VolumeAttachment => object as VolumeAttachment
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]
const TOKENS_IN_ATTRIBUTES =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'
const FROZEN = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const

export const storageClassStrategy: KindStrategy = {
  default(object) {
    asClass(object).reclaimPolicy ??= 'Delete'
    asClass(object).volumeBindingMode ??= 'Immediate'
  },
  validate: (object) => validateStorageClass(asClass(object)),
  validateUpdate(next, old) {
    const errors: FieldError[] = validateStorageClass(asClass(next))
    for (const field of FROZEN) checkImmutable(errors, asClass(next)[field], asClass(old)[field], rootPath.child(field))
    return errors
  },
  warnings: (next) =>
    (asClass(next).allowedTopologies ?? []).flatMap(({ matchLabelExpressions = [] }, index) =>
      matchLabelExpressions.flatMap(({ key = '' }, at) => {
        const message = deprecatedLabelMessage(key)
        const path = rootPath.child('allowedTopologies').index(index).child('matchLabelExpressions').index(at)
        return message === undefined ? [] : [`${path.child('key')}: ${message}`]
      }),
    ),
  row(object, now) {
    const { metadata, provisioner = '', reclaimPolicy, volumeBindingMode, allowVolumeExpansion } = asClass(object)
    const isDefault = DEFAULT_CLASS.some((annotation) => metadata.annotations?.[annotation] === 'true')
    return [
      `${metadata.name ?? ''}${isDefault ? ' (default)' : ''}`,
      provisioner,
      reclaimPolicy ?? 'Delete',
      volumeBindingMode ?? 'Immediate',
      allowVolumeExpansion ?? false,
      age(object, now),
    ]
  },
}

export const csiDriverStrategy: KindStrategy = {
  default(object) {
    const spec = (asDriver(object).spec ??= {})
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  validate: (object) => validateCsiDriver(asDriver(object)),
  warnings(next) {
    const { tokenRequests = [], serviceAccountTokenInSecrets } = asDriver(next).spec ?? {}
    return tokenRequests.length > 0 && serviceAccountTokenInSecrets === undefined ? [TOKENS_IN_ATTRIBUTES] : []
  },
  allowUnconditionalUpdate: false,
  row(object, now) {
    const { metadata, spec = {} } = asDriver(object)
    return [
      metadata.name ?? '',
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      spec.tokenRequests === undefined ? UNSET : spec.tokenRequests.map(({ audience = '' }) => audience).join(','),
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(',') || NONE,
      age(object, now),
    ]
  },
}

export const csiNodeStrategy: KindStrategy = {
  allowUnconditionalUpdate: false,
  row: (object, now) => [object.metadata.name ?? '', (object as CsiNode).spec?.drivers?.length ?? 0, age(object, now)], // As above.
}

export const csiStorageCapacityStrategy: KindStrategy = { allowUnconditionalUpdate: false }

export const volumeAttachmentStrategy: KindStrategy = {
  prepareForCreate(object) {
    object['status'] = { attached: false }
  },
  hasStatus: true,
  allowUnconditionalUpdate: false,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asAttachment(object)
    return [
      metadata.name ?? '',
      spec.attacher ?? '',
      spec.source?.persistentVolumeName ?? '',
      spec.nodeName ?? '',
      status.attached ?? false,
      age(object, now),
    ]
  },
}

export const volumeAttributesClassStrategy: KindStrategy = {
  row: (object, now) => [
    object.metadata.name ?? '',
    (object as VolumeAttributesClass).driverName ?? '',
    age(object, now),
  ], // As above.
}
