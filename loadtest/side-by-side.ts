// `npm run side-by-side -- --generator FILE [--scenarios seed,create,get,list,update,watch] [--rounds 3] [--realtime] [-- FLAGS]`:
// one Keelson replica and one real kube-apiserver, each on an etcd of its own, under the same load in turn; prints what an
// operation costs either server in processor time, the ratio, and the longest gap of Keelson's loop. README.md says what the
// generator is asked for. Needs KEELSON_UPSTREAM.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ensureCertificates, findFreePort } from '@keelson/cluster'
import { ownCommand } from '../packages/keelson/src/own-command.ts'
import { run, serverFlags, startEtcd, startProcess, upstreamBinary } from '../test/interop/upstream.ts'

const SCENARIOS = 'seed,create,get,list,update,watch'
const SCENARIO_TIMEOUT_MS = 10 * 60_000
const READY_TIMEOUT_MS = 60_000
/** Of all that the generator writes: what is compared. */
const COMPARED = /(^|\.)(cpu_us_op|rss_mb|loop_gap_ms)$/
const MAX_ROUNDS = 20

interface Side {
  readonly name: 'keelson' | 'kube-apiserver'
  readonly url: string
  readonly flags: readonly string[]
  readonly rounds: Record<string, number>[]
}

const { values: options, positionals: generatorFlags } = parseArgs({
  allowPositionals: true,
  options: {
    generator: { type: 'string' },
    scenarios: { type: 'string', default: SCENARIOS },
    rounds: { type: 'string', default: '3' },
    // Keelson's threads never wait for a core then: a gap is one of its own making. Needs root and chrt (util-linux).
    realtime: { type: 'boolean', default: false },
  },
})
const { generator } = options
if (generator === undefined) throw new Error('--generator names the load generator: see loadtest/README.md')
const rounds = Number(options.rounds)
if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS)
  throw new Error(`--rounds must be from 1 to ${MAX_ROUNDS}`)

await using stack = new AsyncDisposableStack()
const directory = mkdtempSync(join(tmpdir(), 'keelson-side-by-side-'))
const pki = join(directory, 'pki')
await ensureCertificates(pki)
const sides = [await startSide('keelson'), await startSide('kube-apiserver')]

for (let round = 0; round < rounds; round++) {
  for (const scenario of options.scenarios.split(',')) {
    // Whoever goes second finds warmer processor caches and a noisier neighbour: they take turns.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await measure(generator, side, scenario, round)
  }
}
printTable(sides)

/** An etcd and a server on it, ready. */
async function startSide(name: Side['name']): Promise<Side> {
  const folder = join(directory, name)
  mkdirSync(folder)
  const etcd = stack.use(await startEtcd(folder))
  const port = await findFreePort()
  const flags = [`--etcd-servers=${etcd.url}`, ...serverFlags(pki, port)]
  const own = ownCommand('apiserver', ...flags)
  const keelson = [...(options.realtime ? ['chrt', '--rr', '1'] : []), own.command, ...own.args]
  const [file = '', ...args] = name === 'keelson' ? keelson : [upstreamBinary('kube-apiserver'), ...flags]
  const server = startProcess(file, args, join(folder, 'apiserver.log'))
  stack.use(server)
  const url = `https://127.0.0.1:${port}`
  await untilReady(url)
  const admin = ['--ca', `${pki}/ca.crt`, '--cert', `${pki}/admin.crt`, '--key', `${pki}/admin.key`]
  const processes = ['--pids', String(server.child.pid), '--etcd-pids', String(etcd.child.pid)]
  return { name, url, flags: ['--server', url, ...admin, ...processes], rounds: [] }
}

async function untilReady(server: string): Promise<void> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; ; await delay(200)) {
    const { status, output } = await getRaw(server, '/readyz')
    if (status === 0) return
    if (Date.now() > deadline) throw new Error(`${server} is not ready: ${output}`)
  }
}

function getRaw(server: string, path: string): ReturnType<typeof run> {
  const admin = [`--client-certificate=${pki}/admin.crt`, `--client-key=${pki}/admin.key`]
  const args = [`--server=${server}`, `--certificate-authority=${pki}/ca.crt`, ...admin, 'get', '--raw', path]
  return run(upstreamBinary('kubectl'), args)
}

/** The longest delay of Keelson's loop since it was last asked, in milliseconds. */
async function loopGap(side: Side): Promise<number | undefined> {
  const { output } = await getRaw(side.url, '/metrics')
  const [, seconds] = /^keelson_event_loop_delay_seconds\{quantile="1"\} (\S+)/m.exec(output) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

async function measure(program: string, side: Side, scenario: string, round: number): Promise<void> {
  // Objects stay: the store is filled once.
  if (scenario === 'seed' && round > 0) return
  const file = join(directory, side.name, `round-${round}.json`)
  const args = [...side.flags, '--scenario', scenario, '--out', file, ...generatorFlags]
  console.error(`round ${round + 1}: ${scenario} on ${side.name}`)
  await loopGap(side)
  const { status, output } = await run(program, args, { timeoutMs: SCENARIO_TIMEOUT_MS })
  const gap = await loopGap(side)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`)
  const { metrics } = JSON.parse(readFileSync(file, 'utf8')) as { metrics: Record<string, number> } // The generator's contract.
  side.rounds[round] = {
    ...side.rounds[round],
    ...metrics,
    ...(gap !== undefined && { [`${scenario}.loop_gap_ms`]: gap }),
  }
}

function printTable([keelson, upstream]: readonly Side[]): void {
  if (keelson === undefined || upstream === undefined) return
  console.log(`| median of ${rounds} | keelson | kube-apiserver | ratio |\n|---|---|---|---|`)
  const names = new Set(keelson.rounds.flatMap((metrics) => Object.keys(metrics)).filter((name) => COMPARED.test(name)))
  for (const name of names) {
    const [ours, theirs] = [medianOf(keelson, name), medianOf(upstream, name)]
    if (ours === undefined) continue
    const ratio = theirs === undefined ? '- | -' : `${theirs.toFixed(1)} | ${(ours / theirs).toFixed(2)}`
    console.log(`| ${name} | ${ours.toFixed(1)} | ${ratio} |`)
  }
}

function medianOf(side: Side, name: string): number | undefined {
  const values = side.rounds.flatMap((metrics) => metrics[name] ?? []).toSorted((a, b) => a - b)
  const [low, high] = [values[(values.length - 1) >> 1], values[values.length >> 1]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}
