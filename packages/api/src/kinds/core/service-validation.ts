// What a Service must be. Addresses and node ports are allocated before this runs.
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  isDNS1123Label,
  isDNS1123Subdomain,
  isQualifiedName,
  rootPath,
} from '@keelson/apimachinery'
import { checkEndpointAddress } from '../../validation/endpoint-address.ts'
import { checkEnum, checkName } from '../../validation/field-checks.ts'
import { checkAddress, checkRange, parseAddress } from '../../validation/ip-address.ts'
import { checkLabels } from '../../validation/labels.ts'
import { checkPortNumber, checkPortNumberOrName, checkProtocol } from '../../validation/ports.ts'
import { validateClusterIPs, validateClusterIPsUpdate } from './service-addresses.ts'
import {
  NO_CLUSTER_IP,
  type Service,
  type ServicePort,
  type ServiceSpec,
  isExternallyAccessible,
  isHeadless,
  needsHealthCheckPort,
} from './service-types.ts'

const specPath = rootPath.child('spec')
const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const TOPOLOGY_HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints'
const TOPOLOGY_MODE_ANNOTATION = 'service.kubernetes.io/topology-mode'
const MAX_AFFINITY_SECONDS = 86_400
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const misfits = validateClusterIPs(service.spec, old.spec)
  if (misfits.length > 0) return misfits
  const errors = validateClusterIPsUpdate(service.spec, old.spec)
  if (old.spec.type === 'LoadBalancer' && service.spec.type === 'LoadBalancer') {
    if (old.spec.loadBalancerClass !== service.spec.loadBalancerClass) {
      errors.push(
        fieldInvalid(specPath.child('loadBalancerClass'), service.spec.loadBalancerClass, 'may not change once set'),
      )
    }
  }
  checkLoadBalancerClass(errors, service.spec)
  if (needsHealthCheckPort(old.spec) && needsHealthCheckPort(service.spec)) {
    if (old.spec.healthCheckNodePort !== service.spec.healthCheckNodePort) {
      errors.push(fieldForbidden(specPath.child('healthCheckNodePort'), 'field is immutable'))
    }
  }
  return [...errors, ...validateService(service, old)]
}

export function validateService(service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service
  // Upstream finds these on the way to allocating addresses, before it looks at the rest.
  const errors = validateClusterIPs(spec, old?.spec)
  if (errors.length > 0) return errors
  checkTopologyAnnotations(errors, service)
  const ports = spec.ports ?? []
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') {
    errors.push(fieldRequired(specPath.child('ports'), ''))
  }
  checkTypeAddresses(errors, spec)
  checkPorts(errors, ports)
  checkLabels(errors, spec.selector, specPath.child('selector'))
  checkEnum(errors, spec.sessionAffinity, ['ClientIP', 'None'], specPath, 'sessionAffinity')
  checkAffinity(errors, spec)
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    const before = errors.length
    checkAddress(errors, specPath.child('externalIPs').index(index), address, old?.spec.externalIPs)
    if (errors.length === before) checkEndpointAddress(errors, address, specPath.child('externalIPs').index(index))
  }
  checkEnum(errors, spec.type, TYPES, specPath, 'type')
  checkPortUniqueness(errors, spec, ports)
  checkSourceRanges(errors, service, old)
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer') {
    errors.push(
      fieldForbidden(specPath.child('allocateLoadBalancerNodePorts'), "may only be used when `type` is 'LoadBalancer'"),
    )
  }
  checkLoadBalancerClass(errors, spec)
  checkTraffic(errors, spec)
  return errors
}

function checkTopologyAnnotations(errors: FieldError[], { metadata: { annotations = {} } }: Service): void {
  const hints = annotations[TOPOLOGY_HINTS_ANNOTATION]
  const mode = annotations[TOPOLOGY_MODE_ANNOTATION]
  if (hints === undefined || mode === undefined || hints === mode) return
  const path = rootPath.child('metadata', 'annotations').key(TOPOLOGY_MODE_ANNOTATION)
  errors.push(fieldInvalid(path, mode, `must match annotations[${TOPOLOGY_HINTS_ANNOTATION}] when both are specified`))
}

