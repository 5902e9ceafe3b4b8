export { type ConnectionConfig, loadKubeconfig } from './kubeconfig.ts'
export {
  ConnectionError,
  createHttp1Transport,
  createHttp2Transport,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from './transport.ts'
export { createClient, type KubeClient, type ListAnswer, type PatchType, type WatchEvent } from './client.ts'
export { type ReflectorHandlers, runReflector } from './reflector.ts'
