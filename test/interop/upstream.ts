// The real binaries: where they are, and how a real API server is started beside Keelson. They are never needed by `npm start`
// or `npm test`; KEELSON_UPSTREAM names the folder that holds kube-apiserver, kube-controller-manager, kube-scheduler and kubectl.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, openSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ensureCertificates, findBinaries, findFreePort, writeKubeconfig } from '@keelson/cluster'

const FOLDER = process.env.KEELSON_UPSTREAM ?? join(homedir(), '.cache/keelson-upstream/bin')

export function upstreamBinary(name: string): string {
  const file = join(FOLDER, name)
  if (!existsSync(file))
    throw new Error(`${file} is missing: build ${name} 1.36 and set KEELSON_UPSTREAM to the folder that holds it.`)
  return file
}

export interface StartedProcess extends AsyncDisposable {
  readonly child: ChildProcess
  readonly logFile: string
}

/** Not one outlives this process. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a process whose output goes to `logFile`; disposing ends it (SIGTERM, then SIGKILL after 10 s). */
export function startProcess(file: string, args: readonly string[], logFile: string): StartedProcess {
  const log = openSync(logFile, 'a')
  const child = spawn(file, args, { stdio: ['ignore', log, log] })
  running.add(child)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    child,
    logFile,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(timer)
      running.delete(child)
    },
  }
}

export interface UpstreamServer extends AsyncDisposable {
  readonly kubeconfig: string
  readonly url: string
  /** The folder of its certificates. */
  readonly pki: string
}

/**
 * A real kube-apiserver; it stores JSON unless told otherwise. `etcd`: the endpoints and certificates of an etcd that is there already (Keelson's);
 * without it one is started.
 */
export async function startUpstream(
  stateDir: string,
  etcd?: { readonly servers: string; readonly pki: string },
  storageMediaType = 'application/json',
): Promise<UpstreamServer> {
  const stack = new AsyncDisposableStack()
  const pki = join(stateDir, 'pki')
  if (etcd === undefined) await ensureCertificates(pki)
  else symlinkSync(etcd.pki, pki)
  const etcdFlags =
    etcd === undefined ? [`--etcd-servers=${stack.use(await startEtcd(stateDir)).url}`] : sharedEtcdFlags(etcd)
  const port = await findFreePort()
  stack.use(
    startProcess(
      upstreamBinary('kube-apiserver'),
      [...etcdFlags, `--storage-media-type=${storageMediaType}`, ...serverFlags(pki, port)],
      join(stateDir, 'kube-apiserver.log'),
    ),
  )
  const url = `https://127.0.0.1:${port}`
  const kubeconfig = writeKubeconfig(stateDir, 'upstream', { server: url, user: 'admin', certificate: 'admin' })
  await untilReady(kubeconfig, 60_000)
  return { kubeconfig, url, pki, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** One member, without TLS, with its data and its log in `folder`. */
export async function startEtcd(folder: string): Promise<StartedProcess & { readonly url: string }> {
  const [client, peer] = [await findFreePort(), await findFreePort()]
  const { etcd } = await findBinaries(() => {})
  const url = `http://127.0.0.1:${client}`
  const peerUrl = `http://127.0.0.1:${peer}`
  const flags = [
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
  ]
  return { url, ...startProcess(etcd, flags, join(folder, 'etcd.log')) }
}

/** How an API server is started here, ours or upstream's, on its port of loopback with the certificates of `pki`. */
export const serverFlags = (pki: string, port: number): string[] => [
  `--secure-port=${port}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--tls-cert-file=${pki}/apiserver.crt`,
  `--tls-private-key-file=${pki}/apiserver.key`,
  `--client-ca-file=${pki}/ca.crt`,
  `--service-account-key-file=${pki}/sa.pub`,
  `--service-account-signing-key-file=${pki}/sa.key`,
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-cluster-ip-range=10.96.0.0/16',
  '--authorization-mode=Node,RBAC',
  '--endpoint-reconciler-type=none',
  '--allow-privileged',
]

const sharedEtcdFlags = ({ servers, pki }: { readonly servers: string; readonly pki: string }): string[] => [
  `--etcd-servers=${servers}`,
  `--etcd-cafile=${pki}/etcd/ca.crt`,
  `--etcd-certfile=${pki}/apiserver-etcd-client.crt`,
  `--etcd-keyfile=${pki}/apiserver-etcd-client.key`,
]

/** Resolves when `kubectl get --raw /readyz` says ok. */
async function untilReady(kubeconfig: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const { status, output } = await run(upstreamBinary('kubectl'), [
      '--kubeconfig',
      kubeconfig,
      'get',
      '--raw',
      '/readyz',
    ])
    if (status === 0) return
    if (Date.now() > deadline) throw new Error(`the API server of ${kubeconfig} is not ready: ${output}`)
    await delay(200)
  }
}

export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** Runs a command to its end; output is standard output and standard error together, in order of arrival. */
export function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ status: number; output: string }> {
  const child = spawn(file, args, { env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stdin.on('error', () => {}) // A command that does not read its input ends the pipe; its status tells.
  child.stdin.end(options.input ?? '')
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ status: code ?? -1, output })
    })
  })
}
