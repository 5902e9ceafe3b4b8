// The objects that every cluster has from its first moment on: default roles and bindings, flow control, priority classes,
// namespaces, API services. Facts recorded from upstream; packages/server makes and repairs them.
import type { JsonObject } from '@keelson/apimachinery'
import { readFacts } from './facts.ts'

/** By collection path (`/apis/rbac.authorization.k8s.io/v1/clusterroles`). Not to be changed by the reader. */
export function bootstrapObjects(): Readonly<Record<string, readonly JsonObject[]>> {
  return readFacts('bootstrap-objects.json')
}
