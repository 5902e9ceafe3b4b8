import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { planCluster } from './plan.ts'
import { checkPorts, ephemeralPortWarning, findFreePort } from './ports.ts'

test('a taken port is named with its purpose and its holder', async (t) => {
  const port = await findFreePort()
  const server = createServer().listen(port + 2, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  await assert.rejects(checkPorts(planCluster({ port })), (error: Error) => {
    assert.match(error.message, new RegExp(`^Port ${port + 2} \\(replica-2\\) is taken by `))
    if (process.platform === 'linux') assert.match(error.message, new RegExp(`\\(pid ${process.pid}\\)`))
    return true
  })
})

test('a port that pushes another one out of range is refused', async () => {
  await assert.rejects(checkPorts(planCluster({ port: 4000 })), /--port 4000 puts clients of etcd-1 on port -64/)
  await assert.rejects(checkPorts(planCluster({ port: 64_000 })), /puts HAProxy's statistics on port 65961/)
})

test('a port of outgoing connections is warned of, with one that is none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-ports-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'ip_local_port_range')
  writeFileSync(file, '32768\t60999\n')
  const warning = (port: number) => ephemeralPortWarning(planCluster({ port }), file)
  assert.equal(warning(6443), undefined)
  assert.equal(warning(30_806), undefined)
  assert.match(
    warning(30_807) ?? '',
    /^Port 32768 \(HAProxy's statistics\) .* \(32768 to 60999\) .* --port 30806 or lower/,
  )
  assert.match(warning(64_000) ?? '', /^Port 59936 \(clients of etcd-1\)/)
  assert.equal(ephemeralPortWarning(planCluster({ port: 40_000 }), join(folder, 'missing')), undefined)
})
