// `keelson up`, `status` and `down` as a user runs them: three replicas, three etcd members and HAProxy from the command line.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ClusterHandle, findFreePort, isAlive, stateFiles } from '@keelson/cluster'
import type { ProcessStatus } from '@keelson/cluster'

const COMMAND = join(import.meta.dirname, '../../packages/keelson/bin/keelson.mjs')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function keelson(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { timeout: 90_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
  })
}

async function statusOf(stateDir: string): Promise<{ code: number; processes: ProcessStatus[] }> {
  const { code, stdout } = await keelson('status', '--json', '--state-dir', stateDir)
  return { code, processes: JSON.parse(stdout) as ProcessStatus[] } // What --json promises.
}

function get(stateDir: string, url: string): Promise<number> {
  const pki = (file: string): Buffer => readFileSync(stateFiles.pki(stateDir, file))
  return new Promise((resolve, reject) => {
    const request = https.get(
      url,
      { ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key'), agent: false },
      (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      },
    )
    request.once('error', reject)
  })
}

/** Of everything that runs now, the supervisor included: which of it still lives, asked later. */
function survivors(handle: ClusterHandle): () => string[] {
  const { supervisor, processes } = handle.record!
  const identities = [{ name: 'supervisor', identity: supervisor }, ...processes]
  return () => identities.filter(({ identity }) => identity !== undefined && isAlive(identity)).map(({ name }) => name)
}

describe('keelson up --detach', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-e2e-'))
  const handle = new ClusterHandle(stateDir)
  let port: number

  before(async () => {
    port = await findFreePort()
    const { code, stdout, stderr } = await keelson('up', '--detach', '--port', String(port), '--state-dir', stateDir)
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      new RegExp(`Keelson is up after [\\d.]+ s: https://127\\.0\\.0\\.1:${port} \\(3 replicas, 3 etcd members\\)`),
    )
  })
  after(async () => {
    await handle.down()
    rmSync(stateDir, { recursive: true })
  })

  test('nine healthy processes, each with its address', async () => {
    const { code, processes } = await statusOf(stateDir)
    assert.equal(code, 0)
    assert.deepEqual(
      processes.map(({ role, name, health }) => `${role} ${name} ${health}`),
      [
        'etcd etcd-1 healthy',
        'etcd etcd-2 healthy',
        'etcd etcd-3 healthy',
        'apiserver replica-1 healthy',
        'apiserver replica-2 healthy',
        'apiserver replica-3 healthy',
        'haproxy haproxy healthy',
        'controller-manager controller-manager-1 healthy',
        'controller-manager controller-manager-2 healthy',
      ],
    )
    assert.equal(await get(stateDir, `https://127.0.0.1:${port}/api/v1/namespaces`), 200)
  })

  test('a second one is refused and leaves the first alone', async () => {
    for (const detach of [[], ['--detach']]) {
      const { code, stderr } = await keelson('up', ...detach, '--port', String(port), '--state-dir', stateDir)
      assert.equal(code, 1)
      assert.match(stderr, /^keelson: A cluster is running in .*`keelson down`/)
    }
    assert.equal((await statusOf(stateDir)).code, 0)
  })

  test('a killed replica comes back, and HAProxy serves meanwhile', async () => {
    await handle.kill('replica-2')
    for (let request = 0; request < 10; request++)
      assert.equal(await get(stateDir, `https://127.0.0.1:${port}/version`), 200)
    await handle.whenHealthy(30_000)
    const replica = (await statusOf(stateDir)).processes.find(({ name }) => name === 'replica-2')
    assert.equal(replica?.restarts, 1)
  })

  test('down leaves nothing, and says so the second time', async () => {
    const alive = survivors(handle)
    assert.equal((await keelson('down', '--state-dir', stateDir)).code, 0)
    assert.deepEqual(alive(), [])
    assert.match((await keelson('down', '--state-dir', stateDir)).stdout, /Nothing runs in/)
    assert.match((await keelson('status', '--state-dir', stateDir)).stderr, /There is no cluster in/)
  })
})

describe('keelson up in the foreground', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-e2e-'))
  const handle = new ClusterHandle(stateDir)
  after(async () => {
    await handle.down()
    rmSync(stateDir, { recursive: true })
  })
  const start = async (): Promise<ReturnType<typeof spawn>> => {
    const port = existsSync(stateFiles.kubeconfig(stateDir, 'admin')) ? firstPort : (firstPort = await findFreePort())
    const args = [
      COMMAND,
      'up',
      '--replicas=1',
      '--etcd=1',
      '--controller-managers=1',
      `--port=${port}`,
      `--state-dir=${stateDir}`,
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const chunk of child.stdout) if (String(chunk).includes('Keelson is up')) break
    return child
  }
  let firstPort = 0

  test('Ctrl-C, even doubled by npm, drains and leaves nothing', async () => {
    const child = await start()
    const alive = survivors(handle)
    child.kill('SIGINT')
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number | null] // The arguments of this event.
    assert.equal(code, 0)
    assert.deepEqual(alive(), [])
  })

  test('down ends what a killed supervisor left behind', async () => {
    const child = await start()
    const alive = survivors(handle)
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.deepEqual(alive(), ['etcd-1', 'replica-1', 'haproxy', 'controller-manager-1'])
    assert.match((await keelson('down', '--state-dir', stateDir)).stdout, /^Stopped/)
    assert.deepEqual(alive(), [])
  })
})

test('wrong input is one sentence and an exit code', async () => {
  const wrongPort = await keelson('up', '--port', '70000')
  assert.deepEqual([wrongPort.code, wrongPort.stderr.split('\n').length], [1, 2])
  assert.match(wrongPort.stderr, /^keelson: --port 70000 puts HAProxy on port 70000/)
  assert.deepEqual([(await keelson('upp')).code, (await keelson('up', '--replicas', 'many')).code], [2, 2])
  assert.match(
    (await keelson('apiserver', '--etcd-server=x')).stderr,
    /unknown flag: --etcd-server \(did you mean --etcd-servers\?\)/,
  )
})
