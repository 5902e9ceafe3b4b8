// ReplicaSet: so many copies of a pod template.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { defaultPodTemplate } from '../core/pod-defaults.ts'
import { warningsForPodTemplate } from '../core/pod-warnings.ts'
import { age } from '../row.ts'
import { validateReplicaSet, validateReplicaSetStatus, validateReplicaSetUpdate } from './replicaset-validation.ts'
import { selectorCell } from './selector-cell.ts'
import { containerCells, countGeneration, podNameWarnings } from './workload.ts'
import type { ReplicaSet } from './workload-types.ts'

// The schema has checked the types of what all these functions get.
const asReplicaSet = (object: KubeObject): ReplicaSet => object as ReplicaSet

export const replicaSetStrategy: KindStrategy = {
  default(object) {
    const replicaSet = asReplicaSet(object)
    const spec = (replicaSet.spec ??= {})
    spec.replicas ??= 1
    defaultPodTemplate((spec.template ??= {}))
    replicaSet.status ??= {}
    replicaSet.status.replicas ??= 0
  },
  prepareForCreate(object) {
    object['status'] = { replicas: 0 }
    object.metadata.generation = 1
  },
  prepareForUpdate: (next, old) => countGeneration(next, old),
  validate: (object) => validateReplicaSet(asReplicaSet(object)),
  validateUpdate: (next, old) => validateReplicaSetUpdate(asReplicaSet(next), asReplicaSet(old)),
  validateStatusUpdate: (next) => validateReplicaSetStatus(asReplicaSet(next)),
  warnings(next, old) {
    if (old !== undefined && next.metadata.generation === old.metadata.generation) return []
    const template = warningsForPodTemplate(asReplicaSet(next).spec?.template, rootPath.child('spec', 'template'))
    return old === undefined ? [...podNameWarnings(next), ...template] : template
  },
  hasStatus: true,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asReplicaSet(object)
    return [
      metadata.name ?? '',
      spec.replicas ?? 0,
      status.replicas ?? 0,
      status.readyReplicas ?? 0,
      age(object, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector) || '<none>',
    ]
  },
}
