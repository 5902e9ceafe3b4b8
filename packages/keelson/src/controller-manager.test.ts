// `keelson controller-manager` as a process beside a server: it leads, works, answers, and gives its lease up.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startTestServer, type TestServer } from './test-server.ts'

const COMMAND = join(import.meta.dirname, '../bin/keelson.mjs')

interface Answer {
  readonly status: number
  readonly body: string
}

describe('keelson controller-manager', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-controllers-'))
  let server: TestServer
  let manager: ChildProcess
  let port: number
  before(async () => {
    server = await startTestServer()
    port = await freePort()
    manager = spawn(
      process.execPath,
      [COMMAND, 'controller-manager', `--kubeconfig=${server.kubeconfigFile}`, `--secure-port=${port}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    manager.stderr?.resume()
  })
  after(async () => {
    manager.kill('SIGKILL')
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  const ask = (url: string, isKnown = true, options: https.RequestOptions = {}, body = ''): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const credentials = isKnown ? { cert: server.clientCertificate, key: server.clientKey } : {}
      const request = https.request(
        url,
        { ca: server.ca, agent: false, ...credentials, ...options },
        (response) =>
          void text(response).then((found) => resolve({ status: response.statusCode ?? 0, body: found }), reject),
      )
      request.on('error', reject)
      request.end(body)
    })
  const json = { 'content-type': 'application/json' }
  // It made its own certificate, which nobody has signed.
  const own = (path: string, isKnown?: boolean): Promise<Answer> =>
    ask(`https://127.0.0.1:${port}${path}`, isKnown, { rejectUnauthorized: false })

  test('is healthy, and shows its metrics to those who are known', async () => {
    for (;;) {
      const metrics = await own('/metrics').catch(() => undefined)
      if (metrics?.body.includes('leader_election_master_status{name="keelson-controller-manager"} 1')) break
      await delay(50)
    }
    for (const path of ['/healthz', '/livez', '/readyz', '/healthz/leaderElection']) {
      assert.deepEqual(await own(path, false), { status: 200, body: 'ok' }, path)
    }
    assert.equal((await own('/metrics', false)).status, 401)
    assert.equal((await own('/else')).status, 404)
  })

  test('ends a namespace', async () => {
    const namespaces = `${server.url}/api/v1/namespaces`
    const created = await ask(namespaces, true, { method: 'POST', headers: json }, '{"metadata":{"name":"x"}}')
    assert.equal(created.status, 201)
    await ask(`${namespaces}/x`, true, { method: 'DELETE' })
    while ((await ask(`${namespaces}/x`)).status !== 404) await delay(50)
  })

  test('SIGTERM: it gives up its lease and ends in order', async () => {
    manager.kill('SIGTERM')
    assert.deepEqual(await once(manager, 'exit'), [0, null])
    const lease = `${server.url}/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/keelson-controller-manager`
    const { spec } = JSON.parse((await ask(lease)).body) as { spec: { holderIdentity?: string } } // A Lease.
    assert.equal(spec.holderIdentity ?? '', '')
  })

  test('a kubeconfig that is none is one sentence', async () => {
    const file = join(folder, 'letter.txt')
    writeFileSync(file, 'Dear reader, this file is about something else.')
    const child = spawn(process.execPath, [COMMAND, 'controller-manager', `--kubeconfig=${file}`])
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    assert.equal(code, 1)
    assert.match(complaint, /^keelson: --kubeconfig .*letter\.txt cannot be used: .*\n$/)
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
