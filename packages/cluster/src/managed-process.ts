// One supervised process: started, started again when it dies (unless it is held or being stopped), and stopped.
//
//   stopped --start()--> running --dies--> waiting (backoff) --> running
//                           |                 \--hold file--> held --file removed--> running
//                           \--stop()--> stopped
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from './folder.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { identityOf, isAlive, signalProcess } from './process-identity.ts'
import type { ProcessRecord, ProcessState, Role } from './state-file.ts'

export interface ProcessSpecification {
  readonly name: string
  readonly role: Role
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly address: string
  readonly logFile: string
  readonly holdFile: string
  /** After SIGTERM and this long, SIGKILL. */
  readonly stopTimeoutMs: number
  /** Writes what it reads at its start. */
  readonly prepare?: () => void
}

export interface ProcessObserver {
  /** Its record is another one now. */
  changed(): void
  /** It ended without having been stopped. */
  died(name: string, how: string): void
}

const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 5_000
/** A process that lived this long starts again without delay. */
const STEADY_AFTER_MS = 10_000
const HOLD_POLL_MS = 100

export class ManagedProcess {
  readonly specification: ProcessSpecification
  readonly #observer: ProcessObserver
  #state: ProcessState = 'stopped'
  #identity: ProcessIdentity | undefined
  #restarts = 0
  #backoffMs = FIRST_BACKOFF_MS
  #timer: NodeJS.Timeout | undefined
  #exited: Promise<void> = Promise.resolve()
  #stopping = false

  constructor(specification: ProcessSpecification, observer: ProcessObserver) {
    this.specification = specification
    this.#observer = observer
  }

  get record(): ProcessRecord {
    const { name, role, address } = this.specification
    return { name, role, address, state: this.#state, identity: this.#identity, restarts: this.#restarts }
  }

  start(): void {
    this.#stopping = false
    if (this.#state !== 'running') this.#spawn()
  }

  /** SIGTERM, then SIGKILL after the specification's timeout. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    if (this.#state === 'running' && this.#identity !== undefined) {
      const identity = this.#identity
      signalProcess(identity, 'SIGTERM')
      // A process under SIGSTOP would not see the SIGTERM.
      signalProcess(identity, 'SIGCONT')
      const kill = setTimeout(() => signalProcess(identity, 'SIGKILL'), this.specification.stopTimeoutMs)
      await this.#exited
      clearTimeout(kill)
    }
    this.#become('stopped')
  }

  /** For the end of the supervisor itself: nothing may be awaited any more. */
  killNow(): void {
    this.#stopping = true
    clearTimeout(this.#timer)
    if (this.#identity !== undefined && isAlive(this.#identity)) signalProcess(this.#identity, 'SIGKILL')
  }

  #spawn(): void {
    const { command, args, env, logFile, prepare } = this.specification
    makeFolder(dirname(logFile))
    prepare?.()
    // The child appends to the file itself: it goes on logging, and living, when the supervisor is killed.
    const log = openSync(logFile, 'a', 0o600)
    const startedAt = Date.now()
    // Its own process group: Ctrl-C on the terminal reaches the supervisor only, which stops things in order.
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true, env: { ...process.env, ...env } })
    closeSync(log)
    this.#identity = child.pid === undefined ? undefined : identityOf(child.pid)
    this.#exited = new Promise((resolve) => {
      const ended = (how: string): void => {
        resolve()
        this.#ended(how, Date.now() - startedAt)
      }
      child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
      // Could not be started: counts as a death.
      child.once('error', (error) => child.pid === undefined && ended(error.message))
    })
    this.#become('running')
  }

  #ended(how: string, livedMs: number): void {
    if (this.#stopping) return
    this.#observer.died(this.specification.name, how)
    if (livedMs > STEADY_AFTER_MS) this.#backoffMs = FIRST_BACKOFF_MS
    this.#become('waiting')
    this.#timer = setTimeout(() => this.#startAgain(), this.#backoffMs)
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS)
  }

  #startAgain(): void {
    if (existsSync(this.specification.holdFile)) {
      if (this.#state !== 'held') this.#become('held')
      this.#timer = setTimeout(() => this.#startAgain(), HOLD_POLL_MS)
      return
    }
    this.#restarts++
    this.#spawn()
  }

  #become(state: ProcessState): void {
    this.#state = state
    this.#observer.changed()
  }
}
