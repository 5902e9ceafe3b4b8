// `kubectl apply --server-side -k` of a kustomization with a base and an overlay, and what becomes of it, on both servers.
import { join } from 'node:path'
import type { BothServers, ProgramComparison } from './both-servers.ts'
import { hideVolatile } from './hide-volatile.ts'
import { run, upstreamBinary } from './upstream.ts'

const OVERLAY = join(import.meta.dirname, 'kustomize/overlay')
const COMMANDS: readonly (readonly string[])[] = [
  ['apply', '--server-side', '-k', OVERLAY],
  ['apply', '--server-side', '-k', OVERLAY],
  ['diff', '--server-side', '-k', OVERLAY],
  ['scale', '-n', 'kustomized', 'deployment/test-web', '--replicas=5'],
  ['apply', '--server-side', '-k', OVERLAY],
  ['apply', '--server-side', '--force-conflicts', '-k', OVERLAY],
  ['get', '-k', OVERLAY, '-o', 'yaml'],
  ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-k', OVERLAY],
  ['delete', '-k', OVERLAY, '--wait=false'],
]

export async function compareKustomize({ upstream, keelson }: BothServers): Promise<ProgramComparison> {
  const [expected, actual] = await Promise.all([session(upstream.kubeconfig), session(keelson.kubeconfigFile)])
  return { same: expected === actual, upstream: expected, keelson: actual }
}

async function session(kubeconfig: string): Promise<string> {
  let text = ''
  for (const command of COMMANDS) {
    const { status, output } = await run(upstreamBinary('kubectl'), ['--kubeconfig', kubeconfig, ...command])
    text += `$ kubectl ${command[0]}\n${hideVolatile(output)}exit code ${status}\n`
  }
  return text
}
