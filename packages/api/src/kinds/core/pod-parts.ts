// The parts of a pod that have subresources of their own: containers that are added to a pod that runs (`kubectl debug`), and
// what its containers ask for (`kubectl patch --subresource resize`). Whatever else a client sends is dropped.
import type { FieldError, KubeObject } from '@keelson/apimachinery'
import { cloneDecoded } from '../../schema/emptied.ts'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import { validateEphemeralContainersUpdate } from '../../validation/pod-ephemeral-containers.ts'
import { validatePodResize } from '../../validation/pod-resize.ts'
import { keepMetadata } from '../status-metadata.ts'
import { defaultPod } from './pod-defaults.ts'
import type { Container, Pod } from './pod-types.ts'

export interface PodPart {
  /** The pod to be stored: the old one with the part of the asked one, with defaults and its generation. Neither is changed. */
  merge(asked: KubeObject, old: KubeObject): KubeObject
  validate(next: KubeObject, old: KubeObject): FieldError[]
}

// The schema has checked the types of what all these functions get.
const asPod = (object: KubeObject): Pod => object as Pod

/** By the name of the subresource. */
export const podParts: Readonly<Record<'ephemeralcontainers' | 'resize', PodPart>> = {
  ephemeralcontainers: partOf((asked, old) => {
    const { ephemeralContainers: _old, ...spec } = old.spec
    const { ephemeralContainers } = asked.spec
    return { ...old, spec: { ...spec, ...(ephemeralContainers !== undefined && { ephemeralContainers }) } }
  }, validateEphemeralContainersUpdate),
  resize: partOf(withResources, validatePodResize),
}

function partOf(take: (asked: Pod, old: Pod) => Pod, validate: (next: Pod, old: Pod) => FieldError[]): PodPart {
  return {
    merge(asked, old) {
      const taken = take(asPod(cloneDecoded(asked)), asPod(old))
      const next = { ...taken, metadata: { ...asked.metadata } }
      if (taken !== asked) keepMetadata(next, old)
      defaultPod(next)
      const generation = old.metadata.generation ?? 0
      if (!semanticallyEqual(next.spec, asPod(old).spec)) next.metadata.generation = generation + 1
      return next
    },
    validate: (next, old) => validate(asPod(next), asPod(old)),
  }
}

/** Containers that came or went are left for validation to find. */
function withResources(asked: Pod, old: Pod): Pod {
  const isSame = (list: 'containers' | 'initContainers'): boolean =>
    (asked.spec[list] ?? []).length === (old.spec[list] ?? []).length
  if (!isSame('containers') || !isSame('initContainers')) return asked
  const { resources: _old, ...spec } = old.spec
  const containers = resized(asked.spec.containers, old.spec.containers)
  const initContainers = resized(asked.spec.initContainers, old.spec.initContainers)
  return {
    ...old,
    spec: {
      ...spec,
      ...(containers !== undefined && { containers }),
      ...(initContainers !== undefined && { initContainers }),
      ...(asked.spec.resources !== undefined && { resources: asked.spec.resources }),
    },
  }
}

function resized(asked: Container[] | undefined, old: Container[] | undefined): Container[] | undefined {
  if (asked === undefined || old === undefined) return old
  if (asked.some(({ name }, index) => name !== old[index]?.name)) return asked
  return old.map(({ resources: _resources, resizePolicy: _policy, ...container }, index) => {
    const { resources = {}, resizePolicy } = asked[index] ?? {}
    return { ...container, resources, ...(resizePolicy !== undefined && { resizePolicy }) }
  })
}
