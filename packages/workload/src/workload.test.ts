import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Violation } from './history.ts'
import { type Fault, startFaultyServer } from './testing/faulty-server.ts'
import { startWorkload } from './workload.ts'

const CAUGHT_AS: Record<Exclude<Fault, 'none'>, Violation['type']> = {
  'drop an event': 'lost event',
  'serve a stale read': 'stale read',
  'apply a write twice': 'doubled write',
  'apply a refused write': 'refused write applied',
  'lose a write': 'lost write',
  'reorder events': 'event back in time',
}

/** Runs a small workload until the fault was done often enough (or, without a fault, until enough was written). */
async function violationsUnder(fault: Fault): Promise<{ violations: readonly Violation[]; events: number }> {
  await using server = await startFaultyServer(fault)
  const connection = { server: server.server, ca: undefined, cert: undefined, key: undefined, token: undefined }
  const workload = await startWorkload({
    connection,
    watchers: 4,
    transports: ['h1'],
    writesPerSecond: 300,
    readsPerSecond: 100,
  })
  const deadline = performance.now() + 15_000
  while (performance.now() < deadline && (fault === 'none' ? workload.history.events.size < 200 : server.faults < 3))
    await delay(5)
  const report = await workload.stop()
  if (fault !== 'none') assert.ok(server.faults >= 3, `the server did "${fault}" only ${server.faults} times`)
  return report
}

test('a server that keeps its promises has no violation', async () => {
  const { violations, events } = await violationsUnder('none')
  assert.deepEqual(violations, [])
  assert.ok(events >= 200)
})

for (const [fault, type] of Object.entries(CAUGHT_AS)) {
  test(`a server that does "${fault}" is caught`, async () => {
    const { violations } = await violationsUnder(fault as Fault) // The keys of CAUGHT_AS are faults.
    assert.ok(
      violations.some((violation) => violation.type === type),
      JSON.stringify(violations.slice(0, 5)),
    )
  })
}
