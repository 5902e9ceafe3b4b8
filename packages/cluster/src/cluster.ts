// Starts a cluster and supervises it in this process.
//
//   plan -> ports free? -> binaries -> certificates, kubeconfigs, HAProxy's configuration -> all processes at once -> healthy
//
// The processes need no order: a replica waits for etcd, HAProxy for replicas. They end in order: controller managers, replicas
// (they drain while HAProxy and etcd still serve them), then HAProxy, then etcd.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findBinaries } from './binaries.ts'
import { ensureCertificates } from './certificates.ts'
import { controllerManager } from './controller-manager.ts'
import { etcdMember } from './etcd-member.ts'
import { makeFolder } from './folder.ts'
import { ClusterHandle } from './handle.ts'
import { writeKubeconfigs } from './kubeconfig.ts'
import { loadBalancer } from './load-balancer.ts'
import { rotateLogs } from './log-rotation.ts'
import type { ProcessSpecification } from './managed-process.ts'
import { ManagedProcess } from './managed-process.ts'
import type { ClusterOptions, ClusterPlan } from './plan.ts'
import { planCluster, stateFiles } from './plan.ts'
import { checkPorts, ephemeralPortWarning } from './ports.ts'
import { identityOf } from './process-identity.ts'
import type { ReplicaCommand } from './replica.ts'
import { replica } from './replica.ts'
import { removeClusterRecord, STOP_ORDER, writeClusterRecord } from './state-file.ts'

export interface StartOptions extends ClusterOptions {
  /** How a replica is started. */
  readonly replicaCommand: ReplicaCommand
  /** How a controller manager is started; needed when there are to be any. */
  readonly controllerManagerCommand?: ReplicaCommand
  /** Told what is going on, one sentence at a time. */
  readonly onProgress?: (progress: Progress) => void
  /** Told of every process that died and is started again. */
  readonly onDeath?: (name: string, how: string) => void
}

export type Step = 'ports' | 'binaries' | 'certificates' | 'etcd' | 'replicas' | 'haproxy' | 'controllers'
export interface Progress {
  readonly step: Step
  readonly done: boolean
  readonly text: string
}

