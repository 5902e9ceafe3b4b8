// The real kube-controller-manager and kube-scheduler, two of each, run the same script for some minutes on a Keelson of three
// replicas and on the real API server, side by side. When all is at rest, everything that the two servers hold is compared, and so
// is what the components logged.
//
//   stories, then churn ──► Side ──► API server ◄── controller managers, schedulers
//                                        ▲
//                                        └── kubelets of all simulated nodes
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient, createHttp2Transport, loadKubeconfig } from '@keelson/client'
import { type ServerForComponents, type StartedComponents, startComponents } from '../component-processes.ts'
import { startKeelson } from '../keelson.ts'
import { errorsIn } from '../logged-errors.ts'
import { startUpstream } from '../upstream.ts'
import { type Churn, churn } from './churn.ts'
import { compare, describe } from './compare.ts'
import { Kubelets, type NodeDescription } from './kubelets.ts'
import { Side } from './side.ts'
import { takeSnapshot, whenAtRest } from './snapshot.ts'
import { cronJobs, endCronJobs, jobs } from './stories/batch.ts'
import { namespaces, owners } from './stories/deletions.ts'
import { DRILL_NODES, DRILL_TAINT, nodes as nodeStories } from './stories/nodes.ts'
import { policies, services } from './stories/policies.ts'
import type { Stage, Story } from './stories/story.ts'
import { volumes } from './stories/volumes.ts'
import { daemonSets, deployments, statefulSets, stuckDeployments } from './stories/workloads.ts'
import { strike } from './strikes.ts'

export interface ConvergenceOptions {
  readonly port: number
  readonly minutes: number
  readonly nodes: number
  readonly seed: number
  /** Replicas and leaders are killed in the last third. */
  readonly strikes: boolean
}

const STORIES: Readonly<Record<string, Story>> = {
  deployments,
  stuckDeployments,
  statefulSets,
  daemonSets,
  jobs,
  cronJobs,
  volumes,
  policies,
  services,
  nodes: nodeStories,
  namespaces,
  owners,
}
/** Churn: so many namespaces, and in each of them an operation not oftener than this. */
const USERS = 6
const OPERATION_EVERY_MS = 4_000
/** What differs when all is at rest is looked at again: a loop may come round every half minute. */
const LOOKS = 3
const LOOK_AGAIN_MS = 20_000

/** Prints what was found; returns how much differs. */
export async function runConvergence(options: ConvergenceOptions): Promise<number> {
  console.log(`convergence: ${options.minutes} minutes, ${options.nodes} nodes, seed ${options.seed}`)
  await using stack = new AsyncDisposableStack()
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-upstream-'))
  const real = stack.use(await startUpstream(stateDir, undefined, 'application/vnd.kubernetes.protobuf'))
  const keelson = stack.use(await startKeelson(options.port, ['--controller-managers=0']))
  console.log(`logs of the components: ${stateDir} (the real server), ${keelson.stateDir} (Keelson)`)
  const servers = { upstream: { kubeconfig: real.kubeconfig, pki: join(stateDir, 'pki'), stateDir }, keelson }
  const upstreamRun = new Run('upstream', servers.upstream, undefined)
  const keelsonRun = new Run('keelson', servers.keelson, keelson.stateDir)
  const runs = [upstreamRun, keelsonRun]
  const ended = new AbortController()
  try {
    await Promise.all(runs.map((run) => run.play(options, ended.signal)))
    let comparison = compare(...(await both(runs, whenAtRest)))
    for (let look = 1; look < LOOKS && comparison.differences.length > 0; look++) {
      await delay(LOOK_AGAIN_MS)
      comparison = compare(...(await both(runs, takeSnapshot)))
    }
    console.log(describe(comparison))
    for (const difference of comparison.differences) console.log(`DIFFERS ${difference}`)
    const { onUpstream, onKeelson } = comparison.events
    for (const event of onUpstream) console.log(`EVENT   on the real server only: ${event}`)
    for (const event of onKeelson) console.log(`EVENT   on Keelson only: ${event}`)
    const missed = runs.flatMap(({ name, missed: texts }) => texts.map((text) => `${name}: ${text}`))
    for (const text of missed) console.log(`MISSED  ${text}`)
    const errors = await endAndCompareLogs(upstreamRun, keelsonRun, ended, options.strikes)
    // Whoever is killed takes the Events along that it had not written yet.
    const lost = options.strikes ? 0 : onUpstream.length
    const found = { objects: comparison.differences.length, events: lost + onKeelson.length }
    console.log(
      `convergence: ${found.objects} objects and ${found.events} events differ, ${missed.length} waits were in vain, ${errors} errors are logged on Keelson only; seed ${options.seed}`,
    )
    return found.objects + found.events + missed.length + errors
  } finally {
    ended.abort()
    await Promise.all(runs.map((run) => run.end()))
  }
}

