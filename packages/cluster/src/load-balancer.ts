// HAProxy in front of the replicas: its configuration in the state folder, and how it is started.
import { writeFileSync } from 'node:fs'
import { haproxyConfiguration } from '@keelson/deploy/haproxy'
import type { ProcessSpecification } from './managed-process.ts'
import type { ClusterPlan } from './plan.ts'
import { ownAddresses, stateFiles } from './plan.ts'

/**
 * Clients are served on loopback, and on the address that the kubernetes service advertises to those inside the cluster: on no
 * other. A machine that has changed its network has lost that address, and HAProxy does not start on one that is not there.
 */
function addressesOf({ port, advertiseAddress }: ClusterPlan): string[] {
  const advertised =
    advertiseAddress !== undefined && ownAddresses().includes(advertiseAddress) ? [advertiseAddress] : []
  return ['127.0.0.1', ...advertised].map((address) => `${address}:${port}`)
}

function writeConfiguration(plan: ClusterPlan): void {
  const text = haproxyConfiguration({
    addresses: addressesOf(plan),
    statisticsAddress: `127.0.0.1:${plan.statisticsPort}`,
    clientCaFile: stateFiles.pki(plan.stateDir, 'ca.crt'),
    replicas: plan.replicas.map(({ name, port }) => ({ name, address: `127.0.0.1:${port}` })),
  })
  writeFileSync(stateFiles.haproxyConfiguration(plan.stateDir), text)
}

export function loadBalancer(plan: ClusterPlan, binary: string): ProcessSpecification {
  return {
    name: 'haproxy',
    role: 'haproxy',
    command: binary,
    // -db: in the foreground, one process, so that its pid is the one that is supervised.
    args: ['-db', '-f', stateFiles.haproxyConfiguration(plan.stateDir)],
    address: `https://127.0.0.1:${plan.port}`,
    logFile: stateFiles.log(plan.stateDir, 'haproxy'),
    holdFile: stateFiles.hold(plan.stateDir, 'haproxy'),
    stopTimeoutMs: 5_000,
    prepare: () => writeConfiguration(plan),
  }
}
