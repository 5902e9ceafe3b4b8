// How one etcd member is started on this machine.
import { etcdFlags } from '@keelson/deploy/etcd'
import type { ProcessSpecification } from './managed-process.ts'
import type { ClusterPlan, EtcdMemberPlan } from './plan.ts'
import { stateFiles } from './plan.ts'

export function etcdMember(plan: ClusterPlan, member: EtcdMemberPlan, binary: string): ProcessSpecification {
  const { name } = member
  return {
    name,
    role: 'etcd',
    command: binary,
    args: etcdFlags({
      name,
      dataDir: stateFiles.etcdData(plan.stateDir, name),
      listenClientUrl: clientUrl(member),
      clientUrl: clientUrl(member),
      listenPeerUrl: peerUrl(member),
      peers: Object.fromEntries(plan.etcd.map((each) => [each.name, peerUrl(each)])),
      pki: stateFiles.pki(plan.stateDir, 'etcd'),
    }),
    address: clientUrl(member),
    logFile: stateFiles.log(plan.stateDir, name),
    holdFile: stateFiles.hold(plan.stateDir, name),
    // When all members end together, the leader tries for 6 s to hand over to one of them. Its log is on disk: it may be killed.
    stopTimeoutMs: 1_500,
  }
}

export function clientUrl(member: EtcdMemberPlan): string {
  return `https://127.0.0.1:${member.clientPort}`
}

function peerUrl(member: EtcdMemberPlan): string {
  return `https://127.0.0.1:${member.peerPort}`
}
