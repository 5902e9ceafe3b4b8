// ReplicationController: the ReplicaSet of the first years, with a plain map as its selector.
import { type FieldError, type KubeObject, fieldRequired, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkNotNegative } from '../../validation/field-checks.ts'
import { checkCounts, checkSelected, checkTemplateOfCopies } from '../apps/replicaset-validation.ts'
import { containerCells, countGeneration, podNameWarnings } from '../apps/workload.ts'
import { age, formatLabels } from '../row.ts'
import { defaultPodTemplate } from './pod-defaults.ts'
import type { PodTemplateSpec } from './pod-types.ts'
import { warningsForPodTemplate } from './pod-warnings.ts'

interface ReplicationController extends KubeObject {
  spec?: { replicas?: number; minReadySeconds?: number; selector?: Record<string, string>; template?: PodTemplateSpec }
  status?: {
    replicas?: number
    readyReplicas?: number
    availableReplicas?: number
    fullyLabeledReplicas?: number
    observedGeneration?: number
  }
}

// The schema has checked the types of what all these functions get.
const asController = (object: KubeObject): ReplicationController => object as ReplicationController
const specPath = rootPath.child('spec')

export const replicationControllerStrategy: KindStrategy = {
  default(object) {
    const spec = (asController(object).spec ??= {})
    spec.replicas ??= 1
    const labels = spec.template?.metadata?.labels
    if (labels !== undefined) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
      if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels }
    }
    if (spec.template !== undefined) defaultPodTemplate(spec.template)
  },
  prepareForCreate(object) {
    object['status'] = { replicas: 0 }
    object.metadata.generation = 1
  },
  prepareForUpdate: (next, old) => countGeneration(next, old),
  validate: (object) => validateController(asController(object)),
  validateStatusUpdate(next) {
    const errors: FieldError[] = []
    const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const
    checkCounts(errors, asController(next).status ?? {}, ['replicas', ...parts, 'observedGeneration'], parts)
    return errors
  },
  warnings(next, old) {
    if (old !== undefined && next.metadata.generation === old.metadata.generation) return []
    // Of a change, upstream warns about what was there before.
    const template = warningsForPodTemplate(asController(old ?? next).spec?.template, specPath.child('template'))
    return old === undefined ? [...podNameWarnings(next), ...template] : template
  },
  hasStatus: true,
  selectable: ['status.replicas'],
  selectableFields: (object) => ({ 'status.replicas': String(asController(object).status?.replicas ?? 0) }),
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asController(object)
    return [
      metadata.name ?? '',
      spec.replicas ?? 0,
      status.replicas ?? 0,
      status.readyReplicas ?? 0,
      age(object, now),
      ...containerCells(spec.template?.spec?.containers),
      formatLabels(spec.selector),
    ]
  },
}

function validateController({ spec = {} }: ReplicationController): FieldError[] {
  const errors: FieldError[] = []
  const { selector = {}, template } = spec
  checkNotNegative(errors, spec.minReadySeconds, specPath, 'minReadySeconds')
  const isEmpty = Object.keys(selector).length === 0
  if (isEmpty) errors.push(fieldRequired(specPath.child('selector'), ''))
  checkNotNegative(errors, spec.replicas, specPath, 'replicas')
  const path = specPath.child('template')
  if (template === undefined) {
    errors.push(fieldRequired(path, ''))
    return errors
  }
  if (!isEmpty) checkSelected(errors, { matchLabels: selector }, template, path)
  checkTemplateOfCopies(errors, template, path, 'ReplicationController')
  return errors
}
