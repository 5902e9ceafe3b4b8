// PodTemplate: a template on its own.
import { type KubeObject, rootPath } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { checkPodTemplate } from '../../validation/pod-template.ts'
import { containerCells } from '../apps/workload.ts'
import { formatLabels } from '../row.ts'
import { defaultPodTemplate } from './pod-defaults.ts'
import type { PodTemplateSpec } from './pod-types.ts'
import { warningsForPodTemplate } from './pod-warnings.ts'

interface PodTemplate extends KubeObject {
  template?: PodTemplateSpec
}

// The schema has checked the types of what all these functions get.
const asTemplate = (object: KubeObject): PodTemplate => object as PodTemplate

export const podTemplateStrategy: KindStrategy = {
  default: (object) => defaultPodTemplate((asTemplate(object).template ??= {})),
  validate(object) {
    const errors: ReturnType<NonNullable<KindStrategy['validate']>> = []
    checkPodTemplate(errors, asTemplate(object).template ?? {}, rootPath.child('template'))
    return errors
  },
  warnings: (next, old) =>
    old !== undefined && next.metadata.generation === old.metadata.generation
      ? []
      : warningsForPodTemplate(asTemplate(next).template, rootPath.child('template')),
  hasGeneration: true,
  row(object) {
    const { metadata, template } = asTemplate(object)
    return [
      metadata.name ?? '',
      ...containerCells(template?.spec?.containers),
      formatLabels(template?.metadata?.labels),
    ]
  },
}
