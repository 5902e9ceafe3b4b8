// `npm run drill [-- --rounds 10 --watchers 100 --rate 50]`: the checked workload through HAProxy while every part is killed in
// turn with SIGKILL (each replica, one etcd follower, the etcd leader), and each replica is restarted on purpose with SIGTERM.
// Nothing may be lost, doubled, reordered or back in time, no watch may be told 410, the longest silence of a watch has a
// limit, and a restart on purpose fails no request at all. Then the leading controller manager is struck in the middle of its work
// (controllers.ts). Exit code 1 when one of these is broken.
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadKubeconfig } from '@keelson/client'
import { ClusterHandle } from '@keelson/cluster'
import { startWorkload } from '@keelson/workload'
import { startKeelson } from '../interop/keelson.ts'
import { drillControllers } from './controllers.ts'
import { etcdLeader } from './etcd-leader.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    watchers: { type: 'string', default: '100' },
    rate: { type: 'string', default: '50' },
    port: { type: 'string', default: '18443' },
    only: { type: 'string', default: 'restart,replica,etcd-follower,etcd-leader,controller-manager' },
  },
})

/** Longest silence of a watch that is allowed, in ms. */
const LIMIT_MS = { restart: 2000, replica: 2000, 'etcd-follower': 3000, 'etcd-leader': 3000 } as const
type Target = keyof typeof LIMIT_MS
/** The workload runs this long after the killed part is healthy again, so that its come-back is under load too. */
const AFTER_MS = 1000
const RESTART_TIMEOUT_MS = 30_000

interface Round {
  readonly target: Target
  readonly name: string
  readonly gapMs: number
  /** Requests that failed meanwhile: of a kill, those that were on their way. */
  readonly failures: number
}

await using keelson = await startKeelson(Number(options.port))
const cluster = new ClusterHandle(keelson.stateDir)
const workload = await startWorkload({
  connection: await loadKubeconfig(keelson.kubeconfig),
  watchers: Number(options.watchers),
  writesPerSecond: Number(options.rate),
})
await delay(2000) // Everything is warm before the first kill.

const rounds: Round[] = []
const wanted = options.only.split(',')
for (let round = 1; round <= Number(options.rounds); round++) {
  for (const { name } of cluster.plan.replicas) await strike('restart', name)
  for (const { name } of cluster.plan.replicas) await strike('replica', name)
  const leader = await etcdLeader(keelson)
  const follower = cluster.plan.etcd.map(({ name }) => name).find((name) => name !== leader) ?? ''
  await strike('etcd-follower', follower)
  await strike('etcd-leader', await etcdLeader(keelson))
}

async function strike(target: Target, name: string): Promise<void> {
  if (!wanted.includes(target)) return
  workload.resetGaps()
  const failedBefore = workload.history.failures.length
  if (target === 'restart') await restart(name)
  else await cluster.kill(name)
  await cluster.whenHealthy(30_000, [name])
  await delay(AFTER_MS)
  const gapMs = Math.round(workload.longestGapMs())
  const failures = workload.history.failures.slice(failedBefore)
  rounds.push({ target, name, gapMs, failures: failures.length })
  console.log(
    `${target === 'restart' ? 'SIGTERM' : 'kill -9'} ${name.padEnd(10)} (${target}): longest silence of a watch ${gapMs} ms` +
      `${gapMs > LIMIT_MS[target] ? '  <-- over the limit' : ''}, ${failures.length} failed requests`,
  )
  if (target === 'restart') for (const { detail } of failures.slice(0, 5)) console.log(`  ${detail}`)
}

/** Resolves when the supervisor has started the process that follows. */
async function restart(name: string): Promise<void> {
  const old = cluster.process(name).identity?.pid
  cluster.restart(name)
  const deadline = performance.now() + RESTART_TIMEOUT_MS
  while ([old, undefined].includes(cluster.process(name).identity?.pid) || cluster.process(name).state !== 'running') {
    if (performance.now() > deadline) throw new Error(`${name} did not end within ${RESTART_TIMEOUT_MS} ms of SIGTERM`)
    await delay(20)
  }
}

const { violations, ...report } = await workload.stop()
console.log(`\n${JSON.stringify(report)}`)
let failed = violations.length > 0 || report.gone > 0 || report.relists > 0
for (const violation of violations.slice(0, 20)) console.log(`${violation.type}: ${violation.detail}`)
for (const target of Object.keys(LIMIT_MS) as Target[]) {
  const gaps = rounds.filter((round) => round.target === target).map(({ gapMs }) => gapMs)
  if (gaps.length === 0) continue
  const worst = Math.max(...gaps)
  const median = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0
  const failures = rounds.filter((round) => round.target === target).reduce((sum, round) => sum + round.failures, 0)
  if (worst > LIMIT_MS[target] || (target === 'restart' && failures > 0)) failed = true
  console.log(
    `${target.padEnd(14)} ${gaps.length} times, ${failures} failed requests, longest silence: median ${median} ms, worst ${worst} ms (limit ${LIMIT_MS[target]} ms)`,
  )
}
console.log(`${violations.length} violations, ${report.gone} answers 410, ${report.relists} relists`)
if (wanted.includes('controller-manager')) {
  for (const { name, tookMs, violations: problems } of await drillControllers(keelson)) {
    if (problems.length > 0) failed = true
    console.log(`${name}: ended ${(tookMs / 1000).toFixed(1)} s later${problems.map((each) => `\n  ${each}`).join('')}`)
  }
}
process.exitCode = failed ? 1 : 0
