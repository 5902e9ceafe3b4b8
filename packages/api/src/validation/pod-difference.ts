// How a refused change of a pod's spec is shown to its author: the lines of upstream's own form that differ, with a little
// around them.
import type { PodSpec } from '../kinds/core/pod-types.ts'
import { internalForm } from './internal-form.ts'
import { unifiedDifference } from './unified-difference.ts'

export const podSpecDifference = (old: PodSpec, next: PodSpec): string =>
  unifiedDifference(internalPodSpec(old), internalPodSpec(next))

/** What a pod shares with its node is part of the security context there. */
function internalPodSpec(spec: PodSpec): unknown {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec
  const shared = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers }
  return internalForm('PodSpec', { ...spec, securityContext: { ...spec.securityContext, ...shared } })
}