function checkTypeAddresses(errors: FieldError[], spec: ServiceSpec): void {
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(spec)) {
    const detail = `may not be set to 'None' for ${spec.type} services`
    errors.push(fieldInvalid(specPath.child('clusterIPs').index(0), NO_CLUSTER_IP, detail))
  }
  if (spec.type !== 'ExternalName') return
  const refuse = (name: string): void =>
    void errors.push(fieldForbidden(specPath.child(name), 'may not be set for ExternalName services'))
  if ((spec.clusterIPs ?? []).length > 0) refuse('clusterIPs')
  if ((spec.ipFamilies ?? []).length > 0) refuse('ipFamilies')
  if (spec.ipFamilyPolicy !== undefined) refuse('ipFamilyPolicy')
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (name === '') errors.push(fieldRequired(specPath.child('externalName'), ''))
  else checkName(errors, specPath.child('externalName'), name, isDNS1123Subdomain)
}

function checkPorts(errors: FieldError[], ports: readonly ServicePort[]): void {
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const path = specPath.child('ports').index(index)
    if (ports.length > 1 && !port.name) errors.push(fieldRequired(path.child('name'), ''))
    else if (port.name) {
      checkName(errors, path.child('name'), port.name, isDNS1123Label)
      if (names.has(port.name)) errors.push(fieldDuplicate(path.child('name'), port.name))
      names.add(port.name)
    }
    checkPortNumber(errors, port.port ?? 0, path.child('port'))
    checkProtocol(errors, port.protocol, path.child('protocol'))
    checkPortNumberOrName(errors, port.targetPort ?? 0, path.child('targetPort'))
    if (port.appProtocol !== undefined) checkName(errors, path.child('appProtocol'), port.appProtocol, isQualifiedName)
  }
}

