// The flags of one etcd member, wherever it runs. Understood by 3.4 and by every later version.

export interface EtcdMemberOptions {
  readonly name: string
  readonly dataDir: string
  /** What it listens on and what it tells others: the same on one machine, two things between containers. */
  readonly listenClientUrl: string
  readonly clientUrl: string
  readonly listenPeerUrl: string
  /** Name to peer URL, of all members. */
  readonly peers: Readonly<Record<string, string>>
  /** Folder with ca.crt, server.crt/.key and peer.crt/.key. */
  readonly pki: string
}

const QUOTA_BYTES = 8 * 1024 ** 3

export function etcdFlags({
  name,
  dataDir,
  listenClientUrl,
  clientUrl,
  listenPeerUrl,
  peers,
  pki,
}: EtcdMemberOptions): string[] {
  return [
    `--name=${name}`,
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${listenClientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${listenPeerUrl}`,
    `--initial-advertise-peer-urls=${peers[name]}`,
    `--initial-cluster=${Object.entries(peers)
      .map(([peer, url]) => `${peer}=${url}`)
      .join(',')}`,
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
    `--cert-file=${pki}/server.crt`,
    `--key-file=${pki}/server.key`,
    `--trusted-ca-file=${pki}/ca.crt`,
    '--client-cert-auth=true',
    `--peer-cert-file=${pki}/peer.crt`,
    `--peer-key-file=${pki}/peer.key`,
    `--peer-trusted-ca-file=${pki}/ca.crt`,
    '--peer-client-cert-auth=true',
    '--logger=zap',
    '--log-level=warn',
  ]
}
