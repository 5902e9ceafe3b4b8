// <state>/cluster.json: what runs, written by the supervisor at every change, removed at the end, and read by `status`, `down` and the faults.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from './folder.ts'
import type { ClusterPlan } from './plan.ts'
import { stateFiles } from './plan.ts'
import type { ProcessIdentity } from './process-identity.ts'

export type Role = 'etcd' | 'apiserver' | 'controller-manager' | 'haproxy'
/** The order of an end: whoever serves outlives those whom it serves. */
export const STOP_ORDER: readonly Role[] = ['controller-manager', 'apiserver', 'haproxy', 'etcd']

/** `held`: died while a hold file told the supervisor not to start it again. */
export type ProcessState = 'running' | 'waiting' | 'held' | 'stopped'

export interface ProcessRecord {
  readonly name: string
  readonly role: Role
  readonly state: ProcessState
  /** The last one started; undefined before the first start. */
  readonly identity: ProcessIdentity | undefined
  readonly address: string
  readonly restarts: number
}

export interface ClusterRecord {
  readonly plan: ClusterPlan
  readonly supervisor: ProcessIdentity
  readonly startedAt: string
  readonly processes: readonly ProcessRecord[]
}

/** Synchronous, so that a process that was started is on disk before anything else can happen. */
export function writeClusterRecord(record: ClusterRecord): void {
  const file = stateFiles.cluster(record.plan.stateDir)
  makeFolder(dirname(file))
  writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Nothing of it runs any more. */
export function removeClusterRecord(stateDir: string): void {
  rmSync(stateFiles.cluster(stateDir), { force: true })
}

/** Undefined when there is no cluster in that folder. */
export function readClusterRecord(stateDir: string): ClusterRecord | undefined {
  let text
  try {
    text = readFileSync(stateFiles.cluster(stateDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // File-system functions throw system errors.
    throw error
  }
  return JSON.parse(text) as ClusterRecord // Written by writeClusterRecord only, and whole: it is renamed into place.
}
