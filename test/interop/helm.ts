// Helm, as its own packages run it: three charts with hooks and all kinds of workloads are installed, upgraded, tested, rolled
// back and uninstalled on both servers. The program plays the controllers that Helm waits for.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BothServers, type ProgramComparison, compareProgram } from './both-servers.ts'
import { buildGoProgram } from './go-program.ts'

export async function compareHelm(servers: BothServers): Promise<ProgramComparison> {
  const home = mkdtempSync(join(tmpdir(), 'keelson-helm-'))
  const charts = join(import.meta.dirname, 'charts')
  return compareProgram(servers, await buildGoProgram('helm'), (kubeconfig) => [kubeconfig, charts], {
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
  })
}
