import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadBalancer } from './load-balancer.ts'
import { planCluster, stateFiles } from './plan.ts'

test('HAProxy does not bind an advertised address that this machine does not have', (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-balancer-'))
  t.after(() => rmSync(stateDir, { recursive: true }))
  // Kept for documentation (RFC 5737): a machine that has changed its network.
  const plan = planCluster({ stateDir, port: 12_000, advertiseAddress: '203.0.113.7' })
  loadBalancer(plan, 'haproxy').prepare?.()
  const binds = readFileSync(stateFiles.haproxyConfiguration(stateDir), 'utf8').match(/bind .*/g)
  assert.deepEqual(binds, ['bind 127.0.0.1:12000', 'bind 127.0.0.1:13961'])
})
