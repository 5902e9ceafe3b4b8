// CSIDriver, CSINode and CSIStorageCapacity: drivers of the Container Storage Interface, where they run and what they have left.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import {
  validateCsiDriver,
  validateCsiDriverUpdate,
  validateCsiNode,
  validateCsiNodeUpdate,
  validateCsiStorageCapacity,
  validateCsiStorageCapacityUpdate,
} from '../../validation/csi.ts'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import { labelSelectorWarnings } from '../core/node-labels.ts'
import { NONE, UNSET, age } from '../row.ts'
import type { CsiDriver, CsiNode, CsiStorageCapacity } from './storage-types.ts'

// The schema has checked the types of what all these functions get.
const asDriver = (object: KubeObject): CsiDriver => object as CsiDriver
const asNode = (object: KubeObject): CsiNode => object as CsiNode
const asCapacity = (object: KubeObject): CsiStorageCapacity => object as CsiStorageCapacity
const TOKENS_IN_ATTRIBUTES =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

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
  // Its feature is off.
  prepareForCreate: (object) => void delete asDriver(object).spec?.preventPodSchedulingIfMissing,
  /** Its first generation is none. */
  prepareForUpdate(next, old) {
    if (asDriver(old).spec?.preventPodSchedulingIfMissing === undefined)
      delete asDriver(next).spec?.preventPodSchedulingIfMissing
    if (!semanticallyEqual(next['spec'], old['spec'])) next.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  validate: (object) => validateCsiDriver(asDriver(object)),
  validateUpdate: (next, old) => validateCsiDriverUpdate(asDriver(next), asDriver(old)),
  warnings(next, old) {
    const { tokenRequests = [], serviceAccountTokenInSecrets } = asDriver(next).spec ?? {}
    if (tokenRequests.length === 0 || serviceAccountTokenInSecrets !== undefined) return []
    if (old !== undefined && semanticallyEqual(tokenRequests, asDriver(old).spec?.tokenRequests)) return []
    return [TOKENS_IN_ATTRIBUTES]
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
  validate: (object) => validateCsiNode(asNode(object)),
  validateUpdate: (next, old) => validateCsiNodeUpdate(asNode(next), asNode(old)),
  allowUnconditionalUpdate: false,
  row: (object, now) => [object.metadata.name ?? '', asNode(object).spec?.drivers?.length ?? 0, age(object, now)],
}

export const csiStorageCapacityStrategy: KindStrategy = {
  validate: (object) => validateCsiStorageCapacity(asCapacity(object)),
  validateUpdate: (next, old) => validateCsiStorageCapacityUpdate(asCapacity(next), asCapacity(old)),
  warnings: (next) => labelSelectorWarnings(asCapacity(next).nodeTopology, rootPath.child('nodeTopology')),
  allowUnconditionalUpdate: false,
}
