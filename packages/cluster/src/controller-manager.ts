// How one controller manager is started: `keelson controller-manager` with the flags that upstream would be given.
import type { ProcessSpecification } from './managed-process.ts'
import type { ClusterPlan, ControllerManagerPlan } from './plan.ts'
import { stateFiles } from './plan.ts'
import type { ReplicaCommand } from './replica.ts'

export function controllerManager(
  plan: ClusterPlan,
  { name, port }: ControllerManagerPlan,
  { command, args, env }: ReplicaCommand,
): ProcessSpecification {
  const pki = (file: string): string => stateFiles.pki(plan.stateDir, file)
  return {
    name,
    role: 'controller-manager',
    command,
    args: [
      ...args,
      `--kubeconfig=${stateFiles.kubeconfig(plan.stateDir, 'controller-manager')}`,
      '--leader-elect=true',
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${pki('controller-manager-serving.crt')}`,
      `--tls-private-key-file=${pki('controller-manager-serving.key')}`,
      `--client-ca-file=${pki('ca.crt')}`,
      // Upstream's 20 a second are for a server that others need too; this one limits what is in flight.
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ],
    ...(env === undefined ? {} : { env }),
    address: `https://127.0.0.1:${port}`,
    logFile: stateFiles.log(plan.stateDir, name),
    holdFile: stateFiles.hold(plan.stateDir, name),
    stopTimeoutMs: 10_000,
  }
}
