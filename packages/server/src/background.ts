// What a server does besides answering: default objects, its identity Lease, the endpoints of the kubernetes service, and the
// repair of allocations. One place starts all of it and stops all of it; a round that fails is logged and comes again.
import type { ServedResources } from '@keelson/api'
import type { Storage } from '@keelson/storage'
import { parseAddressRange } from './allocators/address-range.ts'
import { ClusterIPAllocator } from './allocators/cluster-ip.ts'
import { NodePortAllocator, parsePortRange } from './allocators/node-port.ts'
import { AllocationRepair, REPAIR_MS } from './allocators/repair.ts'
import { type ServiceAllocators, serviceHooks } from './allocators/service-hooks.ts'
import { createBootstrap } from './bootstrap/bootstrap.ts'
import { startStatusLoop } from './bootstrap/status-loop.ts'
import { ENDPOINTS_RECONCILE_MS, checkAdvertiseAddress, reconcileEndpoints } from './endpoints/endpoints.ts'
import { IDENTITY_RENEW_MS, createIdentityLease } from './identity/identity.ts'
import { guardDeviceAdminAccess } from './registry/device-admin-access.ts'
import type { Registries } from './registry/types.ts'
import type { RepeatedFailures } from './repeated-failures.ts'
import { SYSTEM_WRITE } from './system-write.ts'

export interface BackgroundOptions {
  readonly registries: Registries
  readonly served: ServedResources
  readonly storage: Storage
  /** `/registry` */
  readonly prefix: string
  readonly serviceClusterIpRange: string
  readonly serviceNodePortRange: string
  /** Where this replica listens: the `kubernetes` service's target port and the identity's address. */
  readonly host: string
  readonly port: number
  readonly advertiseAddress: string | undefined
  readonly advertisePort: number | undefined
  readonly endpointReconcilerType: 'lease' | 'none'
  readonly identity: string
  readonly clientCa: string | undefined
  readonly failures: RepeatedFailures
}

export interface Background {
  /** Resolves when the default objects exist, then goes on in the background until `signal` aborts. */
  start(signal: AbortSignal): Promise<void>
}

const GUARD_MS = 60_000

/** Sets the hooks of services too, so it is called before the server answers. Throws an Error that names a bad option. */
export function createBackground(options: BackgroundOptions): Background {
  const { registries, storage, failures } = options
  const ranges = options.serviceClusterIpRange.split(',').map((text) => parseAddressRange(text.trim()))
  if (options.endpointReconcilerType === 'lease' && options.advertiseAddress !== undefined)
    checkAdvertiseAddress(options.advertiseAddress)
  const addresses = mustFind(registries, 'networking.k8s.io', 'ipaddresses')
  const allocators: ServiceAllocators = {
    clusterIPs: ranges.map((range) => new ClusterIPAllocator(range, addresses)),
    nodePorts: new NodePortAllocator(parsePortRange(options.serviceNodePortRange), storage, options.prefix),
  }
  registries.setHooks('', 'services', serviceHooks(allocators, mustFind(registries, '', 'endpoints')))
  guardDeviceAdminAccess(registries, mustFind(registries, '', 'namespaces'))
  const bootstrap = createBootstrap({
    registries,
    served: options.served,
    serviceCidrs: ranges.map(({ cidr }) => cidr),
    serviceAddress: ranges[0]?.first ?? '',
    servicePort: options.advertisePort ?? options.port,
    clientCa: options.clientCa,
    failures,
  })
  const repair = new AllocationRepair(allocators, mustFind(registries, '', 'services'), addresses, SYSTEM_WRITE)
  const identity = createIdentityLease(
    mustFind(registries, 'coordination.k8s.io', 'leases'),
    options.identity,
    `${options.advertiseAddress ?? options.host}:${options.port}`,
  )
  return {
    async start(signal) {
      await bootstrap.run(signal)
      if (signal.aborted) return
      every(IDENTITY_RENEW_MS, () => identity.renew(), 'the identity lease', signal, failures)
      startStatusLoop(options, signal)
      every(GUARD_MS, () => bootstrap.repair(), 'default objects', signal, failures, GUARD_MS)
      every(REPAIR_MS, () => repair.run(), 'allocations of services', signal, failures)
      const { advertiseAddress: address, endpointReconcilerType, advertisePort, port } = options
      if (endpointReconcilerType === 'none' || address === undefined) return
      const round = { registries, storage, prefix: options.prefix, address, port: advertisePort ?? port }
      every(
        ENDPOINTS_RECONCILE_MS,
        () => reconcileEndpoints(round),
        'endpoints of the kubernetes service',
        signal,
        failures,
      )
    },
  }
}

function mustFind(registries: Registries, group: string, resource: string) {
  const registry = registries.find(group, resource)
  if (registry === undefined) throw new Error(`the table of resources lacks ${resource}.${group}`)
  return registry
}

/** Rounds never overlap; the first one starts after `firstMs`. Timers do not keep the process alive. */
function every(
  periodMs: number,
  round: () => Promise<unknown>,
  what: string,
  signal: AbortSignal,
  failures: RepeatedFailures,
  firstMs = 0,
): void {
  let timer = setTimeout(run, firstMs).unref()
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  function run(): void {
    round()
      .then(
        () => failures.succeeded(what),
        (error: unknown) => {
          if (!signal.aborted) failures.failed(what, error)
        },
      )
      .finally(() => {
        // A tenth of jitter keeps replicas that started together apart.
        if (!signal.aborted) timer = setTimeout(run, periodMs * (0.95 + Math.random() / 10)).unref()
      })
  }
}
