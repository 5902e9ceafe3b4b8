// @kubernetes/client-node: one object of each kind through its life, with an informer looking on, on both servers. The library is
// installed into a cache folder at the first run.
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonMap } from '../conformance/exchange.ts'
import { type BothServers, type ProgramComparison, compareProgram } from './both-servers.ts'
import { connect } from './connect.ts'
import { type FuzzKind, collectionPath, loadKinds } from './fuzz/kinds.ts'
import { createNamespace } from './fuzz/pair.ts'
import { sampleOf } from './fuzz/step.ts'
import { run } from './upstream.ts'

const VERSION = '2.0.1'
const FOLDER = join(homedir(), '.cache/keelson-interop', `client-node-${VERSION}`)
const NAMESPACE = 'client-node'
const INSTALL_TIMEOUT_MS = 5 * 60_000

export async function compareClientNode(servers: BothServers): Promise<ProgramComparison> {
  await install()
  await using pair = connect(servers, { ignoreManagedFields: true })
  await createNamespace(pair, NAMESPACE)
  const kinds = await loadKinds(pair.upstream)
  const file = join(mkdtempSync(join(tmpdir(), 'keelson-client-node-')), 'objects.json')
  writeFileSync(file, JSON.stringify(kinds.map(objectOf)))
  const program = join(import.meta.dirname, 'client-node/program.mjs')
  return compareProgram(servers, process.execPath, (kubeconfig) => [program, kubeconfig, file], { CLIENT_NODE: FOLDER })
}

function objectOf(kind: FuzzKind, index: number): { object: JsonMap; path: string } {
  // The last sample is the plainest: the library drops what its types lack.
  const object = sampleOf({ kind, namespace: NAMESPACE, number: index }, kind.samples.length - 1)
  const metadata = object.metadata as JsonMap // An object's.
  delete metadata.finalizers
  if (kind.namespaced) metadata.namespace = NAMESPACE
  return { object, path: collectionPath(kind, NAMESPACE) }
}

async function install(): Promise<void> {
  if (existsSync(join(FOLDER, 'node_modules'))) return
  mkdirSync(FOLDER, { recursive: true })
  const args = ['install', '--prefix', FOLDER, `@kubernetes/client-node@${VERSION}`]
  const { status, output } = await run('npm', args, { timeoutMs: INSTALL_TIMEOUT_MS })
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${output}`)
}
