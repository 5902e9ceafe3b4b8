// What the kinds that keep copies of a pod template share: statuses, generations, names that become parts of pod names.
import { type KubeObject, isDNS1123Label } from '@keelson/apimachinery'
import { semanticallyEqual } from '../../validation/field-checks.ts'
import type { Container } from '../core/pod-types.ts'

/** The generation grows when the spec, or the annotations where they matter, did change. */
export function countGeneration(next: KubeObject, old: KubeObject, withAnnotations = false): void {
  const changed =
    !semanticallyEqual(next['spec'], old['spec']) ||
    (withAnnotations && !semanticallyEqual(next.metadata.annotations, old.metadata.annotations))
  const generation = old.metadata.generation ?? 0
  next.metadata.generation = changed ? generation + 1 : generation
  if (next.metadata.generation === 0) delete next.metadata.generation
}

/** A warning where the name will not do for the pods that are named after it. */
export function podNameWarnings(object: KubeObject): string[] {
  const messages = isDNS1123Label(object.metadata.name ?? '')
  if (messages.length === 0) return []
  const advice =
    'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended'
  return [`metadata.name: ${advice}: [${messages.join(' ')}]`]
}

/** The cells CONTAINERS and IMAGES. */
export const containerCells = (containers: readonly Container[] = []): [names: string, images: string] => [
  containers.map(({ name = '' }) => name).join(','),
  containers.map(({ image = '' }) => image).join(','),
]
