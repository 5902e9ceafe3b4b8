// VolumeAttachment: that a volume shall be, and is, attached to a node.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { validateVolumeAttachment, validateVolumeAttachmentUpdate } from '../../validation/volume-attachment.ts'
import { defaultVolumeSource } from '../core/persistentvolume.ts'
import { age } from '../row.ts'
import { keepMetadata } from '../status-metadata.ts'
import type { VolumeAttachment } from './storage-types.ts'

// The schema has checked the types of what all these functions get.
const asAttachment = (object: KubeObject): VolumeAttachment => object as VolumeAttachment

export const volumeAttachmentStrategy: KindStrategy = {
  default(object) {
    const volume = asAttachment(object).spec?.source?.inlineVolumeSpec
    if (volume !== undefined) defaultVolumeSource(volume)
  },
  prepareForCreate(object) {
    object['status'] = { attached: false }
  },
  prepareForStatusUpdate: keepMetadata,
  validate: (object) => validateVolumeAttachment(asAttachment(object)),
  validateUpdate: (next, old) => validateVolumeAttachmentUpdate(asAttachment(next), asAttachment(old)),
  validateStatusUpdate: (next, old) => validateVolumeAttachmentUpdate(asAttachment(next), asAttachment(old)),
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
