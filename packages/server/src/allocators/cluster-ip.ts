// Cluster IPs: an address is taken by creating the IPAddress object of its name. The store decides races between replicas:
// the second create finds the object and tries the next address. No state is kept here.
import { StatusError } from '@keelson/apimachinery'
import type { ResourceRegistry, WriteContext } from '../registry/types.ts'
import { SYSTEM_WRITE } from '../system-write.ts'
import { type AddressRange, type IPFamily, canonicalAddress } from './address-range.ts'

const IP_FAMILY_LABEL = 'ipaddress.kubernetes.io/ip-family'
export const MANAGED_BY_LABEL = 'ipaddress.kubernetes.io/managed-by'
export const MANAGED_BY = 'ipallocator.k8s.io'

export interface ServiceReference {
  readonly namespace: string
  readonly name: string
}

/** Why an address could not be had; the message is upstream's. `full`: the range, not the request, is the reason. */
export class AllocationError extends Error {
  readonly full: boolean
  constructor(message: string, full = false) {
    super(message)
    this.full = full
  }
}

export class ClusterIPAllocator {
  readonly range: AddressRange
  readonly #addresses: ResourceRegistry

  constructor(range: AddressRange, addresses: ResourceRegistry) {
    this.range = range
    this.#addresses = addresses
  }

  get family(): IPFamily {
    return this.range.family
  }

  /** Takes this address. AllocationError when it is outside the range or taken. */
  async allocate(service: ServiceReference, address: string, context: WriteContext): Promise<void> {
    if (!this.range.contains(address))
      throw new AllocationError('the provided network does not match the current range')
    if (context.dryRun) return
    if (!(await this.#take(service, canonicalAddress(address), context)))
      throw new AllocationError('provided IP is already allocated')
  }

  /** Takes any free address. AllocationError when there is none. A dry run gets the range's base, as upstream gives. */
  async allocateNext(service: ServiceReference, context: WriteContext): Promise<string> {
    if (context.dryRun) return this.range.cidr.slice(0, this.range.cidr.indexOf('/'))
    for (const address of this.range.candidates()) {
      // The cache may lag behind, which costs a refused create and no more.
      if (this.#addresses.cache.peek('', address) !== undefined) continue
      if (await this.#take(service, address, context)) return address
    }
    throw new AllocationError('range is full', true)
  }

  /** Gives an address back. One that is not there any more is no error: the repair loop or another replica was first. */
  async release(address: string, context: WriteContext): Promise<void> {
    try {
      await this.#addresses.delete('', canonicalAddress(address), { dryRun: false }, context)
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 404) throw error
    }
  }

  /** Whoever made the service: its address is the server's. */
  async #take(service: ServiceReference, address: string, context: WriteContext): Promise<boolean> {
    const own = { ...context, fieldManager: SYSTEM_WRITE.fieldManager }
    try {
      await this.#addresses.create('', ipAddressObject(this.family, address, service), own)
      return true
    } catch (error) {
      if (error instanceof StatusError && error.reason === 'AlreadyExists') return false
      throw error
    }
  }
}

export function ipAddressObject(family: IPFamily, address: string, service: ServiceReference) {
  return {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: address, labels: { [IP_FAMILY_LABEL]: family, [MANAGED_BY_LABEL]: MANAGED_BY } },
    spec: { parentRef: { resource: 'services', namespace: service.namespace, name: service.name } },
  }
}