function checkAffinity(errors: FieldError[], { sessionAffinity, sessionAffinityConfig }: ServiceSpec): void {
  const path = specPath.child('sessionAffinityConfig')
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined) {
    errors.push(fieldForbidden(path, 'must not be set when session affinity is None'))
  }
  if (sessionAffinity !== 'ClientIP') return
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (sessionAffinityConfig === undefined) errors.push(fieldRequired(path, 'when session affinity type is ClientIP'))
  else if (seconds !== undefined && (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS)) {
    const detail = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`
    errors.push(fieldInvalid(path.child('clientIP', 'timeoutSeconds'), seconds, detail))
  }
}

function checkPortUniqueness(errors: FieldError[], { type }: ServiceSpec, ports: readonly ServicePort[]): void {
  const at = (index: number): FieldPath => specPath.child('ports').index(index)
  if (type === 'ClusterIP') {
    for (const [index, { nodePort }] of ports.entries()) {
      if (nodePort)
        errors.push(fieldForbidden(at(index).child('nodePort'), "may not be used when `type` is 'ClusterIP'"))
    }
  }
  const nodePorts = new Set<string>()
  for (const [index, { nodePort, protocol }] of ports.entries()) {
    if (!nodePort) continue
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(fieldDuplicate(at(index).child('nodePort'), nodePort))
    nodePorts.add(`${protocol}/${nodePort}`)
  }
  const seen = new Set<string>()
  for (const [index, { port = 0, protocol = '' }] of ports.entries()) {
    if (seen.has(`${protocol}/${port}`)) {
      // Upstream shows the key it compares by: a port of which only these two are filled.
      const key = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
      errors.push(fieldDuplicate(at(index), key))
    }
    seen.add(`${protocol}/${port}`)
  }
}

function checkSourceRanges(errors: FieldError[], { spec, metadata }: Service, old: Service | undefined): void {
  const wrongType = "may only be used when `type` is 'LoadBalancer'"
  const ranges = spec.loadBalancerSourceRanges ?? []
  if (ranges.length > 0) {
    // Upstream's path begins in upper case.
    const path = specPath.child('LoadBalancerSourceRanges')
    if (spec.type !== 'LoadBalancer') errors.push(fieldForbidden(path, wrongType))
    const before = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim())
    for (const [index, range] of ranges.entries()) checkRange(errors, path.index(index), range.trim(), before)
    return
  }
  const annotation = metadata.annotations?.[SOURCE_RANGES_ANNOTATION]
  if (annotation === undefined) return
  const path = rootPath.child('metadata', 'annotations').key(SOURCE_RANGES_ANNOTATION)
  if (spec.type !== 'LoadBalancer') errors.push(fieldForbidden(path, wrongType))
  if (old?.metadata.annotations?.[SOURCE_RANGES_ANNOTATION] === annotation || annotation.trim() === '') return
  for (const range of annotation.trim().split(',')) checkRange(errors, path, range.trim())
}

function checkLoadBalancerClass(errors: FieldError[], { type, loadBalancerClass }: ServiceSpec): void {
  if (loadBalancerClass === undefined) return
  const path = specPath.child('loadBalancerClass')
  if (type === 'LoadBalancer') checkName(errors, path, loadBalancerClass, isQualifiedName)
  else errors.push(fieldForbidden(path, "may only be used when `type` is 'LoadBalancer'"))
}

function checkTraffic(errors: FieldError[], spec: ServiceSpec): void {
  const { externalTrafficPolicy, healthCheckNodePort, internalTrafficPolicy, trafficDistribution, type = '' } = spec
  if (isExternallyAccessible(spec))
    checkEnum(errors, externalTrafficPolicy, ['Cluster', 'Local'], specPath, 'externalTrafficPolicy')
  else if (externalTrafficPolicy) {
    const detail = 'may only be set for externally-accessible services'
    errors.push(fieldInvalid(specPath.child('externalTrafficPolicy'), externalTrafficPolicy, detail))
  }
  const healthPath = specPath.child('healthCheckNodePort')
  if (!needsHealthCheckPort(spec)) {
    if (healthCheckNodePort) {
      const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
      errors.push(fieldInvalid(healthPath, healthCheckNodePort, detail))
    }
  } else if (!healthCheckNodePort) errors.push(fieldRequired(healthPath, ''))
  else checkPortNumber(errors, healthCheckNodePort, healthPath)

  if (internalTrafficPolicy !== undefined || ['NodePort', 'LoadBalancer', 'ClusterIP'].includes(type)) {
    checkEnum(errors, internalTrafficPolicy, ['Cluster', 'Local'], specPath, 'internalTrafficPolicy')
  }
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    errors.push(fieldNotSupported(specPath.child('trafficDistribution'), trafficDistribution, DISTRIBUTIONS))
  }
}

export function validateServiceStatus({ spec, status }: Service, old: Service): FieldError[] {
  const errors: FieldError[] = []
  const path = rootPath.child('status', 'loadBalancer', 'ingress')
  const ingress = status?.loadBalancer?.ingress ?? []
  if (spec.type !== 'LoadBalancer' && ingress.length > 0) {
    return [fieldForbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  const before = (old.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []))
  for (const [index, { ip, ipMode, hostname }] of ingress.entries()) {
    const at = path.index(index)
    if (ip) checkAddress(errors, at.child('ip'), ip, before)
    if (ipMode === undefined) {
      if (ip) errors.push(fieldRequired(at.child('ipMode'), 'must be specified when `ip` is set'))
    } else if (!ip) errors.push(fieldForbidden(at.child('ipMode'), 'may not be specified when `ip` is not set'))
    else checkEnum(errors, ipMode, ['Proxy', 'VIP'], at, 'ipMode')
    if (!hostname) continue
    checkName(errors, at.child('hostname'), hostname, isDNS1123Subdomain)
    if (parseAddress(hostname) !== undefined) {
      errors.push(fieldInvalid(at.child('hostname'), hostname, 'must be a DNS name, not an IP address'))
    }
  }
  return errors
}
