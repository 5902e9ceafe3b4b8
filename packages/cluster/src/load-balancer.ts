// HAProxy in front of the replicas: its configuration in the state folder, and how it is started.
import { writeFileSync } from 'node:fs'
import { haproxyConfiguration } from '@keelson/deploy/haproxy'
import type { ProcessSpecification } from './managed-process.ts'
import type { ClusterPlan } from './plan.ts'
import { stateFiles } from './plan.ts'

export function writeLoadBalancerConfiguration(plan: ClusterPlan): void {
  const text = haproxyConfiguration({
    port: plan.port,
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
  }
}
