// What may change through a pod's ephemeralcontainers: containers are added, and stay as they were added.
import { type FieldError, fieldForbidden, goQuote } from '@keelson/apimachinery'
import type { Pod } from '../kinds/core/pod-types.ts'
import { semanticallyEqual } from './field-checks.ts'
import { internalForm } from './internal-form.ts'
import { validatePod } from './pod.ts'
import { unifiedDifference } from './unified-difference.ts'

const PATH = 'spec.ephemeralContainers'
const TYPE = 'EphemeralContainer'
/** Of a pod that a kubelet runs from a file: nobody would start its containers, or give them more. */
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'

export function validateEphemeralContainersUpdate(next: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined)
    return [fieldForbidden('', 'static pods do not support ephemeral containers')]
  const errors = validatePod(next)
  const byName = new Map((next.spec.ephemeralContainers ?? []).map((container) => [container.name, container]))
  for (const container of old.spec.ephemeralContainers ?? []) {
    const what = `existing ephemeral containers ${goQuote(container.name ?? '')}`
    const kept = byName.get(container.name)
    if (kept === undefined) errors.push(fieldForbidden(PATH, `${what} may not be removed\n`))
    else if (!semanticallyEqual(kept, container)) {
      const difference = unifiedDifference(internalForm(TYPE, container), internalForm(TYPE, kept))
      errors.push(fieldForbidden(PATH, `${what} may not be changed\n${difference}`))
    }
  }
  return errors
}
