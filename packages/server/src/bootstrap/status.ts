// Conditions that the API server itself sets, a moment after an object appears: API services that it serves, flow schemas
// whose priority level exists or is missing, service CIDRs.
import type { JsonObject, KubeObject } from '@keelson/apimachinery'
import type { Registries } from '../registry/types.ts'

interface Condition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

/** The status that the object should have; undefined when it has it already (transition times aside). */
export function statusOf(object: KubeObject, registries: Registries): JsonObject | undefined {
  const wanted = conditionOf(object, registries)
  if (wanted === undefined) return undefined
  const status = (object.status ?? {}) as JsonObject // Checked by the kind's schema.
  const conditions = (status.conditions ?? []) as JsonObject[]
  const existing = conditions.find(({ type }) => type === wanted.type)
  if (existing?.status === wanted.status && existing.reason === wanted.reason && existing.message === wanted.message)
    return undefined
  // Upstream's loop of flow schemas gives the time of its writing always.
  const lastTransitionTime =
    existing?.status === wanted.status && wanted.type !== 'Dangling'
      ? (existing.lastTransitionTime ?? null)
      : `${new Date().toISOString().slice(0, 19)}Z`
  return {
    ...status,
    conditions: [...conditions.filter(({ type }) => type !== wanted.type), { ...wanted, lastTransitionTime }],
  }
}

/** Served by someone else: whether that one answers is aggregation's business. */
function missingService({ name, namespace }: JsonObject, registries: Registries): Condition | undefined {
  if (registries.find('', 'services')?.cache.peek(String(namespace), String(name)) !== undefined) return undefined
  const message = `service/${String(name)} in ${JSON.stringify(namespace)} is not present`
  return { type: 'Available', status: 'False', reason: 'ServiceNotFound', message }
}

function isReadyKnown({ metadata, status }: KubeObject): boolean {
  const conditions = ((status as JsonObject | undefined)?.conditions ?? []) as JsonObject[] // Checked by the kind's schema.
  const ready = conditions.find(({ type }) => type === 'Ready')
  return metadata.deletionTimestamp !== undefined || (ready !== undefined && ready.status !== 'Unknown')
}

function conditionOf(object: KubeObject, registries: Registries): Condition | undefined {
  const spec = (object.spec ?? {}) as JsonObject // Checked by the kind's schema.
  switch (object.kind) {
    case 'APIService':
      if (spec.service !== undefined && spec.service !== null)
        return missingService(spec.service as JsonObject, registries) // Checked by the kind's schema.
      return { type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available' }
    case 'FlowSchema': {
      const level = String((spec.priorityLevelConfiguration as JsonObject | undefined)?.name ?? '')
      const exists =
        registries.find('flowcontrol.apiserver.k8s.io', 'prioritylevelconfigurations')?.cache.peek('', level) !==
        undefined
      const about = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} `
      return exists
        ? { type: 'Dangling', status: 'False', reason: 'Found', message: `${about}and it exists` }
        : { type: 'Dangling', status: 'True', reason: 'NotFound', message: `${about}but there is no such object` }
    }
    case 'ServiceCIDR':
      // All others, and this one once it has its condition, are the service CIDR controller's, who has words of its own.
      if (object.metadata.name !== 'kubernetes' || isReadyKnown(object)) return undefined
      return { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready' }
    default:
      return undefined
  }
}
