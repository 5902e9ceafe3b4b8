// What a LIST of 10,000 objects and a GET cost the server, and for how long they keep the loop from others.
//   node packages/server/src/representation/list.bench.ts [objects] [bytes]
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toStorageKey } from '@keelson/storage'
import { TestServer } from '../testing/test-server.ts'

const [objects = 10_000, bytes = 6_000] = process.argv.slice(2).map(Number)

await using server = await TestServer.start()
const { cert, key } = await server.authority.sign('CN=admin,O=system:masters', 'client')
const files = {
  ca: join(server.directory, 'ca.crt'),
  cert: join(server.directory, 'c.crt'),
  key: join(server.directory, 'c.key'),
}
await Promise.all([writeFile(files.cert, cert), writeFile(files.key, key)])

for (let index = 0; index < objects; index += 100) {
  await Promise.all(Array.from({ length: 100 }, (_, offset) => store(index + offset)))
}

async function store(index: number): Promise<void> {
  const namespace = `bench-${index % 10}`
  const metadata = {
    name: `pod-${index}`,
    namespace,
    uid: `u${index}`,
    labels: { part: String(index % 50) },
    creationTimestamp: '2026-01-01T00:00:00Z',
  }
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata,
    spec: { nodeName: `node-${index % 500}`, containers: [{ name: 'c', image: 'x'.repeat(bytes - 400) }] },
    status: { phase: 'Running' },
  }
  await server.storage.create(
    toStorageKey(`/registry/pods/${namespace}/pod-${index}`),
    Buffer.from(JSON.stringify(pod)),
  )
}

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const protobuf = { accept: 'application/vnd.kubernetes.protobuf' }
const CASES: [name: string, path: string, count: number, headers: Record<string, string>][] = [
  ['GET', '/api/v1/namespaces/bench-0/pods/pod-0', 3000, {}],
  ['LIST', '/api/v1/pods?resourceVersion=0', 10, {}],
  ['GET protobuf', '/api/v1/namespaces/bench-0/pods/pod-0', 3000, protobuf],
  ['LIST protobuf', '/api/v1/pods?resourceVersion=0', 10, protobuf],
  ['LIST gzip', '/api/v1/pods?resourceVersion=0', 5, { 'accept-encoding': 'gzip' }],
  ['LIST Table', '/api/v1/pods?resourceVersion=0', 5, { accept: table }],
  ['LIST label', '/api/v1/pods?resourceVersion=0&labelSelector=part%3D7', 50, {}],
  ['LIST node', '/api/v1/pods?resourceVersion=0&fieldSelector=spec.nodeName%3Dnode-7', 200, {}],
]
for (const [name, path, count, headers] of CASES) {
  for (const httpVersion of ['1.1', '2']) {
    await load(httpVersion, path, Math.ceil(count / 5), headers)
    const turns = watchTurns()
    const cpu = process.cpuUsage()
    await load(httpVersion, path, count, headers)
    const { user, system } = process.cpuUsage(cpu)
    const each = ((user + system) / count / 1000).toFixed(3)
    console.log(`${name} HTTP/${httpVersion}: ${each} ms of CPU, longest turn ${turns.longestMs().toFixed(1)} ms`)
  }
}
console.log(`resident: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`)

/** In processor time of this thread: what others do on the machine is no gap of ours. */
function watchTurns(): { longestMs(): number } {
  let before = threadMs()
  let longest = 0
  const timer = setInterval(() => {
    const now = threadMs()
    longest = Math.max(longest, now - before)
    before = now
  }, 1)
  return {
    longestMs() {
      clearInterval(timer)
      return longest
    },
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** `count` requests one after the other, from a process of its own. */
async function load(httpVersion: string, path: string, count: number, headers: Record<string, string>): Promise<void> {
  const reader = join(import.meta.dirname, '../testing/request-loop.ts')
  const child = spawn(
    process.execPath,
    [reader, httpVersion, String(server.api.port), path, String(count), JSON.stringify(headers), JSON.stringify(files)],
    { stdio: 'inherit' },
  )
  await new Promise((resolve) => child.once('exit', resolve))
}
