// What is killed (SIGKILL) in the last third of the time: replicas of Keelson one after another, and the leading
// kube-controller-manager and kube-scheduler of both sides.
import { setTimeout as delay } from 'node:timers/promises'
import { ClusterHandle } from '@keelson/cluster'
import type { ComponentName, StartedComponents } from '../component-processes.ts'

export interface Struck {
  /** Undefined: the real server, which has one process and keeps it. */
  readonly keelsonStateDir: string | undefined
  readonly components: StartedComponents
}

const REPLICAS = ['replica-1', 'replica-2', 'replica-3']
const HEALTHY_MS = 60_000

/** From `fromMs` until `untilMs` after now; returns what was struck. */
export async function strike(
  { keelsonStateDir, components }: Struck,
  fromMs: number,
  untilMs: number,
): Promise<string[]> {
  const plan: (() => Promise<string>)[] = [
    () => killLeader(components, 'kube-controller-manager'),
    ...(keelsonStateDir === undefined ? [] : REPLICAS.map((name) => () => killReplica(keelsonStateDir, name))),
    () => killLeader(components, 'kube-scheduler'),
  ]
  const struck: string[] = []
  await delay(fromMs)
  for (const next of plan) {
    struck.push(await next())
    await delay((untilMs - fromMs) / plan.length)
  }
  return struck
}

/** The one before it is back, so that two are there at any time. */
async function killReplica(stateDir: string, name: string): Promise<string> {
  const cluster = new ClusterHandle(stateDir)
  await cluster.whenHealthy(HEALTHY_MS, REPLICAS)
  await cluster.kill(name)
  return name
}

async function killLeader(components: StartedComponents, name: ComponentName): Promise<string> {
  return components.killLeader(name) ? name : `no ${name}: none led`
}
