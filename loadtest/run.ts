// `npm run load [-- --seconds 30 --watchers 500 --rate 200 --kubeconfig FILE]`: the checked workload at a rate of your choice,
// through HAProxy of a cluster that it starts (or against any server, with --kubeconfig). Prints what was done and delivered,
// the longest silence of a watch, the servers' CPU, and every broken promise. Exit code 1 when there is one.
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadKubeconfig } from '@keelson/client'
import { ClusterHandle } from '@keelson/cluster'
import { startWorkload } from '@keelson/workload'
import { startKeelson } from '../test/interop/keelson.ts'

const MOST = { seconds: 3600, watchers: 5000, rate: 2000 } as const

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    watchers: { type: 'string', default: '500' },
    rate: { type: 'string', default: '200' },
    port: { type: 'string', default: '17443' },
    kubeconfig: { type: 'string' },
  },
})

function bounded(name: keyof typeof MOST): number {
  const value = Number(options[name])
  if (Number.isInteger(value) && value > 0 && value <= MOST[name]) return value
  throw new Error(`--${name} must be a whole number from 1 to ${MOST[name]}, not ${options[name]}`)
}

const [seconds, watchers, rate] = [bounded('seconds'), bounded('watchers'), bounded('rate')]
await using stack = new AsyncDisposableStack()
const keelson = options.kubeconfig === undefined ? stack.use(await startKeelson(Number(options.port))) : undefined
const replicas = keelson === undefined ? [] : await new ClusterHandle(keelson.stateDir).status()
const pids = replicas.filter(({ role }) => role === 'apiserver').flatMap(({ pid }) => pid ?? [])

const workload = await startWorkload({
  connection: await loadKubeconfig(keelson?.kubeconfig ?? options.kubeconfig ?? ''),
  watchers,
  writesPerSecond: rate,
})
const before = cpuSeconds()
workload.resetGaps()
await delay(seconds * 1000)
const usedSeconds = cpuSeconds() - before
const gapMs = Math.round(workload.longestGapMs())
const { violations, ...report } = await workload.stop()

console.log(`${watchers} watches, ${rate} writes/s asked for, ${seconds} s`)
console.log(`writes: ${JSON.stringify(report.writes)}; reads: ${report.reads}; events delivered: ${report.delivered}`)
console.log(
  `longest silence of a watch: ${gapMs} ms; reconnects ${report.reconnects}, 410 ${report.gone}, relists ${report.relists}`,
)
if (pids.length > 0) {
  const each = (1e6 * usedSeconds) / Math.max(1, report.delivered)
  console.log(
    `CPU of the ${pids.length} replicas: ${usedSeconds.toFixed(1)} s, ${each.toFixed(1)} µs for each event delivered (writes and reads included)`,
  )
}
for (const violation of violations.slice(0, 20)) console.log(`${violation.type}: ${violation.detail}`)
console.log(`${violations.length} violations`)
process.exitCode = violations.length > 0 ? 1 : 0

/** User and system time of the replicas so far, from /proc (clock ticks of 10 ms). */
function cpuSeconds(): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return sum + (Number(fields[11]) + Number(fields[12])) / 100
  }, 0)
}
