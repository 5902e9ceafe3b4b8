// Keeps the endpoints of the `kubernetes` service: the advertised addresses of the servers that are alive. Each server puts
// its address under masterleases/ with a lease of 15 s (upstream's layout, so both kinds of server see each other) and writes
// the Endpoints and the EndpointSlice when they do not show exactly the addresses that are there.
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { type Storage, toStorageKey } from '@keelson/storage'
import { equalTrees } from '../registry/json-tree.ts'
import type { Registries, ResourceRegistry } from '../registry/types.ts'
import { SYSTEM_WRITE } from '../system-write.ts'

export const ENDPOINTS_RECONCILE_MS = 10_000
const LEASE_SECONDS = 15
const NAMESPACE = 'default'
const NAME = 'kubernetes'

export interface EndpointsOptions {
  readonly registries: Registries
  readonly storage: Storage
  readonly prefix: string
  /** Not loopback: Endpoints refuse those. */
  readonly address: string
  readonly port: number
}

/** One round: renew our address, then make both objects show all addresses. Called every ENDPOINTS_RECONCILE_MS. */
export async function reconcileEndpoints(options: EndpointsOptions): Promise<void> {
  await renewAddress(options)
  const addresses = await liveAddresses(options)
  const endpoints = options.registries.find('', 'endpoints')
  const slices = options.registries.find('discovery.k8s.io', 'endpointslices')
  const ports = [{ name: 'https', port: options.port, protocol: 'TCP' }]
  if (endpoints !== undefined) {
    await apply(endpoints, {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { name: NAME, namespace: NAMESPACE, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports }],
    })
  }
  if (slices !== undefined) {
    await apply(slices, {
      kind: 'EndpointSlice',
      apiVersion: 'discovery.k8s.io/v1',
      metadata: { name: NAME, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': NAME } },
      addressType: options.address.includes(':') ? 'IPv6' : 'IPv4',
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports,
    })
  }
}

/** Throws when the address cannot be in Endpoints: better at start than in every round. */
export function checkAdvertiseAddress(address: string): void {
  if (/^127\.|^::1$|^0\.0\.0\.0$|^::$|^169\.254\./.test(address)) {
    throw new Error(`${address} cannot be advertised: it is a loopback, link-local or unspecified address`)
  }
}

const leasePrefix = ({ prefix }: EndpointsOptions): string => `${prefix}/masterleases/`

async function renewAddress(options: EndpointsOptions): Promise<void> {
  const key = toStorageKey(leasePrefix(options) + options.address)
  const current = await options.storage.get(key)
  // The generation makes every renewal a change, as upstream's.
  const generation = current === undefined ? 1 : generationOf(current.value) + 1
  const object = {
    kind: 'Endpoints',
    apiVersion: 'v1',
    metadata: { generation },
    subsets: [{ addresses: [{ ip: options.address }] }],
  }
  const value = Buffer.from(`${JSON.stringify(object)}\n`)
  // A lost race means that a server with the same address renewed it: as good.
  if (current === undefined) await options.storage.create(key, value, { leaseSeconds: LEASE_SECONDS })
  else await options.storage.update(key, current.modRevision, value, { leaseSeconds: LEASE_SECONDS })
}

function generationOf(value: Buffer): number {
  if (value[0] !== 0x7b) return 0 // Written in protobuf by another kind of server; only the key matters.
  return (JSON.parse(value.toString()) as { metadata?: { generation?: number } }).metadata?.generation ?? 0 // An Endpoints object.
}

async function liveAddresses(options: EndpointsOptions): Promise<string[]> {
  const prefix = leasePrefix(options)
  const listing = await options.storage.list(prefix, { keysOnly: true })
  const addresses = listing.outcome === 'listed' ? listing.items.map(({ key }) => key.slice(prefix.length)) : []
  return [...new Set([...addresses, options.address])].sort()
}

async function apply(registry: ResourceRegistry, wanted: KubeObject): Promise<void> {
  const entry = registry.cache.peek(NAMESPACE, NAME)
  const { kind: _kind, apiVersion: _version, metadata, ...content } = wanted
  try {
    if (entry === undefined) {
      await registry.create(NAMESPACE, wanted, SYSTEM_WRITE)
      return
    }
    const existing = JSON.parse(entry.json.toString()) as KubeObject // The cache holds objects only.
    const same = Object.entries(content).every(([field, value]) => equalTrees(existing[field], value))
    const labelled = Object.entries(metadata.labels ?? {}).every(
      ([label, value]) => existing.metadata.labels?.[label] === value,
    )
    if (same && labelled) return
    const transform = (current: KubeObject): KubeObject => ({
      ...current,
      ...content,
      metadata: { ...current.metadata, labels: { ...current.metadata.labels, ...metadata.labels } },
    })
    await registry.update(NAMESPACE, NAME, transform, 'main', SYSTEM_WRITE)
  } catch (error) {
    // Another server wrote the same, or the object went away: the next round looks again.
    if (!(error instanceof StatusError) || (error.code !== 409 && error.code !== 404)) throw error
  }
}
