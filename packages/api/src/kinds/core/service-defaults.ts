// What a Service gets when its author left it out, and how its linked fields are brought into line before anything is
// allocated or validated. Allocation itself (addresses and node ports) is the server's.
import {
  type Service,
  type ServiceSpec,
  isExternallyAccessible,
  needsClusterIP,
  needsHealthCheckPort,
  mayHaveNodePort,
  needsNodePort,
} from './service-types.ts'

const CLIENT_IP_TIMEOUT_SECONDS = 10_800

export function defaultService(service: Service): void {
  const spec = (service.spec ??= {})
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: CLIENT_IP_TIMEOUT_SECONDS } }
  }
  spec.type ||= 'ClusterIP'
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '')
      port.targetPort = port.port ?? 0
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type)) spec.internalTrafficPolicy ??= 'Cluster'
  const status = (service.status ??= {})
  status.loadBalancer ??= {}
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of status.loadBalancer.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
}

/** On create: `clusterIP` alone stands for both fields. */
export function linkClusterIPs(spec: ServiceSpec): void {
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP]
}

/** On update: what was allocated and is not named again stays, so that the manifest that made a service can be sent again. */
export function keepAllocatedValues(next: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIP(old) && needsClusterIP(next)) {
    if (!next.clusterIP && old.clusterIP) next.clusterIP = old.clusterIP
    if ((next.clusterIPs ?? []).length === 0 && (old.clusterIPs ?? []).length > 0)
      next.clusterIPs = [...(old.clusterIPs ?? [])]
  }
  if (needsNodePort(old) && needsNodePort(next)) keepNodePorts(next, old)
  if (needsHealthCheckPort(old) && needsHealthCheckPort(next) && !next.healthCheckNodePort && old.healthCheckNodePort) {
    next.healthCheckNodePort = old.healthCheckNodePort
  }
}

function keepNodePorts(next: ServiceSpec, old: ServiceSpec): void {
  const oldPorts = (old.ports ?? []).map(({ nodePort }) => nodePort ?? 0)
  const taken = new Set(
    (next.ports ?? []).map(({ nodePort }) => nodePort ?? 0).filter((port) => port !== 0 && oldPorts.includes(port)),
  )
  const byName = new Map((old.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]))
  for (const port of next.ports ?? []) {
    const before = byName.get(port.name ?? '') ?? 0
    if (!port.nodePort && before !== 0 && !taken.has(before)) port.nodePort = before
  }
}

/** On update: a client that knows only one of `clusterIP` and `clusterIPs` means both. */
export function relinkClusterIPs(next: ServiceSpec, old: ServiceSpec): void {
  const plural = next.clusterIPs ?? []
  if ((old.clusterIPs ?? []).length > 0 && plural.length === 0 && (old.clusterIP ?? '') === (next.clusterIP ?? '')) {
    next.clusterIPs = [...(old.clusterIPs ?? [])]
  }
  if ((old.clusterIP ?? '') === (next.clusterIP ?? '') || !sameList(old.clusterIPs, next.clusterIPs)) return
  if (next.clusterIP) next.clusterIPs = [next.clusterIP]
  else delete next.clusterIPs
}

/** On update of the type: fields that no longer apply go, unless the client changed them too (then validation refuses). */
export function dropTypeDependentFields(next: Service, old: Service): void {
  const spec = next.spec
  const before = old.spec
  if (needsClusterIP(before) && !needsClusterIP(spec)) {
    if ((before.clusterIP ?? '') === (spec.clusterIP ?? '') && sameList(before.clusterIPs, spec.clusterIPs)) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    if (sameList(before.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies
    if (before.ipFamilyPolicy === spec.ipFamilyPolicy) delete spec.ipFamilyPolicy
  }
  if (mayHaveNodePort(before) && !mayHaveNodePort(spec) && sameNodePorts(before, spec)) {
    for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (
    needsHealthCheckPort(before) &&
    !needsHealthCheckPort(spec) &&
    before.healthCheckNodePort === spec.healthCheckNodePort
  ) {
    delete spec.healthCheckNodePort
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (before.allocateLoadBalancerNodePorts === spec.allocateLoadBalancerNodePorts)
      delete spec.allocateLoadBalancerNodePorts
    if (before.loadBalancerClass === spec.loadBalancerClass) delete spec.loadBalancerClass
  }
  if (
    isExternallyAccessible(before) &&
    !isExternallyAccessible(spec) &&
    before.externalTrafficPolicy === spec.externalTrafficPolicy
  ) {
    delete spec.externalTrafficPolicy
  }
  if (spec.type !== 'LoadBalancer') next.status = { ...next.status, loadBalancer: {} }
}

function sameNodePorts(left: ServiceSpec, right: ServiceSpec): boolean {
  const numbers = ({ ports = [] }: ServiceSpec) =>
    new Set(ports.map(({ nodePort = 0 }) => nodePort).filter((port) => port !== 0))
  const leftPorts = numbers(left)
  const rightPorts = numbers(right)
  return leftPorts.size === rightPorts.size && [...leftPorts].every((port) => rightPorts.has(port))
}

function sameList(left: readonly string[] = [], right: readonly string[] = []): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index])
}
