// Puts allocations and services in step again: what a crash between an allocation and its service left behind, and what an
// older server never wrote down. Runs on every replica every 3 minutes; a leak is given back only when it was seen in three
// rounds, so that a write in flight elsewhere is never taken for one.
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import type { ResourceRegistry, WriteContext } from '../registry/types.ts'
import { canonicalAddress, familyOf } from './address-range.ts'
import { MANAGED_BY, MANAGED_BY_LABEL, ipAddressObject } from './cluster-ip.ts'
import { isHeadless, needsClusterIP, specOf } from './ip-families.ts'
import { portsOf, type ServiceAllocators } from './service-hooks.ts'

export const REPAIR_MS = 180_000
const ROUNDS_BEFORE_RELEASE = 3

export class AllocationRepair {
  readonly #allocators: ServiceAllocators
  readonly #services: ResourceRegistry
  readonly #addresses: ResourceRegistry
  readonly #context: WriteContext
  /** How many rounds in a row an allocation had no service: `10.0.0.9` or a port. */
  readonly #leaks = new Map<string, number>()

  constructor(
    allocators: ServiceAllocators,
    services: ResourceRegistry,
    addresses: ResourceRegistry,
    context: WriteContext,
  ) {
    this.#allocators = allocators
    this.#services = services
    this.#addresses = addresses
    this.#context = context
  }

  /** One round; resolves with what was given back and what was taken down again. */
  async run(): Promise<{ readonly released: string[]; readonly restored: string[] }> {
    const addresses = new Map<string, { namespace: string; name: string }>()
    const ports = new Set<number>()
    for (const { json, namespace, name } of this.#services.cache.snapshot()) {
      const spec = specOf(JSON.parse(json.toString()) as KubeObject) // The cache of services holds services.
      for (const port of portsOf(spec)) ports.add(port)
      if (!needsClusterIP(spec) || isHeadless(spec)) continue
      for (const address of spec.clusterIPs ?? []) addresses.set(canonicalAddress(address), { namespace, name })
    }
    const restored = [...(await this.#restoreAddresses(addresses)), ...(await this.#restorePorts(ports))]
    const leaking = [...this.#leakedAddresses(addresses), ...(await this.#leakedPorts(ports))]
    for (const leak of this.#leaks.keys()) if (!leaking.includes(leak)) this.#leaks.delete(leak)
    const released: string[] = []
    for (const leak of leaking) {
      const rounds = (this.#leaks.get(leak) ?? 0) + 1
      this.#leaks.set(leak, rounds)
      if (rounds < ROUNDS_BEFORE_RELEASE) continue
      if (familyOf(leak) === undefined) await this.#allocators.nodePorts.release([Number(leak)])
      else
        await this.#allocators.clusterIPs.find(({ family }) => family === familyOf(leak))?.release(leak, this.#context)
      this.#leaks.delete(leak)
      released.push(leak)
    }
    return { released, restored }
  }

  async #restoreAddresses(addresses: ReadonlyMap<string, { namespace: string; name: string }>): Promise<string[]> {
    const restored: string[] = []
    for (const [address, service] of addresses) {
      const family = familyOf(address)
      if (family === undefined || this.#addresses.cache.peek('', address) !== undefined) continue
      try {
        await this.#addresses.create('', ipAddressObject(family, address, service), this.#context)
        restored.push(address)
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 409) throw error
      }
    }
    return restored
  }

  async #restorePorts(ports: ReadonlySet<number>): Promise<string[]> {
    const { nodePorts } = this.#allocators
    const allocated = new Set(await nodePorts.allocated())
    const missing = [...ports].filter((port) => nodePorts.contains(port) && !allocated.has(port))
    if (missing.length > 0) await nodePorts.allocate(missing)
    return missing.map(String)
  }

  #leakedAddresses(addresses: ReadonlyMap<string, unknown>): string[] {
    return this.#addresses.cache
      .snapshot()
      .filter(({ labels, name }) => labels?.[MANAGED_BY_LABEL] === MANAGED_BY && !addresses.has(name))
      .map(({ name }) => name)
  }

  async #leakedPorts(ports: ReadonlySet<number>): Promise<string[]> {
    return (await this.#allocators.nodePorts.allocated()).filter((port) => !ports.has(port)).map(String)
  }
}
