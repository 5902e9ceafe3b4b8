export { type ConnectionConfig, loadKubeconfig } from './kubeconfig.ts'
export { ConnectionError, type Transport, type TransportRequest, type TransportResponse } from './transport.ts'
export { createHttp1Transport } from './http1-transport.ts'
export { type Http2Options, createHttp2Transport } from './http2-transport.ts'
export {
  type ClientOptions,
  createClient,
  type KubeClient,
  type ListAnswer,
  type PatchType,
  type RequestOptions,
  type WatchEvent,
} from './client.ts'
export {
  type DeleteOptions,
  type ListOptions,
  type PatchOptions,
  ResourceClient,
  type ResourceClientOptions,
  resourcePath,
  type WatchOptions,
  type WriteOptions,
} from './resource-client.ts'
export { TokenBucket } from './rate-limiter.ts'
export { type ReflectorHandlers, type ReflectorOptions, runReflector } from './reflector.ts'
export { Informer, type InformerHandlers, type InformerOptions } from './informer.ts'
export { type Indexer, keyOf, Store } from './store.ts'
export { exponentialPerItem, type RetryLimiter, withOverallLimit } from './retry-limiter.ts'
export {
  type QueueObserver,
  type QueueOptions,
  type Reconciled,
  type WorkerOptions,
  WorkQueue,
  workOff,
} from './work-queue.ts'
export { type LeaderElectionOptions, runLeaderElection } from './leader-election.ts'
export {
  discover,
  type DiscoveredResource,
  type Discovery,
  GroupDiscoveryFailed,
  preferredResources,
  resourceOfKind,
} from './discovery.ts'
export { createEventRecorder, type EventRecorder, type EventSubject } from './event-recorder.ts'
