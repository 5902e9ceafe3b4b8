// What `docker compose up` runs: the same cluster as `keelson up`, a container a process. `node scripts/generate.ts` writes
// docker-compose.yml and haproxy.cfg from it.
import { etcdFlags } from '../etcd/flags.ts'
import { haproxyConfiguration } from '../haproxy/configuration.ts'

const ETCD_IMAGE = 'quay.io/coreos/etcd:v3.6.9'
const HAPROXY_IMAGE = 'haproxy:3.2'
const PORT = 6443
const STATISTICS_PORT = 8404
const MEMBERS = ['etcd-1', 'etcd-2', 'etcd-3']
const REPLICAS = ['replica-1', 'replica-2', 'replica-3']
const CONTROLLER_MANAGERS = ['controller-manager-1', 'controller-manager-2']
const PKI = '/pki'
/** Who owns the keys: the user of the machine, who wants to read the kubeconfig. */
const USER = '${UID:-1000}:${GID:-1000}'

export function composeHaproxyConfiguration(): string {
  return haproxyConfiguration({
    addresses: [`:${PORT}`],
    statisticsAddress: `:${STATISTICS_PORT}`,
    clientCaFile: `${PKI}/ca.crt`,
    replicas: REPLICAS.map((name) => ({ name, address: `${name}:${PORT}` })),
  })
}

export function composeFile(): object {
  return {
    name: 'keelson',
    services: {
      certificates: certificates(),
      ...Object.fromEntries(MEMBERS.map((name) => [name, etcdMember(name)])),
      ...Object.fromEntries(REPLICAS.map((name) => [name, replica(name)])),
      haproxy: loadBalancer(),
      ...Object.fromEntries(CONTROLLER_MANAGERS.map((name) => [name, controllerManager(name)])),
    },
    volumes: Object.fromEntries(MEMBERS.map((name) => [name, {}])),
  }
}

const built = { image: 'keelson', build: { context: '.', dockerfile: 'deploy/images/Dockerfile' } }
const readPki = `./.keelson-compose/pki:${PKI}:ro`
const afterCertificates = { certificates: { condition: 'service_completed_successfully' } }

/** Makes the certificates and the administrator's kubeconfig in ./.keelson-compose for the user who asked, and ends. */
function certificates(): object {
  return {
    ...built,
    // Docker makes the folder for root.
    user: 'root',
    command: [
      'certificates',
      '--state-dir=/state',
      `--server=https://127.0.0.1:${PORT}`,
      ...[...MEMBERS, ...REPLICAS, 'haproxy'].map((name) => `--server-name=${name}`),
      `--controller-manager-server=https://haproxy:${PORT}`,
      `--owner=${USER}`,
    ],
    volumes: ['./.keelson-compose:/state'],
  }
}

function etcdMember(name: string): object {
  const flags = etcdFlags({
    name,
    dataDir: '/data/member',
    listenClientUrl: 'https://0.0.0.0:2379',
    clientUrl: `https://${name}:2379`,
    listenPeerUrl: 'https://0.0.0.0:2380',
    peers: Object.fromEntries(MEMBERS.map((each) => [each, `https://${each}:2380`])),
    pki: `${PKI}/etcd`,
  })
  return {
    image: ETCD_IMAGE,
    restart: 'unless-stopped',
    depends_on: afterCertificates,
    volumes: [readPki, `${name}:/data`],
    command: ['etcd', ...flags],
  }
}

function replica(name: string): object {
  return {
    ...built,
    // Names the replica's identity Lease.
    hostname: name,
    user: USER,
    restart: 'unless-stopped',
    depends_on: afterCertificates,
    // Longer than the drain and the paced end of watches.
    stop_grace_period: '60s',
    volumes: [readPki],
    command: [
      'apiserver',
      `--etcd-servers=${MEMBERS.map((each) => `https://${each}:2379`).join(',')}`,
      `--etcd-cafile=${PKI}/etcd/ca.crt`,
      `--etcd-certfile=${PKI}/apiserver-etcd-client.crt`,
      `--etcd-keyfile=${PKI}/apiserver-etcd-client.key`,
      `--secure-port=${PORT}`,
      `--tls-cert-file=${PKI}/apiserver.crt`,
      `--tls-private-key-file=${PKI}/apiserver.key`,
      `--client-ca-file=${PKI}/ca.crt`,
      '--service-cluster-ip-range=10.96.0.0/16',
      // The address of HAProxy's container is known to nobody before it runs.
      '--endpoint-reconciler-type=none',
      '--shutdown-delay-duration=2s',
    ],
  }
}

function controllerManager(name: string): object {
  return {
    ...built,
    // Names the one who leads.
    hostname: name,
    user: USER,
    restart: 'unless-stopped',
    depends_on: { haproxy: { condition: 'service_started' } },
    volumes: [readPki, './.keelson-compose/controller-manager.kubeconfig:/controller-manager.kubeconfig:ro'],
    command: [
      'controller-manager',
      '--kubeconfig=/controller-manager.kubeconfig',
      `--tls-cert-file=${PKI}/controller-manager-serving.crt`,
      `--tls-private-key-file=${PKI}/controller-manager-serving.key`,
      `--client-ca-file=${PKI}/ca.crt`,
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ],
  }
}

function loadBalancer(): object {
  return {
    image: HAPROXY_IMAGE,
    restart: 'unless-stopped',
    depends_on: Object.fromEntries(REPLICAS.map((name) => [name, { condition: 'service_started' }])),
    ports: [`${PORT}:${PORT}`, `127.0.0.1:${STATISTICS_PORT}:${STATISTICS_PORT}`],
    volumes: [
      `./.keelson-compose/pki/ca.crt:${PKI}/ca.crt:ro`,
      './deploy/compose/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro',
    ],
  }
}