/** What stands in the way of a start; its message is a sentence for the user. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
}

export class RunningCluster extends ClusterHandle implements AsyncDisposable {
  readonly #processes: readonly ManagedProcess[]
  readonly #rotation = new AbortController()
  readonly #killAll = (): void => this.#processes.forEach((process) => process.killNow())

  constructor(
    plan: ClusterPlan,
    specifications: readonly ProcessSpecification[],
    died: (name: string, how: string) => void,
  ) {
    super(plan.stateDir)
    const supervisor = identityOf(process.pid)
    const startedAt = new Date().toISOString()
    const write = (): void => {
      writeClusterRecord({ plan, supervisor, startedAt, processes: this.#processes.map((each) => each.record) })
    }
    let isWritten = false
    const observer = { died, changed: () => void (isWritten && write()) }
    this.#processes = specifications.map((specification) => new ManagedProcess(specification, observer))
    isWritten = true
    write()
  }

  startAll(): void {
    // When this process ends without stop(), by a fault of its own, nothing may stay behind.
    process.once('exit', this.#killAll)
    for (const each of this.#processes) each.start()
    rotateLogs(
      this.#processes.map((each) => each.specification.logFile),
      this.#rotation.signal,
    )
  }

  /** Drains and ends everything; the state folder stays, for the next start. */
  async stop(): Promise<void> {
    for (const role of STOP_ORDER) {
      await Promise.all(this.#processes.filter((each) => each.specification.role === role).map((each) => each.stop()))
    }
    removeClusterRecord(this.stateDir)
    this.#rotation.abort()
    process.off('exit', this.#killAll)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** Throws ClusterError, PortError or RangeError, each with a sentence for the user, before anything is started. */
export async function startCluster({
  onProgress = () => {},
  onDeath = () => {},
  replicaCommand,
  controllerManagerCommand = replicaCommand,
  ...options
}: StartOptions): Promise<RunningCluster> {
  const plan = planCluster(options)
  refuseFile(plan)
  refuseSecondCluster(plan)
  await checkPorts(plan)
  onProgress({
    step: 'ports',
    done: true,
    text: [
      `HAProxy ${plan.port}, replicas ${plan.port + 1} and up, etcd ${plan.etcd[0]?.clientPort} and up`,
      ephemeralPortWarning(plan) ?? [],
    ]
      .flat()
      .join('. '),
  })

  prepareStateDir(plan)
  const [binaries, made] = await Promise.all([
    findBinaries((text) => onProgress({ step: 'binaries', done: false, text })),
    ensureCertificates(join(plan.stateDir, 'pki')),
  ])
  onProgress({ step: 'binaries', done: true, text: binaries.description })
  onProgress({ step: 'certificates', done: true, text: made.length === 0 ? 'reused' : `made ${made.join(', ')}` })

  writeKubeconfigs(plan)

  const cluster = new RunningCluster(
    plan,
    [
      ...plan.etcd.map((member) => etcdMember(plan, member, binaries.etcd)),
      ...plan.replicas.map((each) => replica(plan, each, replicaCommand)),
      loadBalancer(plan, binaries.haproxy),
      ...plan.controllerManagers.map((each) => controllerManager(plan, each, controllerManagerCommand)),
    ],
    onDeath,
  )
  cluster.startAll()
  return cluster
}

/** Reports the steps of a start as they become true. Throws when something is not healthy after `timeoutMs`. */
export async function whenUp(
  cluster: ClusterHandle,
  onProgress: (progress: Progress) => void,
  timeoutMs = 60_000,
): Promise<void> {
  const { plan } = cluster
  const await_ = async (step: Step, names: readonly string[]): Promise<void> => {
    await cluster.whenHealthy(timeoutMs, names)
    onProgress({ step, done: true, text: names.join(', ') })
  }
  await Promise.all([
    await_(
      'etcd',
      plan.etcd.map(({ name }) => name),
    ),
    await_(
      'replicas',
      plan.replicas.map(({ name }) => name),
    ),
    await_('haproxy', ['haproxy']),
    plan.controllerManagers.length > 0 &&
      await_(
        'controllers',
        plan.controllerManagers.map(({ name }) => name),
      ),
  ])
}

/** A state folder that is a file, or would lie in one. */
function refuseFile({ stateDir }: ClusterPlan): void {
  let nearest = stateDir
  while (!existsSync(nearest)) nearest = dirname(nearest)
  if (!statSync(nearest).isDirectory()) {
    throw new ClusterError(
      `The state folder ${stateDir} cannot be made: ${nearest} is a file. Choose another --state-dir.`,
    )
  }
}

function refuseSecondCluster({ stateDir }: ClusterPlan): void {
  const other = new ClusterHandle(stateDir)
  if (other.isRunning) {
    throw new ClusterError(
      `A cluster is running in ${stateDir} (port ${other.plan.port}): stop it with \`keelson down\`, or choose another --state-dir and --port.`,
    )
  }
}

function prepareStateDir(plan: ClusterPlan): void {
  makeFolder(plan.stateDir, 0o700)
  refuseOtherMembers(plan)
  rmSync(join(plan.stateDir, 'hold'), { recursive: true, force: true })
  for (const { name } of plan.etcd) makeFolder(stateFiles.etcdData(plan.stateDir, name), 0o700)
}

/** The members of an etcd cluster and their addresses are in its data: another number or port needs another folder. */
function refuseOtherMembers(plan: ClusterPlan): void {
  const file = join(plan.stateDir, 'data', 'members')
  const members = plan.etcd.map(({ name, peerPort }) => `${name} ${peerPort}`).join('\n')
  if (existsSync(file) && readFileSync(file, 'utf8') !== members) {
    throw new ClusterError(
      `The data in ${plan.stateDir} belongs to other --etcd or --port values: use those, or another --state-dir, or remove the folder.`,
    )
  }
  makeFolder(join(plan.stateDir, 'data'), 0o700)
  writeFileSync(file, members)
}
