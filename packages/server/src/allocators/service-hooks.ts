// What a write of a Service does beside its own key: families, cluster IPs, node ports. All are reserved before validation
// and given back when the write fails; what an update or a deletion frees is released after the write.
import {
  type FieldPath,
  type KubeObject,
  StatusError,
  append,
  fieldInvalid,
  internalError,
  rootPath,
} from '@keelson/apimachinery'
import type { Reservation, RegistryHooks, ResourceRegistry, WriteContext } from '../registry/types.ts'
import { familyOf } from './address-range.ts'
import { AllocationError, type ClusterIPAllocator } from './cluster-ip.ts'
import {
  type ServiceSpec,
  initIPFamilies,
  invalidService,
  isHeadless,
  needsClusterIP,
  normalizeClusterIPs,
  specOf,
} from './ip-families.ts'
import { SYSTEM_WRITE } from '../system-write.ts'
import type { NodePortAllocator } from './node-port.ts'

export interface ServiceAllocators {
  /** The default family first; one or two. */
  readonly clusterIPs: readonly ClusterIPAllocator[]
  readonly nodePorts: NodePortAllocator
}

/** `endpoints`: a deleted service takes the Endpoints of its name with it, or a new one of that name would find old addresses. */
export function serviceHooks(allocators: ServiceAllocators, endpoints: ResourceRegistry): RegistryHooks {
  return {
    async begin(next, old, context) {
      if (context.subresource) return undefined // Status and others cannot change what is allocated.
      const attempt = new Attempt(allocators, next, old, context)
      try {
        await attempt.run()
      } catch (error) {
        await attempt.rollback()
        throw error
      }
      return attempt
    },
    async afterDelete(deleted) {
      const { namespace = '', name = '' } = deleted.metadata
      try {
        await endpoints.delete(namespace, name, { dryRun: false }, SYSTEM_WRITE)
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 404) throw error
      }
      const spec = specOf(deleted)
      await releaseAddresses(allocators, needsClusterIP(spec) ? (spec.clusterIPs ?? []) : [], SYSTEM_WRITE)
      await allocators.nodePorts.release(portsOf(spec))
    },
  }
}

async function releaseAddresses(
  allocators: ServiceAllocators,
  addresses: readonly string[],
  context: WriteContext,
): Promise<void> {
  for (const address of addresses) {
    const allocator = allocators.clusterIPs.find(({ family }) => family === familyOf(address))
    await allocator?.release(address, context)
  }
}

class Attempt implements Reservation {
  readonly #allocators: ServiceAllocators
  readonly #service: KubeObject
  readonly #spec: ServiceSpec
  readonly #old: ServiceSpec | undefined
  readonly #context: WriteContext
  readonly #takenAddresses: string[] = []
  readonly #takenPorts: number[] = []
  readonly #freedAddresses: string[] = []
  readonly #freedPorts: number[] = []

  constructor(allocators: ServiceAllocators, next: KubeObject, old: KubeObject | undefined, context: WriteContext) {
    this.#allocators = allocators
    this.#service = next
    this.#spec = specOf(next)
    this.#old = old && specOf(old)
    this.#context = context
  }

