// A running cluster seen from any process, through its state folder: its status, its faults, its end.
import { rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { makeFolder } from './folder.ts'
import { probe } from './health.ts'
import type { ClusterPlan } from './plan.ts'
import { stateFiles } from './plan.ts'
import { isAlive, signalProcess } from './process-identity.ts'
import type { ClusterRecord, ProcessRecord, Role } from './state-file.ts'
import { readClusterRecord, removeClusterRecord, STOP_ORDER } from './state-file.ts'

export interface ProcessStatus {
  readonly role: Role
  readonly name: string
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  readonly address: string
  readonly health: 'healthy' | 'unhealthy'
  /** Why it is unhealthy; '' when healthy. */
  readonly reason: string
  readonly restarts: number
}

export interface KillOptions {
  /** False: it stays dead until `release` is called. */
  readonly restart?: boolean
}

/** Signals and exits are looked for often: it costs nothing. */
const POLL_MS = 25
/** Each probe is a TLS handshake on a machine that is busy starting everything. */
const HEALTH_POLL_MS = 100

export class ClusterHandle {
  readonly stateDir: string

  constructor(stateDir: string) {
    this.stateDir = stateDir
  }

  /** Undefined when there is no cluster in the folder. */
  get record(): ClusterRecord | undefined {
    return readClusterRecord(this.stateDir)
  }

  get plan(): ClusterPlan {
    return this.#existing().plan
  }

  get adminKubeconfig(): string {
    return stateFiles.kubeconfig(this.stateDir, 'admin')
  }

  replicaKubeconfig(number: number): string {
    return stateFiles.kubeconfig(this.stateDir, `replica-${number}`)
  }

  /** True while the supervisor lives, or anything that it has started. */
  get isRunning(): boolean {
    const { record } = this
    return record !== undefined && (isAlive(record.supervisor) || record.processes.some(lives))
  }

  /** False when the supervisor was killed: what it started goes on, and is not started again when it dies. */
  get isSupervised(): boolean {
    return isAlive(this.#existing().supervisor)
  }

  /** These processes (all by default), asked at this moment. */
  async status(names?: readonly string[]): Promise<ProcessStatus[]> {
    const record = this.#existing()
    const asked = record.processes.filter(({ name }) => names?.includes(name) ?? true)
    return Promise.all(
      asked.map(async (process): Promise<ProcessStatus> => {
        const running = lives(process)
        const { healthy, reason } = running
          ? await probe(record.plan, process)
          : { healthy: false, reason: notRunning(process) }
        return {
          role: process.role,
          name: process.name,
          pid: running ? process.identity?.pid : undefined,
          address: process.address,
          health: healthy ? 'healthy' : 'unhealthy',
          reason,
          restarts: process.restarts,
        }
      }),
    )
  }

  /** Waits until these (all by default) are healthy at the same time. Throws with the reasons after `timeoutMs`. */
  async whenHealthy(timeoutMs: number, names?: readonly string[]): Promise<void> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const waitingFor = (await this.status(names)).filter(({ health }) => health !== 'healthy')
      if (waitingFor.length === 0) return
      if (Date.now() > deadline) {
        const reasons = waitingFor.map(({ name, reason }) => `${name}: ${reason}`).join('; ')
        throw new Error(`not healthy after ${timeoutMs / 1000} s: ${reasons}`)
      }
      await delay(HEALTH_POLL_MS)
    }
  }

  /** SIGKILL. Resolves when it is dead, its sockets closed. The supervisor starts it again unless told not to. */
  async kill(name: string, { restart = true }: KillOptions = {}): Promise<void> {
    if (!restart) {
      const file = stateFiles.hold(this.stateDir, name)
      makeFolder(dirname(file))
      writeFileSync(file, '')
    }
    const { identity } = this.process(name)
    this.signal(name, 'SIGKILL')
    await goneWithin(5_000, () => identity === undefined || !isAlive(identity))
  }

  /** Lets the supervisor start again what was killed with `restart: false`. */
  release(name: string): void {
    rmSync(stateFiles.hold(this.stateDir, name), { force: true })
  }

  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(name: string): void {
    this.signal(name, 'SIGSTOP')
  }

  resume(name: string): void {
    this.signal(name, 'SIGCONT')
  }

  /** SIGTERM: a planned end, after which the supervisor starts it again. */
  restart(name: string): void {
    this.signal(name, 'SIGTERM')
  }

  signal(name: string, signal: NodeJS.Signals): void {
    const process = this.process(name)
    if (process.identity === undefined || !signalProcess(process.identity, signal))
      throw new Error(`${name} is not running`)
  }

  /** Throws for a name that the cluster does not have, naming those that it has. */
  process(name: string): ProcessRecord {
    const { processes } = this.#existing()
    const found = processes.find((process) => process.name === name)
    if (found === undefined)
      throw new Error(`there is no ${name}: the cluster has ${processes.map((each) => each.name).join(', ')}`)
    return found
  }

  /** Ends the supervisor and with it the cluster; what a dead supervisor left behind is ended here. False when nothing ran. */
  async down(timeoutMs = 60_000): Promise<boolean> {
    const { record } = this
    if (record === undefined || !this.isRunning) return false
    if (signalProcess(record.supervisor, 'SIGTERM')) await goneWithin(timeoutMs, () => !isAlive(record.supervisor))
    signalProcess(record.supervisor, 'SIGKILL')
    await endProcesses(this.record?.processes ?? [])
    removeClusterRecord(this.stateDir)
    return true
  }

  #existing(): ClusterRecord {
    const { record } = this
    if (record === undefined) throw new Error(`There is no cluster in ${this.stateDir}: start one with \`keelson up\`.`)
    return record
  }
}

function lives(process: ProcessRecord): boolean {
  return process.identity !== undefined && isAlive(process.identity)
}

function notRunning({ state }: ProcessRecord): string {
  return state === 'waiting' ? 'is being restarted' : state === 'held' ? 'is held down' : 'is not running'
}

/** In the order of the supervisor. */
async function endProcesses(processes: readonly ProcessRecord[]): Promise<void> {
  for (const role of STOP_ORDER) {
    const left = processes.filter((process) => process.role === role && lives(process))
    const send = (signal: NodeJS.Signals): void => {
      for (const { identity } of left) if (identity !== undefined) signalProcess(identity, signal)
    }
    send('SIGTERM')
    send('SIGCONT')
    await goneWithin(20_000, () => !left.some(lives))
    send('SIGKILL')
    await goneWithin(5_000, () => !left.some(lives))
  }
}

async function goneWithin(timeoutMs: number, isGone: () => boolean): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!isGone() && Date.now() < deadline) await delay(POLL_MS)
}
