// Tells a process from a later one with the same pid: by its start time. So a state file of yesterday never kills a stranger.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Opaque; equal for the same process only. Empty when it could not be read. */
  readonly startTime: string
}

/** The start time of a living process; undefined when there is none (a zombie counts as none). */
export function startTimeOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The command's name is in parentheses and may hold spaces: the fields are counted after it. proc(5): 3 state, 20 num_threads, 22 starttime.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [state, threads, startTime] = [fields[0], fields[17], fields[19]]
      // The first thread of a killed process may be a zombie while others still hold its sockets open.
      const isDead = state === 'X' || (state === 'Z' && Number(threads) <= 1)
      return isDead ? undefined : startTime
    } catch {
      return undefined
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) ?? '' }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime
}

/** Sends a signal to that very process. False when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    process.kill(identity.pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false // process.kill throws system errors only.
    throw error
  }
}