  async run(): Promise<void> {
    const families = this.#allocators.clusterIPs.map(({ family }) => family)
    if (this.#old !== undefined) keepAllocated(this.#spec, this.#old)
    normalizeClusterIPs(this.#spec, this.#old)
    initIPFamilies(this.#service, this.#old, families)
    await this.#addresses()
    await this.#ports()
  }

  async commit(): Promise<void> {
    if (this.#context.dryRun) return
    await releaseAddresses(this.#allocators, this.#freedAddresses, SYSTEM_WRITE)
    await this.#allocators.nodePorts.release(this.#freedPorts)
  }

  async rollback(): Promise<void> {
    if (this.#context.dryRun) return
    await releaseAddresses(this.#allocators, this.#takenAddresses, SYSTEM_WRITE)
    await this.#allocators.nodePorts.release(this.#takenPorts)
  }

  async #addresses(): Promise<void> {
    const spec = this.#spec
    const had =
      this.#old !== undefined && needsClusterIP(this.#old) && !isHeadless(this.#old) ? (this.#old.clusterIPs ?? []) : []
    const wanted = needsClusterIP(spec) && !isHeadless(spec)
    if (!wanted || isHeadless(this.#old ?? {})) {
      if (!needsClusterIP(spec)) append(this.#freedAddresses, had)
      return
    }
    const addresses = [...(spec.clusterIPs ?? [])]
    for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
      const asked = addresses[index] ?? ''
      if (asked !== '' && (had.includes(asked) || familyOf(asked) !== family)) continue // Kept, or for validation to refuse.
      // The first address of a service never changes: validation says so.
      if (had[index] !== undefined && index === 0) continue
      addresses[index] = await this.#address(family, asked)
    }
    spec.clusterIPs = addresses
    if (!spec.clusterIP && addresses[0] !== undefined && (this.#old === undefined || had.length === 0))
      spec.clusterIP = addresses[0]
    append(this.#freedAddresses, had.slice(addresses.length))
  }

  async #address(family: string, asked: string): Promise<string> {
    const allocator = this.#allocators.clusterIPs.find((each) => each.family === family)
    if (allocator === undefined) throw internalError(`no allocator of cluster IPs for ${family}`)
    const service = { namespace: this.#service.metadata.namespace ?? '', name: this.#service.metadata.name ?? '' }
    try {
      if (asked === '') {
        const address = await allocator.allocateNext(service, this.#context)
        this.#takenAddresses.push(address)
        return address
      }
      await allocator.allocate(service, asked, this.#context)
      this.#takenAddresses.push(asked)
      return asked
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error
      if (error.full)
        throw internalError(
          `failed to allocate a serviceIP for Service ${JSON.stringify(service.name)}: ${error.message}`,
        )
      const what = asked === '' ? 'IP' : `IP ${asked}`
      const detail = `failed to allocate ${what}: ${error.message}`
      throw invalidService(this.#service, [
        fieldInvalid(rootPath.child('spec', 'clusterIPs'), this.#spec.clusterIPs, detail),
      ])
    }
  }

  async #ports(): Promise<void> {
    const spec = this.#spec
    const had = portsOf(this.#old ?? {})
    const path = rootPath.child('spec', 'ports')
    if (hasNodePorts(spec)) {
      // A port number that is served over several protocols shares its node port (allocated or asked for by any of them).
      const byPort = new Map<number, number>()
      for (const port of spec.ports ?? [])
        if (port.nodePort && !byPort.has(port.port)) byPort.set(port.port, port.nodePort)
      for (const [index, port] of (spec.ports ?? []).entries()) {
        if (!port.nodePort && spec.allocateLoadBalancerNodePorts === false && spec.type === 'LoadBalancer') continue
        const shared = byPort.get(port.port)
        if (port.nodePort) await this.#takePort(port.nodePort, had, path.index(index).child('nodePort'))
        else if (shared !== undefined && this.#old === undefined) port.nodePort = shared
        else port.nodePort = await this.#anyPort()
        byPort.set(port.port, port.nodePort)
      }
    }
    if (needsHealthCheck(spec)) {
      if (spec.healthCheckNodePort)
        await this.#takePort(spec.healthCheckNodePort, had, rootPath.child('spec', 'healthCheckNodePort'))
      else spec.healthCheckNodePort = await this.#anyPort()
    }
    const kept = portsOf(spec)
    append(
      this.#freedPorts,
      had.filter((port) => !kept.includes(port)),
    )
  }

  async #takePort(port: number, had: readonly number[], path: FieldPath): Promise<void> {
    if (had.includes(port) || this.#takenPorts.includes(port)) return
    if (!Number.isInteger(port) || port < 0 || port > 65535) return // For validation to refuse.
    try {
      if (this.#context.dryRun) {
        if (!this.#allocators.nodePorts.contains(port)) {
          throw new AllocationError(
            `provided port is not in the valid range. The range of valid ports is ${this.#allocators.nodePorts.text}`,
          )
        }
        return
      }
      await this.#allocators.nodePorts.allocate([port])
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error
      throw invalidService(this.#service, [fieldInvalid(path, port, error.message)])
    }
    this.#takenPorts.push(port)
  }

  async #anyPort(): Promise<number> {
    try {
      // A dry run shows a port of the range without taking it.
      if (this.#context.dryRun) return this.#allocators.nodePorts.range.first
      const port = await this.#allocators.nodePorts.allocateNext()
      this.#takenPorts.push(port)
      return port
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error
      throw internalError(`failed to allocate a nodePort: ${error.message}`)
    }
  }
}

/** A client that replaces a service without naming what was allocated for it keeps it. */
function keepAllocated(next: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIP(old) && needsClusterIP(next)) {
    if (!next.clusterIP && old.clusterIP) next.clusterIP = old.clusterIP
    if (!next.clusterIPs?.length && next.clusterIP === old.clusterIP && old.clusterIPs)
      next.clusterIPs = [...old.clusterIPs]
  }
  if (hasNodePorts(old) && hasNodePorts(next)) {
    const taken = new Set((next.ports ?? []).map(({ nodePort }) => nodePort))
    for (const port of next.ports ?? []) {
      if (port.nodePort) continue
      const before = old.ports?.find(
        ({ port: number, protocol = 'TCP' }) => number === port.port && protocol === (port.protocol ?? 'TCP'),
      )
      if (before?.nodePort && !taken.has(before.nodePort)) port.nodePort = before.nodePort
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(next) && !next.healthCheckNodePort && old.healthCheckNodePort) {
    next.healthCheckNodePort = old.healthCheckNodePort
  }
}

const hasNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer'
const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'

/** Every node port that a service holds, each once. */
export function portsOf(spec: ServiceSpec): number[] {
  const ports = hasNodePorts(spec) ? (spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0) : []
  if (needsHealthCheck(spec)) ports.push(spec.healthCheckNodePort ?? 0)
  return [...new Set(ports)].filter((port) => port > 0)
}
