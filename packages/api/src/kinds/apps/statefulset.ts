// StatefulSet: pods with names and volumes of their own.
import {
  type FieldError,
  type KubeObject,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
  nameIsDNSLabel,
  rootPath,
} from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkName, checkNotNegative, semanticallyEqual } from '../../validation/field-checks.ts'
import {
  checkAnnotations,
  checkLabelSelector,
  checkLabels,
  isEmptySelector,
  isUsableSelector,
} from '../../validation/labels.ts'
import { checkVolumeClaimSpec } from '../../validation/volume-claim.ts'
import { defaultPodTemplate } from '../core/pod-defaults.ts'
import type { LabelSelectorObject, PersistentVolumeClaimSpec, PodTemplateSpec } from '../core/pod-types.ts'
import { warningsForPodTemplate } from '../core/pod-warnings.ts'
import { defaultVolumeClaimSpec } from '../core/volume-claim-defaults.ts'
import { claimSpecWarnings } from '../core/volume-warnings.ts'
import { age } from '../row.ts'
import { checkCounts, checkSelected, checkTemplateOfCopies } from './replicaset-validation.ts'
import { containerCells, countGeneration, podNameWarnings } from './workload.ts'
import type { IntOrString } from './workload-types.ts'

interface StatefulSet extends KubeObject {
  spec?: {
    replicas?: number
    selector?: LabelSelectorObject | null
    template?: PodTemplateSpec
    volumeClaimTemplates?: (Partial<KubeObject> & { spec?: PersistentVolumeClaimSpec; status?: { phase?: string } })[]
    serviceName?: string
    podManagementPolicy?: string
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number; maxUnavailable?: IntOrString } }
    revisionHistoryLimit?: number
    minReadySeconds?: number
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string }
    ordinals?: { start?: number }
  }
  status?: {
    replicas?: number
    readyReplicas?: number
    availableReplicas?: number
    currentReplicas?: number
    updatedReplicas?: number
    observedGeneration?: number
    collisionCount?: number
  }
}

// The schema has checked the types of what all these functions get.
const asStatefulSet = (object: KubeObject): StatefulSet => object as StatefulSet
const specPath = rootPath.child('spec')
const MUTABLE = [
  'replicas',
  'template',
  'updateStrategy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
] as const
const FROZEN =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

export const statefulSetStrategy: KindStrategy = {
  default: (object) => defaultStatefulSet(asStatefulSet(object)),
  prepareForCreate(object) {
    object['status'] = { replicas: 0, availableReplicas: 0 }
    object.metadata.generation = 1
  },
  prepareForUpdate: (next, old) => countGeneration(next, old),
  validate: (object) => validateStatefulSet(asStatefulSet(object), true),
  validateUpdate(next, old) {
    const errors = validateStatefulSet(asStatefulSet(next), false)
    const spec = { ...asStatefulSet(next).spec }
    const before = { ...asStatefulSet(old).spec }
    for (const field of MUTABLE) {
      delete spec[field]
      delete before[field]
    }
    if (!semanticallyEqual(spec, before)) errors.push(fieldForbidden('spec', FROZEN))
    return errors
  },
  validateStatusUpdate(next) {
    const errors: FieldError[] = []
    const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const
    const { status = {} } = asStatefulSet(next)
    checkCounts(
      errors,
      status,
      [...counts, 'observedGeneration', 'collisionCount'],
      counts.slice(1),
      'status.readyReplicas',
    )
    return errors
  },
  warnings(next, old) {
    if (old !== undefined && next.metadata.generation === old.metadata.generation) return []
    const { template, volumeClaimTemplates = [] } = asStatefulSet(next).spec ?? {}
    return [
      ...(old === undefined ? podNameWarnings(next) : []),
      ...warningsForPodTemplate(template, specPath.child('template')),
      ...volumeClaimTemplates.flatMap(({ spec = {} }, index) =>
        claimSpecWarnings(spec, specPath.child('volumeClaimTemplates').index(index)),
      ),
    ]
  },
  hasStatus: true,
  validateName: nameIsDNSLabel,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = asStatefulSet(object)
    const ready = `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`
    return [metadata.name ?? '', ready, age(object, now), ...containerCells(spec.template?.spec?.containers)]
  },
}

function defaultStatefulSet(statefulSet: StatefulSet): void {
  const spec = (statefulSet.spec ??= {})
  spec.podManagementPolicy ||= 'OrderedReady'
  const strategy = (spec.updateStrategy ??= {})
  if (!strategy.type) {
    strategy.type = 'RollingUpdate'
    strategy.rollingUpdate ??= {}
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate !== undefined) strategy.rollingUpdate.partition ??= 0
  // Behind a feature gate that is off.
  delete strategy.rollingUpdate?.maxUnavailable
  const policy = (spec.persistentVolumeClaimRetentionPolicy ??= {})
  policy.whenDeleted ||= 'Retain'
  policy.whenScaled ||= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  defaultPodTemplate((spec.template ??= {}))
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.kind = 'PersistentVolumeClaim'
    claim.apiVersion = 'v1'
    defaultVolumeClaimSpec((claim.spec ??= {}))
    const status = (claim.status ??= {})
    status.phase ||= 'Pending'
  }
}

