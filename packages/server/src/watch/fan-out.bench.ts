// What one delivery to one watcher costs the server, in processor time: N watchers of everything, one event a turn.
//   node packages/server/src/watch/fan-out.bench.ts [watchers] [events]
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toStorageKey } from '@keelson/storage'
import { TestServer } from '../testing/test-server.ts'

const [watchers = 1000, events = 100] = process.argv.slice(2).map(Number)
const EVENT_BYTES = 2_000
const TURN_MS = 20

await using server = await TestServer.start()
const { cert, key } = await server.authority.sign('CN=admin,O=system:masters', 'client')
const files = {
  ca: join(server.directory, 'ca.crt'),
  cert: join(server.directory, 'c.crt'),
  key: join(server.directory, 'c.key'),
}
await Promise.all([writeFile(files.cert, cert), writeFile(files.key, key)])

for (const httpVersion of ['1.1', '2']) {
  const name = `bench-${httpVersion}`
  const reader = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../testing/watch-readers.ts'),
      httpVersion,
      String(server.api.port),
      String(watchers),
      JSON.stringify(files),
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const lines = reader.stdout.setEncoding('utf8')
  await new Promise((resolve) => lines.once('data', resolve))
  const before = process.cpuUsage()
  for (let index = 0; index < events; index++) {
    const object = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: `${name}-${index}`, namespace: 'default', uid: `u${index}` },
      data: { filler: 'x'.repeat(EVENT_BYTES - 200) },
    }
    await server.storage.create(
      toStorageKey(`/registry/configmaps/default/${name}-${index}`),
      Buffer.from(JSON.stringify(object)),
    )
    await new Promise((resolve) => setTimeout(resolve, TURN_MS))
  }
  const { user, system } = process.cpuUsage(before)
  reader.stdin.end(String(events))
  const seen: string = await new Promise((resolve) => lines.once('data', resolve))
  console.log(
    `HTTP/${httpVersion}: ${((user + system) / watchers / events).toFixed(2)} µs a delivery (${watchers} watchers, ${events} events, ${seen.trim()} delivered)`,
  )
  await new Promise((resolve) => reader.once('exit', resolve))
}
