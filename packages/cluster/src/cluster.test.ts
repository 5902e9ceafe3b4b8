// The real etcd and HAProxy with stand-in replicas: start, faults, status and end of a cluster.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { RunningCluster } from './cluster.ts'
import { startCluster } from './cluster.ts'
import { ClusterHandle } from './handle.ts'
import { stateFiles } from './plan.ts'
import { findFreePort } from './ports.ts'
import { isAlive } from './process-identity.ts'

const replicaCommand = {
  command: process.execPath,
  args: [fileURLToPath(new URL('testing/stand-in-replica.ts', import.meta.url))],
}

const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 5_000 })
    const answer = (listens: boolean): void => {
      socket.destroy()
      resolve(listens)
    }
    socket.once('connect', () => answer(true))
    for (const event of ['error', 'timeout']) socket.once(event, () => answer(false))
  })

test('a state folder that is a file, or lies in one, is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keelson-cluster-'))
  const file = join(folder, 'file')
  writeFileSync(file, '')
  for (const stateDir of [file, join(file, 'a', 'b')]) {
    const refused = new RegExp(`^The state folder ${stateDir} cannot be made: ${file} is a file`)
    await assert.rejects(startCluster({ stateDir, replicaCommand }), { name: 'ClusterError', message: refused })
  }
  rmSync(folder, { recursive: true })
})

describe('a cluster', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-cluster-'))
  let cluster: RunningCluster
  let port: number

  before(async () => {
    port = await findFreePort()
    cluster = await startCluster({ port, stateDir, controllerManagers: 2, replicaCommand })
    await cluster.whenHealthy(30_000)
  })
  after(async () => {
    await cluster.stop()
    rmSync(stateDir, { recursive: true })
  })

  test('has nine healthy processes', async () => {
    const status = await cluster.status()
    assert.deepEqual(
      status.map(({ name }) => name).join(' '),
      'etcd-1 etcd-2 etcd-3 replica-1 replica-2 replica-3 haproxy controller-manager-1 controller-manager-2',
    )
    assert.ok(status.every(({ health, pid }) => health === 'healthy' && pid !== undefined))
  })

  test('serves every replica through HAProxy, and none that is dead', async () => {
    await cluster.kill('replica-2', { restart: false })
    for (let request = 0; request < 20; request++) assert.notEqual(await answeringPid(), '')
    cluster.release('replica-2')
    await cluster.whenHealthy(10_000)
    const pids = new Set<string>()
    const all = (await cluster.status()).filter(({ role }) => role === 'apiserver').map(({ pid }) => String(pid))
    while (pids.size < all.length) pids.add(await answeringPid())
    assert.deepEqual([...pids].sort(), all.sort())
  })

  test('is reached by the addresses that are told, and by no other', async () => {
    const { plan } = cluster
    const told = ['127.0.0.1', ...(plan.advertiseAddress === undefined ? [] : [plan.advertiseAddress])]
    for (const address of told) assert.equal(await isListening(address, plan.port), true, address)
    assert.equal(await isListening('127.0.0.1', plan.statisticsPort), true)
    // On Linux all of 127/8 is this machine: what listens on every address listens there.
    for (const port of [plan.port, plan.statisticsPort]) assert.equal(await isListening('127.0.0.2', port), false)
  })

  test('starts again what is killed, whichever it is', async () => {
    const names = ['etcd-2', 'replica-1', 'haproxy']
    const before = names.map((name) => cluster.process(name).restarts)
    const killed = names.map((name) => cluster.process(name).identity!)
    await Promise.all(names.map((name) => cluster.kill(name)))
    assert.ok(killed.every((identity) => !isAlive(identity)))
    await cluster.whenHealthy(20_000)
    assert.deepEqual(
      names.map((name) => cluster.process(name).restarts),
      before.map((count) => count + 1),
    )
  })

  test('a paused process is alive and unwell', async () => {
    cluster.pause('replica-3')
    const paused = (await cluster.status()).find(({ name }) => name === 'replica-3')
    assert.equal(paused?.health, 'unhealthy')
    assert.notEqual(paused?.pid, undefined)
    cluster.resume('replica-3')
    await cluster.whenHealthy(10_000)
  })

  test('a second one in the same folder is refused', async () => {
    await assert.rejects(startCluster({ port, stateDir, replicaCommand }), /A cluster is running in .*keelson down/)
  })

  test('an unknown name is answered with the known ones', async () => {
    await assert.rejects(cluster.kill('replica-9'), /there is no replica-9: the cluster has etcd-1, /)
  })

  function answeringPid(): Promise<string> {
    const ca = readFileSync(stateFiles.pki(stateDir, 'ca.crt'))
    return new Promise((resolve, reject) => {
      https
        .get({ port, host: '127.0.0.1', path: '/', ca, agent: false }, (response) => {
          response.setEncoding('utf8').once('data', resolve)
        })
        .on('error', reject)
    })
  }
})

test('a stopped cluster leaves nothing running, keeps its data, and starts again with its certificates', async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-cluster-'))
  t.after(() => rmSync(stateDir, { recursive: true }))
  const port = await findFreePort()
  const options = { port, stateDir, replicas: 1, etcdMembers: 1, replicaCommand }

  const first = await startCluster(options)
  await first.whenHealthy(30_000)
  const identities = first.record!.processes.map(({ identity }) => identity!)
  await first.stop()
  assert.ok(identities.every((identity) => !isAlive(identity)))
  assert.equal(await new ClusterHandle(stateDir).down(), false)
  assert.ok(existsSync(stateFiles.etcdData(stateDir, 'etcd-1')))

  await assert.rejects(startCluster({ ...options, etcdMembers: 3 }), /belongs to other --etcd or --port values/)
  const certificates = readFileSync(stateFiles.pki(stateDir, 'apiserver.crt'), 'utf8')
  await using second = await startCluster(options)
  await second.whenHealthy(30_000)
  assert.equal(readFileSync(stateFiles.pki(stateDir, 'apiserver.crt'), 'utf8'), certificates)
})
