import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { planCluster } from './plan.ts'
import { checkPorts, findFreePort } from './ports.ts'

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
