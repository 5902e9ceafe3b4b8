// How one API server replica is started: `keelson apiserver` with the flags that upstream would be given.
import { clientUrl } from './etcd-member.ts'
import type { ProcessSpecification } from './managed-process.ts'
import type { ClusterPlan, ReplicaPlan } from './plan.ts'
import { stateFiles } from './plan.ts'

/** How to start `keelson apiserver`: the program and what comes before the flags. */
export interface ReplicaCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** HAProxy looks once a second: after two it has surely seen that the replica is draining. */
const SHUTDOWN_DELAY = '2s'

export function replica(
  plan: ClusterPlan,
  { name, port }: ReplicaPlan,
  { command, args, env }: ReplicaCommand,
): ProcessSpecification {
  const pki = (file: string): string => stateFiles.pki(plan.stateDir, file)
  return {
    name,
    role: 'apiserver',
    command,
    args: [
      ...args,
      `--etcd-servers=${plan.etcd.map(clientUrl).join(',')}`,
      `--etcd-cafile=${pki('etcd/ca.crt')}`,
      `--etcd-certfile=${pki('apiserver-etcd-client.crt')}`,
      `--etcd-keyfile=${pki('apiserver-etcd-client.key')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      ...advertised(plan),
      `--tls-cert-file=${pki('apiserver.crt')}`,
      `--tls-private-key-file=${pki('apiserver.key')}`,
      `--client-ca-file=${pki('ca.crt')}`,
      `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
      '--requestheader-allowed-names=front-proxy-client',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-username-headers=X-Remote-User',
      `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
      `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${pki('sa.pub')}`,
      `--service-account-signing-key-file=${pki('sa.key')}`,
      `--service-cluster-ip-range=${plan.serviceClusterIpRange}`,
      '--authorization-mode=Node,RBAC',
      `--shutdown-delay-duration=${SHUTDOWN_DELAY}`,
    ],
    ...(env === undefined ? {} : { env }),
    address: `https://127.0.0.1:${port}`,
    logFile: stateFiles.log(plan.stateDir, name),
    holdFile: stateFiles.hold(plan.stateDir, name),
    stopTimeoutMs: 20_000,
  }
}

/** All replicas advertise the one address that outlives each of them: HAProxy's. */
function advertised(plan: ClusterPlan): string[] {
  return plan.advertiseAddress === undefined
    ? ['--endpoint-reconciler-type=none']
    : [
        `--advertise-address=${plan.advertiseAddress}`,
        `--advertise-port=${plan.port}`,
        '--endpoint-reconciler-type=lease',
      ]
}
