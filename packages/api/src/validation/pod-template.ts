// A pod template inside another kind.
import { type FieldError, type FieldPath, fieldForbidden } from '@keelson/apimachinery'
import type { PodTemplateSpec } from '../kinds/core/pod-types.ts'
import { checkAnnotations, checkLabels } from './labels.ts'
import { checkPodAnnotations, checkProfilesMatch } from './pod-annotations.ts'
import { checkPodSpec } from './pod-spec.ts'

export function checkPodTemplate(
  errors: FieldError[],
  { metadata = {}, spec = {} }: PodTemplateSpec,
  path: FieldPath,
): void {
  // Upstream's paths leave `metadata` out here.
  checkLabels(errors, metadata.labels, path.child('labels'))
  checkAnnotations(errors, metadata.annotations, path.child('annotations'))
  checkPodAnnotations(errors, metadata.annotations, spec, path.child('annotations'))
  checkPodSpec(errors, spec, path.child('spec'), { podName: undefined, isPod: false })
  checkProfilesMatch(errors, metadata.annotations, spec, path.child('spec'))
  if ((spec.ephemeralContainers ?? []).length > 0) {
    errors.push(
      fieldForbidden(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template'),
    )
  }
}
