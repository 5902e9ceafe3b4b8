// What the server itself writes into a Pod's status, and what of it a status update may not lose.
import type { Container, Pod, PodStatus, ResourceList } from './pod-types.ts'

/** The status of a new Pod; a gated one already says why it is not scheduled. */
export function initialStatus(pod: Pod, now: Date): PodStatus {
  const status: PodStatus = { phase: 'Pending' }
  if ((pod.spec.schedulingGates ?? []).length > 0) {
    status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null,
        lastTransitionTime: `${now.toISOString().slice(0, 19)}Z`,
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ]
  }
  status.qosClass = qualityOfService(pod)
  return status
}

/** Guaranteed: every container limits cpu and memory and requests just that; BestEffort: none asks for anything. */
export function qualityOfService({ spec }: Pod): string {
  const parts: Container[] =
    spec.resources === undefined ? [...(spec.containers ?? []), ...(spec.initContainers ?? [])] : [spec]
  let asks = false
  let guaranteed = true
  for (const { resources } of parts) {
    for (const name of ['cpu', 'memory']) {
      const limit = positive(resources?.limits, name)
      const request = positive(resources?.requests, name)
      if (limit !== undefined || request !== undefined) asks = true
      // Quantities are in canonical text: equal amounts are equal texts.
      if (limit === undefined || (request !== undefined && request !== limit)) guaranteed = false
      if (limit !== undefined && request === undefined) guaranteed = false
    }
  }
  if (!asks) return 'BestEffort'
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

function positive(list: ResourceList | undefined, name: string): string | undefined {
  const text = list?.[name]
  return text === undefined || text.startsWith('-') || /^0+(\.0*)?\D*$/.test(text) ? undefined : text
}

/** Clients that do not know observedGeneration must not erase it; the class of a pod is for life. */
export function keepStatusFields(next: PodStatus, old: PodStatus): void {
  if (!next.qosClass && old.qosClass) next.qosClass = old.qosClass
  if (!next.observedGeneration && old.observedGeneration) next.observedGeneration = old.observedGeneration
  const generations = new Map<string, (number | undefined)[]>()
  for (const { type = '', observedGeneration } of old.conditions ?? []) {
    const list = generations.get(type)
    if (list === undefined) generations.set(type, [observedGeneration])
    else list.push(observedGeneration)
  }
  for (const condition of next.conditions ?? []) {
    const before = generations.get(condition.type ?? '')?.shift()
    if (!condition.observedGeneration && before) condition.observedGeneration = before
  }
}
