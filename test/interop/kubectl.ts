// Runs the same kubectl commands against the real server and against Keelson and compares what a person sees.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainCommands } from './explain-commands.ts'
import { COMMANDS, type KubectlCommand } from './kubectl-commands.ts'
import { hideVolatile } from './hide-volatile.ts'
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