async function both<Found>(runs: readonly Run[], ask: (side: Side) => Promise<Found>): Promise<[Found, Found]> {
  return (await Promise.all(runs.map((run) => ask(run.side)))) as [Found, Found] // There are two runs.
}

/** A replica that is killed cuts the requests that it was working on; the real server is never killed. */
const CUT = /unexpected EOF|connection re(set|fused)|http2: client connection/

async function endAndCompareLogs(
  upstream: Run,
  keelson: Run,
  ended: AbortController,
  strikes: boolean,
): Promise<number> {
  ended.abort()
  await Promise.all([upstream.end(), keelson.end()])
  const [expected, actual] = [errorsIn(upstream.logFiles), errorsIn(keelson.logFiles)]
  const more = [...actual.difference(expected)]
  const isCut = (error: string): boolean => strikes && CUT.test(error)
  const only = more.filter((error) => !isCut(error))
  for (const error of more.filter(isCut)) console.log(`cut      ${error}`)
  for (const error of actual.intersection(expected)) console.log(`on both  ${error}`)
  for (const error of only) console.log(`KEELSON  ${error}`)
  return only.length
}

/** One server's part. */
class Run {
  readonly name: string
  readonly #server: ServerForComponents
  readonly #keelsonStateDir: string | undefined
  #side: Side | undefined
  #components: StartedComponents | undefined
  #kubelets: Promise<void> | undefined

  constructor(name: string, server: ServerForComponents, keelsonStateDir: string | undefined) {
    this.name = name
    this.#server = server
    this.#keelsonStateDir = keelsonStateDir
  }

  get side(): Side {
    if (this.#side === undefined) throw new Error(`${this.name} is not played yet`)
    return this.#side
  }

  get missed(): readonly string[] {
    return this.#side?.missed ?? []
  }

  get logFiles(): readonly string[] {
    return this.#components?.logFiles ?? []
  }

  async play(options: ConvergenceOptions, signal: AbortSignal): Promise<void> {
    const startedMs = performance.now()
    const { kubeconfig } = this.#server
    const side = (this.#side = await Side.connect(this.name, kubeconfig, signal))
    const components = (this.#components = startComponents(this.#server, 2))
    const client = createClient(createHttp2Transport(await loadKubeconfig(kubeconfig)), { retries: true })
    const kubelets = new Kubelets(client, (error) => console.log(`${this.name}: kubelets: ${String(error)}`))
    this.#kubelets = kubelets
      .run(simulatedNodes(options.nodes), signal)
      .catch((error: unknown) => void side.missed.push(`the kubelets broke off: ${String(error)}`))
      .finally(() => client.transport.close())
    await Promise.race([kubelets.registered, this.#kubelets])
    const totalMs = options.minutes * 60_000
    const struck = options.strikes
      ? strike({ keelsonStateDir: this.#keelsonStateDir, components }, (totalMs * 2) / 3, totalMs)
      : Promise.resolve([])
    const operations = Math.floor(totalMs / OPERATION_EVERY_MS)
    const churned: Churn = { seed: options.seed, users: USERS, operations, everyMs: OPERATION_EVERY_MS }
    await Promise.all([
      this.#tell('churn', ({ side: changed }) => churn(changed, churned), { side, kubelets }),
      ...Object.entries(STORIES).map(([name, story]) => this.#tell(name, story, { side, kubelets })),
      struck,
    ])
    await this.#tell('endCronJobs', endCronJobs, { side, kubelets })
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
    const kills = (await struck).join(', ')
    console.log(
      `${this.name}: the stories and ${USERS * operations} random operations in ${seconds} s${kills && `; killed: ${kills}`}`,
    )
  }

  async end(): Promise<void> {
    await this.#components?.[Symbol.asyncDispose]()
    await this.#kubelets
    this.#side?.[Symbol.dispose]()
  }

  async #tell(name: string, story: Story, stage: Stage): Promise<void> {
    try {
      await story(stage)
    } catch (error) {
      stage.side.missed.push(`${name} broke off: ${String(error)}`)
    }
  }
}

/** Every fifth has the disks that a DaemonSet wants; the last one is for those who tolerate everything. */
function simulatedNodes(count: number): ReadonlyMap<string, NodeDescription> {
  const nodes = new Map<string, NodeDescription>()
  for (let number = 0; number < count; number++) {
    const name = `node-${number}`
    const isDedicated = number === count - 1
    nodes.set(name, {
      labels: { ...(number % 5 === 3 && { disk: 'ssd' }), ...(isDedicated && { dedicated: 'yes' }) },
      taints: [
        ...(isDedicated ? [{ key: 'dedicated', value: 'yes', effect: 'NoSchedule' }] : []),
        ...(DRILL_NODES.includes(name) ? [DRILL_TAINT] : []),
      ],
    })
  }
  return nodes
}
