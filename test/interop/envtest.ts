// controller-runtime's envtest with Keelson in the place of kube-apiserver: KUBEBUILDER_ASSETS holds launchers of
// etcd, kubectl and Keelson, and the test of a reconciler runs as its authors run it.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBinaries } from '@keelson/cluster'
import { buildGoProgram } from './go-program.ts'
import { run, upstreamBinary } from './upstream.ts'

const COMMAND = join(import.meta.dirname, '../../packages/keelson/bin/keelson.mjs')
const TEST_TIMEOUT_MS = 3 * 60_000

export async function runEnvtest(): Promise<{ status: number; output: string }> {
  const program = await buildGoProgram('reconciler')
  const { etcd } = await findBinaries(() => {})
  const assets = mkdtempSync(join(tmpdir(), 'keelson-envtest-'))
  const launch = (name: string, command: string): void =>
    writeFileSync(join(assets, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 })
  launch('etcd', `'${etcd}'`)
  launch('kubectl', `'${upstreamBinary('kubectl')}'`)
  launch('kube-apiserver', `'${process.execPath}' '${COMMAND}' apiserver`)
  const env = { KUBEBUILDER_ASSETS: assets, KUBEBUILDER_ATTACH_CONTROL_PLANE_OUTPUT: 'true' }
  return run(program, ['-test.v', '-test.count=1'], { env, timeoutMs: TEST_TIMEOUT_MS })
}
