// Real etcd members for tests: on free ports, in a temporary folder, gone at the end.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Server, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const START_TIMEOUT_MS = 20_000
/** packages/storage/src/testing -> the repository. */
const REPOSITORY = path.resolve(import.meta.dirname, '../../../..')

/** Looks at KEELSON_ETCD, PATH, and what this repository has downloaded. Throws when there is none: no test is skipped. */
export function findEtcd(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '')
  const places = folders.map((folder) => path.join(folder, 'etcd'))
  const fromEnvironment = process.env['KEELSON_ETCD']
  if (fromEnvironment !== undefined && fromEnvironment !== '') places.unshift(fromEnvironment)
  places.push(path.join(REPOSITORY, 'node_modules/.cache/keelson/bin/etcd'))
  const found = places.find(isExecutable)
  if (found === undefined) throw new Error('These tests need etcd: put its binary on PATH or name it in KEELSON_ETCD.')
  return found
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // Not there is an answer too: the next place is looked at.
  }
}

export interface EtcdMember {
  readonly name: string
  readonly endpoint: string
  readonly clientPort: number
  /** SIGSTOP: alive for the kernel, dead for everybody else; when this returns. */
  pause(): void
  resume(): void
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on its data. */
  restart(): Promise<void>
}

export interface EtcdCluster extends AsyncDisposable {
  readonly members: readonly EtcdMember[]
  readonly endpoints: readonly string[]
  /** With `tls`: who signed the first member's certificate (itself). */
  readonly caFile: string
  /** The member that leads now. Throws after a few seconds without one. */
  leader(): Promise<EtcdMember>
}

export interface EtcdClusterOptions {
  /** 1 or 3. */
  readonly members?: number
  /** Writes reach the disk: only for tests of durability. */
  readonly fsync?: boolean
  /** Clients connect by https; the members make their own certificates. */
  readonly tls?: boolean
  /** More of etcd's flags, without the dashes. */
  readonly flags?: Readonly<Record<string, string>>
}

const START_ATTEMPTS = 3

/** Starts a cluster and waits until it answers. */
export async function startEtcd(options: EtcdClusterOptions = {}): Promise<EtcdCluster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePorts(options)
    } catch (error) {
      // A port that was free a moment ago may be another test's now.
      if (attempt === START_ATTEMPTS || !/address already in use/.test(String(error))) throw error
    }
  }
}

async function startOnFreePorts(options: EtcdClusterOptions): Promise<EtcdCluster> {
  const binary = findEtcd()
  const folder = await mkdtemp(path.join(tmpdir(), 'keelson-etcd-'))
  const count = options.members ?? 1
  const ports = await freePorts(3 * count)
  const plans = ports.slice(0, count).map((clientPort, index) => ({
    name: `member-${index + 1}`,
    clientPort,
    clientUrl: `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${clientPort}`,
    peerUrl: `http://127.0.0.1:${ports[count + index]}`,
    healthUrl: `http://127.0.0.1:${ports[2 * count + index]}`,
  }))
  const initialCluster = plans.map((plan) => `${plan.name}=${plan.peerUrl}`).join(',')
  const members = plans.map((plan) => {
    const flags = {
      name: plan.name,
      'data-dir': path.join(folder, plan.name),
      'listen-client-urls': plan.clientUrl,
      'advertise-client-urls': plan.clientUrl,
      'listen-metrics-urls': plan.healthUrl,
      'auto-tls': String(options.tls === true),
      'listen-peer-urls': plan.peerUrl,
      'initial-advertise-peer-urls': plan.peerUrl,
      'initial-cluster': initialCluster,
      'initial-cluster-token': path.basename(folder),
      'heartbeat-interval': '50',
      'election-timeout': '500',
      logger: 'zap',
      'log-level': 'error',
      'unsafe-no-fsync': String(options.fsync !== true),
      ...options.flags,
    }
    const commandLine = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
    return new Member(plan, binary, commandLine)
  })
  const stop = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.kill()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(members.map((member) => member.restart()))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    members,
    endpoints: members.map((member) => member.endpoint),
    caFile: path.join(folder, 'member-1', 'fixtures', 'client', 'cert.pem'),
    leader: () => findLeader(members),
    [Symbol.asyncDispose]: stop,
  }
}

interface MemberPlan {
  readonly name: string
  readonly clientPort: number
  readonly clientUrl: string
  readonly healthUrl: string
}

class Member implements EtcdMember {
  readonly name: string
  readonly clientPort: number
  readonly endpoint: string
  readonly #healthUrl: string
  readonly #binary: string
  readonly #arguments: readonly string[]
  #process: ChildProcess | undefined
  #output = ''

  constructor(plan: MemberPlan, binary: string, commandLine: readonly string[]) {
    this.name = plan.name
    this.clientPort = plan.clientPort
    this.endpoint = plan.clientUrl
    this.#healthUrl = plan.healthUrl
    this.#binary = binary
    this.#arguments = commandLine
  }

  pause(): void {
    this.#process?.kill('SIGSTOP')
    const pid = this.#process?.pid
    // On a busy machine the signal takes its time, and a thread that still runs may answer one more request.
    while (pid !== undefined && runs(pid));
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  async restart(): Promise<void> {
    const child = spawn(this.#binary, this.#arguments, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    const collect = (text: Buffer): void => {
      this.#output = (this.#output + text.toString()).slice(-4000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        if (signal !== 'SIGKILL') reject(new Error(`etcd ended with ${code ?? signal}: ${this.#output}`))
      })
    })
    // Also a later end by itself is seen by whoever reads the output; here only the start waits for it.
    failed.catch(() => undefined)
    await Promise.race([this.#whenHealthy(), failed])
  }

  async #whenHealthy(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS
    while (Date.now() < deadline) {
      if (await this.#isHealthy()) return
      await delay(20)
    }
    throw new Error(`etcd was not healthy within ${START_TIMEOUT_MS} ms: ${this.#output}`)
  }

  async #isHealthy(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.#healthUrl}/health`, { signal: AbortSignal.timeout(1000) })
      return (await answer.text()).includes('"true"')
    } catch {
      return false // Not listening yet.
    }
  }
}

async function findLeader(members: readonly Member[]): Promise<EtcdMember> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    for (const member of members) {
      const status = await memberStatus(member.endpoint)
      if (status !== undefined && status.leader === status.self) return member
    }
    await delay(20)
  }
  throw new Error('the etcd members have no leader')
}

/** By etcd's JSON gateway: a second opinion, independent of the client under test. */
async function memberStatus(endpoint: string): Promise<{ self: string; leader: string } | undefined> {
  try {
    const answer = await fetch(`${endpoint}/v3/maintenance/status`, {
      method: 'POST',
      body: '{}',
      signal: AbortSignal.timeout(500),
    })
    const status: unknown = await answer.json()
    if (typeof status !== 'object' || status === null || !('leader' in status) || !('header' in status))
      return undefined
    const { header } = status
    if (typeof header !== 'object' || header === null || !('member_id' in header)) return undefined
    return { self: String(header.member_id), leader: String(status.leader) }
  } catch {
    return undefined // Killed or paused: not the leader.
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening(createServer())))
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function listening(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

/** Whether any thread is neither stopped nor gone. Where there is no /proc, nobody can tell. */
function runs(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
      // The state follows the name, which is in parentheses and may hold anything.
      return !/^[TtZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
    })
  } catch {
    return false // Gone, or never there.
  }
}
