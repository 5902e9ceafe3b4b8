// A Pod of its own: its spec, and what only real pods must be.
import { type FieldError, fieldForbidden, rootPath } from '@keelson/apimachinery'
import type { Pod } from '../kinds/core/pod-types.ts'
import { checkImageText } from './container.ts'
import { checkPodAnnotations, checkProfilesMatch } from './pod-annotations.ts'
import { checkPodSpec } from './pod-spec.ts'

const specPath = rootPath.child('spec')

export function validatePodCreate(pod: Pod): FieldError[] {
  const errors = validatePod(pod)
  const { spec, metadata } = pod
  if ((spec.ephemeralContainers ?? []).length > 0) {
    errors.push(fieldForbidden(specPath.child('ephemeralContainers'), 'cannot be set on create'))
  }
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0) {
    errors.push(fieldForbidden(specPath.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'))
  }
  checkProfilesMatch(errors, metadata.annotations, spec, specPath)
  return errors
}

/** What holds on create and on update. */
export function validatePod({ metadata, spec }: Pod): FieldError[] {
  const errors: FieldError[] = []
  checkPodAnnotations(errors, metadata.annotations, spec, rootPath.child('metadata', 'annotations'))
  checkPodSpec(errors, spec, specPath, { podName: metadata.name, isPod: true })
  if (!spec.serviceAccountName) checkNoTokens(errors, { spec })
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      if (container.image?.trim() !== container.image)
        checkImageText(errors, container, specPath.child(list).index(index))
    }
  }
  return errors
}

function checkNoTokens(errors: FieldError[], { spec }: Pick<Pod, 'spec'>): void {
  for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
    for (const [sourceIndex, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
      if (serviceAccountToken === undefined) continue
      const at = specPath
        .child('volumes')
        .index(index)
        .child('projected', 'sources')
        .index(sourceIndex)
        .child('serviceAccountToken')
      errors.push(fieldForbidden(at, 'must not be specified when serviceAccountName is not set'))
    }
  }
}
