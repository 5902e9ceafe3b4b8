// How one etcd member is started. Flags are understood by 3.4 and by every later version.
import { stateFiles } from './plan.ts'
import type { ClusterPlan, EtcdMemberPlan } from './plan.ts'
import type { ProcessSpecification } from './managed-process.ts'

const QUOTA_BYTES = 8 * 1024 ** 3

export function etcdMember(plan: ClusterPlan, member: EtcdMemberPlan, binary: string): ProcessSpecification {
  const pki = (file: string): string => stateFiles.pki(plan.stateDir, `etcd/${file}`)
  return {
    name: member.name,
    role: 'etcd',
    command: binary,
    args: [
      `--name=${member.name}`,
      `--data-dir=${stateFiles.etcdData(plan.stateDir, member.name)}`,
      `--listen-client-urls=${clientUrl(member)}`,
      `--advertise-client-urls=${clientUrl(member)}`,
      `--listen-peer-urls=${peerUrl(member)}`,
      `--initial-advertise-peer-urls=${peerUrl(member)}`,
      `--initial-cluster=${plan.etcd.map((each) => `${each.name}=${peerUrl(each)}`).join(',')}`,
      '--initial-cluster-token=keelson',
      '--initial-cluster-state=new',
      // A killed leader costs 0.5-1.0 s of writes instead of 1.0-1.9 s with the defaults of 100 and 1,000 ms.
      '--heartbeat-interval=50',
      '--election-timeout=500',
      // A member that was paused or cut off must not depose the leader when it comes back.
      '--pre-vote=true',
      `--quota-backend-bytes=${QUOTA_BYTES}`,
      // The replicas compact through the agreed compact key; etcd must not do it behind their back.
      '--auto-compaction-retention=0',
      `--cert-file=${pki('server.crt')}`,
      `--key-file=${pki('server.key')}`,
      `--trusted-ca-file=${pki('ca.crt')}`,
      '--client-cert-auth=true',
      `--peer-cert-file=${pki('peer.crt')}`,
      `--peer-key-file=${pki('peer.key')}`,
      `--peer-trusted-ca-file=${pki('ca.crt')}`,
      '--peer-client-cert-auth=true',
      '--logger=zap',
      '--log-level=warn',
    ],
    address: clientUrl(member),
    logFile: stateFiles.log(plan.stateDir, member.name),
    holdFile: stateFiles.hold(plan.stateDir, member.name),
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
