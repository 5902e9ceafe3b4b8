// Runs the same kubectl commands against the real server and against Keelson and compares what a person sees.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainCommands } from './explain-commands.ts'
import { COMMANDS, type KubectlCommand } from './kubectl-commands.ts'
import { run, upstreamBinary } from './upstream.ts'

export interface Comparison {
  readonly command: string
  readonly same: boolean
  readonly upstream: string
  readonly keelson: string
  readonly known: string | undefined
}

export async function compareKubectl(upstream: string, keelson: string): Promise<Comparison[]> {
  const caches = mkdtempSync(join(tmpdir(), 'keelson-kubectl-'))
  const results: Comparison[] = []
  for (const command of [...COMMANDS, ...explainCommands()]) {
    const [expected, actual] = await Promise.all([
      runKubectl(command, upstream, join(caches, 'upstream')),
      runKubectl(command, keelson, join(caches, 'keelson')),
    ])
    const text = command.command ?? (command.args ?? []).join(' ')
    results.push({
      command: text,
      same: expected === actual,
      upstream: expected,
      keelson: actual,
      known: command.known,
    })
  }
  return results
}

async function runKubectl(
  { command, args, input, env, sorted, timeoutMs }: KubectlCommand,
  kubeconfig: string,
  cache: string,
): Promise<string> {
  const all = [
    '--kubeconfig',
    kubeconfig,
    '--cache-dir',
    cache,
    '-n',
    'compare',
    ...(args ?? (command ?? '').split(' ')),
  ]
  const { status, output } = await run(upstreamBinary('kubectl'), all, {
    ...(input !== undefined && { input }),
    ...(env && { env }),
    ...(timeoutMs && { timeoutMs }),
  })
  const lines = hideVolatile(sameJson(output)).split('\n')
  return `exit ${status}\n${(sorted ? lines.toSorted() : lines).join('\n')}`
}

/** The JSON of `get --raw`: keys come in any order, and what Keelson does not keep yet is left out. */
function sameJson(output: string): string {
  if (!/^\{"kind":.*\}\n?$/.test(output)) return output
  return `${JSON.stringify(sorted(JSON.parse(output)))}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'managedFields')
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
}

/** What no two servers share. Columns are squeezed: an age of other width moves them. */
function hideVolatile(text: string): string {
  return text
    .replace(/^\s*(?:- )?manager: |^\s*managedFields:[\s\S]*?(?=^  \S)/gm, '')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
    .replace(/"?\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\b"?/g, '<time>')
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, '<time>') // Of the files that diff compares.
    .replace(/^( *"?(?:gitCommit|gitTreeState|goVersion|compiler)"?: ).*$/gm, '$1<build>')
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} [\d:]+ [+-]\d{4}/g, '<time>')
    .replace(/resourceVersion("?: ?)"?\d+"?/g, 'resourceVersion$1<number>')
    .replace(/\b10\.(96|0)\.\d+\.\d+\b/g, '<clusterIP>')
    .replace(/https:\/\/127\.0\.0\.1:\d+/g, '<server>')
    .replace(/:3\d{4}\/TCP/g, ':<nodePort>/TCP')
    .replace(/\b3[0-2]\d{3}\/TCP/g, '<nodePort>/TCP')
    .replace(/nodePort("?: ?)3\d{4}/g, 'nodePort$1<nodePort>')
    .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<random>')
    .replace(/\bx-[a-z0-9]{5}\b/g, 'x-<random>')
    .replace(/(\/tmp\/|\.\d+\/)[\w./-]*(LIVE|MERGED)-\d+/g, '$2')
    .replace(/\b(\d+[smhd])+\b/g, '<age>')
    .replace(/X509SHA256=[0-9a-f]{64}/g, '<fingerprint>')
    .replace(/ {2,}/g, '  ')
    .replace(/[ \t]+$/gm, '')
}
