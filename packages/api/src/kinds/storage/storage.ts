// StorageClass and VolumeAttributesClass: what storage is made of, and what can be changed of it later.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import {
  validateStorageClass,
  validateStorageClassUpdate,
  validateVolumeAttributesClass,
  validateVolumeAttributesClassUpdate,
} from '../../validation/storage.ts'
import { deprecatedLabelMessage } from '../core/node-labels.ts'
import { age } from '../row.ts'
import type { StorageClass, VolumeAttributesClass } from './storage-types.ts'

// The schema has checked the types of what all these functions get.
const asClass = (object: KubeObject): StorageClass => object as StorageClass
const asAttributes = (object: KubeObject): VolumeAttributesClass => object as VolumeAttributesClass
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export const storageClassStrategy: KindStrategy = {
  default(object) {
    asClass(object).reclaimPolicy ??= 'Delete'
    asClass(object).volumeBindingMode ??= 'Immediate'
  },
  validate: (object) => validateStorageClass(asClass(object)),
  validateUpdate: (next, old) => validateStorageClassUpdate(asClass(next), asClass(old)),
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

export const volumeAttributesClassStrategy: KindStrategy = {
  validate: (object) => validateVolumeAttributesClass(asAttributes(object)),
  validateUpdate: (next, old) => validateVolumeAttributesClassUpdate(asAttributes(next), asAttributes(old)),
  row: (object, now) => [object.metadata.name ?? '', asAttributes(object).driverName ?? '', age(object, now)],
}
