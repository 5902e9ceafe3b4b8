// What each built-in kind does beyond its schema, by `group/Kind` (`/Pod`, `apps/Deployment`). A kind that is not here has no
// rules of its own.
import type { KindStrategy } from '../resource.ts'
import { deploymentStrategy } from './apps/deployment.ts'
import { replicaSetStrategy } from './apps/replicaset.ts'
import { leaseStrategy } from './coordination/lease.ts'
import { configMapStrategy } from './core/configmap.ts'
import { eventStrategy, newEventStrategy } from './core/event.ts'
import { namespaceStrategy } from './core/namespace.ts'
import { nodeStrategy } from './core/node.ts'
import { podStrategy } from './core/pod.ts'
import { secretStrategy } from './core/secret.ts'
import { serviceStrategy } from './core/service.ts'
import { serviceAccountStrategy } from './core/serviceaccount.ts'

export const kindStrategies: ReadonlyMap<string, KindStrategy> = new Map([
  ['/ConfigMap', configMapStrategy],
  ['/Event', eventStrategy],
  ['/Namespace', namespaceStrategy],
  ['/Node', nodeStrategy],
  ['/Pod', podStrategy],
  ['/Secret', secretStrategy],
  ['/Service', serviceStrategy],
  ['/ServiceAccount', serviceAccountStrategy],
  ['apps/Deployment', deploymentStrategy],
  ['apps/ReplicaSet', replicaSetStrategy],
  ['coordination.k8s.io/Lease', leaseStrategy],
  ['events.k8s.io/Event', newEventStrategy],
])
