// Where everything of one cluster is: names, ports and files, computed from a few options. Nothing is started or written.
//
// Ports, from the one that is given (P): HAProxy P, its statistics and metrics P+1961; replica N P+N and its gRPC
// P+1000+N; controller manager N P+2000+N; etcd member N P-4064+2(N-1) for clients and one above for its peers (2379 and 2380 by default).
import { networkInterfaces } from 'node:os'
import { join, resolve } from 'node:path'

export interface ClusterOptions {
  /** HAProxy's port, from which all others follow. */
  readonly port?: number
  readonly replicas?: number
  readonly etcdMembers?: number
  /** None by default: a cluster may run those of Kubernetes. */
  readonly controllerManagers?: number
  readonly stateDir?: string
  /** The address put into the endpoints of the kubernetes service; the machine's own by default, '' for none. */
  readonly advertiseAddress?: string
}

export interface EtcdMemberPlan {
  readonly name: string
  readonly clientPort: number
  readonly peerPort: number
}

export interface ReplicaPlan {
  readonly name: string
  readonly number: number
  readonly port: number
  /** Kept for the channel between replicas. */
  readonly grpcPort: number
}

export interface ControllerManagerPlan {
  readonly name: string
  readonly port: number
}

export interface ClusterPlan {
  readonly stateDir: string
  readonly port: number
  readonly statisticsPort: number
  readonly etcd: readonly EtcdMemberPlan[]
  readonly replicas: readonly ReplicaPlan[]
  readonly controllerManagers: readonly ControllerManagerPlan[]
  /** Undefined when the machine has only loopback addresses, which Endpoints may not hold. */
  readonly advertiseAddress: string | undefined
  readonly serviceClusterIpRange: string
}

export interface PlannedPort {
  readonly port: number
  readonly purpose: string
}

const DEFAULT_PORT = 6443
const STATISTICS_OFFSET = 1961
const GRPC_OFFSET = 1000
const CONTROLLER_MANAGER_OFFSET = 2000
const ETCD_OFFSET = -4064

/** Throws a RangeError with a sentence for the user when the counts make no sense; ports are checked by ports.ts. */
export function planCluster(options: ClusterOptions = {}): ClusterPlan {
  const port = options.port ?? DEFAULT_PORT
  const replicas = options.replicas ?? 3
  const etcdMembers = options.etcdMembers ?? 3
  const controllerManagers = options.controllerManagers ?? 0
  requireCount('replicas', replicas, 1)
  requireCount('etcd members', etcdMembers, 1)
  requireCount('controller managers', controllerManagers, 0)
  return {
    stateDir: resolve(options.stateDir ?? '.keelson'),
    port,
    statisticsPort: port + STATISTICS_OFFSET,
    etcd: Array.from({ length: etcdMembers }, (_, index) => ({
      name: `etcd-${index + 1}`,
      clientPort: port + ETCD_OFFSET + 2 * index,
      peerPort: port + ETCD_OFFSET + 2 * index + 1,
    })),
    replicas: Array.from({ length: replicas }, (_, index) => ({
      name: `replica-${index + 1}`,
      number: index + 1,
      port: port + index + 1,
      grpcPort: port + GRPC_OFFSET + index + 1,
    })),
    controllerManagers: Array.from({ length: controllerManagers }, (_, index) => ({
      name: `controller-manager-${index + 1}`,
      port: port + CONTROLLER_MANAGER_OFFSET + index + 1,
    })),
    advertiseAddress: (options.advertiseAddress ?? ownAddresses()[0]) || undefined,
    serviceClusterIpRange: '10.96.0.0/16',
  }
}

/** Ports are planned for this many of each kind. */
const MOST = 9

function requireCount(what: string, count: number, least: number): void {
  if (!Number.isInteger(count) || count < least || count > MOST) {
    throw new RangeError(`The number of ${what} must be a whole number from ${least} to ${MOST}, not ${count}.`)
  }
}

/** The IPv4 addresses of this machine that are not loopback ones, at the moment. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}

export function plannedPorts(plan: ClusterPlan): PlannedPort[] {
  return [
    { port: plan.port, purpose: 'HAProxy' },
    { port: plan.statisticsPort, purpose: "HAProxy's statistics" },
    ...plan.replicas.flatMap((replica) => [
      { port: replica.port, purpose: replica.name },
      { port: replica.grpcPort, purpose: `gRPC of ${replica.name}` },
    ]),
    ...plan.controllerManagers.map(({ name, port }) => ({ port, purpose: name })),
    ...plan.etcd.flatMap((member) => [
      { port: member.clientPort, purpose: `clients of ${member.name}` },
      { port: member.peerPort, purpose: `peers of ${member.name}` },
    ]),
  ]
}

/** Files of a state folder. */
export const stateFiles = {
  cluster: (stateDir: string) => join(stateDir, 'cluster.json'),
  pki: (stateDir: string, file: string) => join(stateDir, 'pki', file),
  log: (stateDir: string, name: string) => join(stateDir, 'logs', `${name}.log`),
  hold: (stateDir: string, name: string) => join(stateDir, 'hold', name),
  etcdData: (stateDir: string, name: string) => join(stateDir, 'data', name),
  haproxyConfiguration: (stateDir: string) => join(stateDir, 'haproxy.cfg'),
  kubeconfig: (stateDir: string, name: string) => join(stateDir, `${name}.kubeconfig`),
} as const
