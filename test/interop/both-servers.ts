// A real kube-apiserver and a Keelson test server, side by side on free ports.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestServer } from 'keelson'
import { type UpstreamServer, run, startUpstream } from './upstream.ts'

const TOKENS = join(import.meta.dirname, '../conformance/tokens.csv')

export interface BothServers extends AsyncDisposable {
  readonly upstream: UpstreamServer
  readonly keelson: TestServer
}

export async function startBothServers(): Promise<BothServers> {
  // Only where it is needed: the other parts start Keelson as a process.
  const { startTestServer } = await import('keelson')
  await using stack = new AsyncDisposableStack()
  // It stores protobuf by default, which forgets what is empty: its answers show it.
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-upstream-'))
  const upstream = stack.use(await startUpstream(stateDir, undefined, 'application/vnd.kubernetes.protobuf'))
  const keelson = stack.use(await startTestServer({ tokenAuthFile: TOKENS }))
  const started = stack.move()
  return { upstream, keelson, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

export interface ProgramComparison {
  readonly same: boolean
  readonly upstream: string
  readonly keelson: string
}

/** Runs a program against both servers and compares all that it prints. */
export async function compareProgram(
  { upstream, keelson }: BothServers,
  program: string,
  argsOf: (kubeconfig: string) => readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramComparison> {
  const [expected, actual] = await Promise.all(
    [upstream.kubeconfig, keelson.kubeconfigFile].map(async (kubeconfig) => {
      const { status, output } = await run(program, argsOf(kubeconfig), { env, timeoutMs: 5 * 60_000 })
      return `${output}exit code ${status}\n`
    }),
  )
  return { same: expected === actual, upstream: expected ?? '', keelson: actual ?? '' }
}
