// Kinds that upstream has declared deprecated: every request for one is answered with a warning.
import type { ResourceDefinition } from '@keelson/api'
import type { RequestContext } from '../context.ts'

const WARNINGS: ReadonlyMap<string, string> = new Map([
  ['/v1/componentstatuses', 'v1 ComponentStatus is deprecated in v1.19+'],
  ['/v1/endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
])

export function warnOfDeprecation(context: RequestContext, { group, version, resource }: ResourceDefinition): void {
  const warning = WARNINGS.get(`${group}/${version}/${resource}`)
  if (warning !== undefined) context.addWarning(warning)
}
