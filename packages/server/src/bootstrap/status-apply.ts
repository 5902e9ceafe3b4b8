// Upstream's loops apply the conditions of flow schemas and service CIDRs, each under its own name (that of API services is an
// update): managedFields say so here, too.
import { schemaFor } from '@keelson/api'
import { type JsonObject, type KubeObject, applyObject } from '@keelson/apimachinery'
import type { ResourceRegistry } from '../registry/types.ts'

const APPLIERS: ReadonlyMap<string, string> = new Map([
  ['FlowSchema', 'api-priority-and-fairness-config-consumer-v1'],
  ['ServiceCIDR', 'kubernetes-service-cidr-controller'],
])

export const isApplied = ({ kind }: KubeObject): boolean => APPLIERS.has(kind ?? '')

/** `status` ends with the condition that is wanted. Undefined for what is not applied. */
export function withAppliedCondition(
  current: KubeObject,
  status: JsonObject,
  registry: ResourceRegistry,
): KubeObject | undefined {
  const { kind, apiVersion, metadata } = current
  const manager = APPLIERS.get(kind ?? '')
  if (manager === undefined) return undefined
  const { reason, ...condition } = (status.conditions as JsonObject[]).at(-1) ?? {} // Made by statusOf.
  const said = reason === '' ? condition : { ...condition, reason: reason ?? null }
  const wanted: JsonObject = {
    apiVersion: apiVersion ?? '',
    kind: kind ?? '',
    metadata: { name: metadata.name ?? '' },
    status: { conditions: [said] },
  }
  const schema = schemaFor(registry.definition)
  return applyObject(current, wanted, {
    manager,
    force: true,
    now: new Date(),
    kind: schema.kind,
    management: registry.fieldManagement('status'),
    finish: (merged) => ({ ...schema.decode(merged, { fromTree: true }).object, kind, apiVersion }),
  })
}