function validateStatefulSet({ spec = {} }: StatefulSet, isNew: boolean): FieldError[] {
  const errors: FieldError[] = []
  const { podManagementPolicy = '', serviceName, selector, template = {}, volumeClaimTemplates = [] } = spec
  if (podManagementPolicy === '') errors.push(fieldRequired(specPath.child('podManagementPolicy'), ''))
  else if (!['OrderedReady', 'Parallel'].includes(podManagementPolicy)) {
    const detail = "must be 'OrderedReady' or 'Parallel'"
    errors.push(fieldInvalid(specPath.child('podManagementPolicy'), podManagementPolicy, detail))
  }
  checkUpdateStrategy(errors, spec.updateStrategy ?? {})
  for (const name of ['whenDeleted', 'whenScaled'] as const) {
    const policy = spec.persistentVolumeClaimRetentionPolicy?.[name] ?? ''
    if (['Retain', 'Delete'].includes(policy)) continue
    errors.push(
      fieldNotSupported(specPath.child('persistentVolumeClaimRetentionPolicy', name), policy, ['Retain', 'Delete']),
    )
  }
  if (isNew) {
    for (const [index, claim] of volumeClaimTemplates.entries()) {
      checkVolumeClaimSpec(errors, claim.spec ?? {}, specPath.child('volumeClaimTemplates').index(index).child('spec'))
    }
  }
  checkNotNegative(errors, spec.replicas, specPath, 'replicas')
  checkNotNegative(errors, spec.minReadySeconds, specPath, 'minReadySeconds')
  checkNotNegative(errors, spec.ordinals?.start, specPath.child('ordinals'), 'start')
  if (isNew && serviceName) checkName(errors, specPath.child('serviceName'), serviceName, isDNS1123Label)
  const path = specPath.child('selector')
  if (selector === undefined || selector === null) errors.push(fieldRequired(path, ''))
  else {
    checkLabelSelector(errors, selector, path)
    if (isEmptySelector(selector))
      errors.push(fieldInvalid(path, selector, 'empty selector is invalid for statefulset'))
    if (!isUsableSelector(selector)) {
      errors.push(fieldInvalid(path, selector, ''))
      return errors
    }
  }
  const ownTemplate = withClaims(template, volumeClaimTemplates)
  const templatePath = specPath.child('template')
  // No selector selects nothing; an empty one has been refused.
  if (!selector || !isEmptySelector(selector)) checkSelected(errors, selector, ownTemplate, templatePath)
  checkTemplateOfCopies(errors, ownTemplate, templatePath, 'StatefulSet')
  // Said again, as upstream does.
  checkLabels(errors, template.metadata?.labels, templatePath.child('labels'))
  checkAnnotations(errors, template.metadata?.annotations, templatePath.child('annotations'))
  return errors
}

/** The template as its pods will have it: with the volumes of the claims, without names that the controller gives. */
function withClaims(template: PodTemplateSpec, claims: readonly Partial<KubeObject>[]): PodTemplateSpec {
  if (template.spec === undefined) return template
  const { subdomain: _subdomain, hostname: _hostname, ...spec } = template.spec
  const names = [...new Set(claims.map(({ metadata }) => metadata?.name ?? ''))]
  if (names.length > 0) {
    const volumes = (spec.volumes ?? []).filter(({ name = '' }) => !names.includes(name))
    spec.volumes = [...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })), ...volumes]
  }
  return { ...template, spec }
}

type UpdateStrategy = NonNullable<NonNullable<StatefulSet['spec']>['updateStrategy']>

function checkUpdateStrategy(errors: FieldError[], { type = '', rollingUpdate }: UpdateStrategy): void {
  const path = specPath.child('updateStrategy')
  // Upstream shows its own types.
  const shown =
    rollingUpdate === undefined
      ? null
      : { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null }
  switch (type) {
    case '':
      errors.push(fieldRequired(path, ''))
      return
    case 'OnDelete':
      if (rollingUpdate !== undefined) {
        errors.push(fieldInvalid(path.child('rollingUpdate'), shown, "only allowed for updateStrategy 'RollingUpdate'"))
      }
      return
    case 'RollingUpdate':
      checkNotNegative(errors, rollingUpdate?.partition, path.child('rollingUpdate'), 'partition')
      return
    default:
      errors.push(fieldInvalid(path, { Type: type, RollingUpdate: shown }, "must be 'RollingUpdate' or 'OnDelete'"))
  }
}
