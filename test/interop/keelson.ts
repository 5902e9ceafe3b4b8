// Keelson as a user starts it: `keelson up --detach` on free ports in a folder of its own, `keelson down` at the end.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './upstream.ts'

const COMMAND = join(import.meta.dirname, '../../packages/keelson/bin/keelson.mjs')

export interface StartedKeelson extends AsyncDisposable {
  readonly stateDir: string
  /** Through HAProxy. */
  readonly kubeconfig: string
  readonly pki: string
  /** As kube-apiserver's --etcd-servers. */
  readonly etcdServers: string
}

/** `more`: flags of `up`. */
export async function startKeelson(port: number, more: readonly string[] = []): Promise<StartedKeelson> {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-interop-'))
  const args = ['--port', String(port), '--state-dir', stateDir, ...more]
  const { status, output } = await run(process.execPath, [COMMAND, 'up', '--detach', ...args], { timeoutMs: 120_000 })
  if (status !== 0) throw new Error(`keelson up: ${output}`)
  const etcdPorts = [0, 1, 2].map((member) => port - 4064 + 2 * member)
  return {
    stateDir,
    kubeconfig: join(stateDir, 'admin.kubeconfig'),
    pki: join(stateDir, 'pki'),
    etcdServers: etcdPorts.map((etcdPort) => `https://127.0.0.1:${etcdPort}`).join(','),
    async [Symbol.asyncDispose]() {
      const down = await run(process.execPath, [COMMAND, 'down', '--state-dir', stateDir], { timeoutMs: 60_000 })
      if (down.status !== 0) throw new Error(`keelson down: ${down.output}`)
    },
  }
}
