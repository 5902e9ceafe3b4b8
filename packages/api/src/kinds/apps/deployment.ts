// Deployment: a pod template that is rolled out step by step.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { defaultPodTemplate } from '../core/pod-defaults.ts'
import { warningsForPodTemplate } from '../core/pod-warnings.ts'
import { age } from '../row.ts'
import { selectorCell } from './selector-cell.ts'
import { validateDeployment, validateDeploymentStatus, validateDeploymentUpdate } from './deployment-validation.ts'
import { containerCells, countGeneration, podNameWarnings } from './workload.ts'
import type { Deployment } from './workload-types.ts'

// The schema has checked the types of what all these functions get.
const asDeployment = (object: KubeObject): Deployment => object as Deployment

export const deploymentStrategy: KindStrategy = {
  default: (object) => defaultDeployment(asDeployment(object)),
  prepareForCreate(object) {
    object['status'] = {}
    object.metadata.generation = 1
  },
  // Annotations count too: they are copied to the replica sets.
  prepareForUpdate: (next, old) => countGeneration(next, old, true),
  prepareForStatusUpdate(next, old) {
    if (old.metadata.labels === undefined) delete next.metadata.labels
    else next.metadata.labels = old.metadata.labels
  },
  validate: (object) => validateDeployment(asDeployment(object)),
  validateUpdate: (next, old) => validateDeploymentUpdate(asDeployment(next), asDeployment(old)),
  validateStatusUpdate: (next, old) => validateDeploymentStatus(asDeployment(next), asDeployment(old)),
  warnings(next, old) {
    if (old !== undefined && next.metadata.generation === old.metadata.generation) return []
    const template = warningsForPodTemplate(asDeployment(next).spec?.template, rootPath.child('spec', 'template'))
    return old === undefined ? [...podNameWarnings(next), ...template] : template
  },
  hasStatus: true,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asDeployment(object)
    return [
      metadata.name ?? '',
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      age(object, now),
      ...containerCells(spec.template?.spec?.containers),
      selectorCell(spec.selector),
    ]
  },
}

function defaultDeployment(deployment: Deployment): void {
  const spec = (deployment.spec ??= {})
  deployment.status ??= {}
  spec.replicas ??= 1
  const strategy = (spec.strategy ??= {})
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    const rollingUpdate = (strategy.rollingUpdate ??= {})
    rollingUpdate.maxUnavailable ??= '25%'
    rollingUpdate.maxSurge ??= '25%'
  }
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  defaultPodTemplate((spec.template ??= {}))
}
