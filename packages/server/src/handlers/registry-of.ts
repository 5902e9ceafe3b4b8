// The registry of the resource that a request was routed to.
import { genericNotFound } from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import type { Registries, ResourceRegistry } from '../registry/types.ts'

/** StatusError 404 for a resource that has no objects in the store. */
export function registryOf(registries: Registries, { info }: RequestContext): ResourceRegistry {
  const registry = registries.get(info.group, info.version, info.resource)
  if (registry === undefined) throw genericNotFound()
  return registry
}
