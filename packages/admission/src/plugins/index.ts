// The built-in plugins, in the order in which upstream runs them.
import type { AdmissionPlugin } from '../types.ts'
import { defaultIngressClass, defaultStorageClass } from './default-class.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { podResizeValidator } from './pod-resize.ts'
import { podSecurityLabels } from './pod-security-labels.ts'
import { priority } from './priority.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccount } from './service-account.ts'
import { storageObjectInUseProtection } from './storage-protection.ts'
import { taintNodesByCondition } from './taint-nodes.ts'

export const builtinPlugins = (): AdmissionPlugin[] => [
  namespaceLifecycle,
  serviceAccount,
  taintNodesByCondition,
  podSecurityLabels,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  runtimeClass,
  defaultIngressClass,
  podResizeValidator,
]
