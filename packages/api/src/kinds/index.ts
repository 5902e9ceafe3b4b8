// What each built-in kind does beyond its schema, by `group/Kind` (`/Pod`, `apps/Deployment`). A kind that is not here has no
// rules of its own.
import type { KindStrategy } from '../resource.ts'
import { leaseStrategy } from './coordination/lease.ts'
import { configMapStrategy } from './core/configmap.ts'
import { namespaceStrategy } from './core/namespace.ts'
import { serviceAccountStrategy } from './core/serviceaccount.ts'

export const kindStrategies: ReadonlyMap<string, KindStrategy> = new Map([
  ['/ConfigMap', configMapStrategy],
  ['/Namespace', namespaceStrategy],
  ['/ServiceAccount', serviceAccountStrategy],
  ['coordination.k8s.io/Lease', leaseStrategy],
])
