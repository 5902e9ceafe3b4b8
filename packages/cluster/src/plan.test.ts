import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planCluster, plannedPorts } from './plan.ts'

test('the default plan has the documented ports', () => {
  const plan = planCluster({ stateDir: '/x' })
  assert.deepEqual(
    plan.etcd.map(({ name, clientPort, peerPort }) => [name, clientPort, peerPort]),
    [
      ['etcd-1', 2379, 2380],
      ['etcd-2', 2381, 2382],
      ['etcd-3', 2383, 2384],
    ],
  )
  assert.deepEqual(
    plan.replicas.map(({ port, grpcPort }) => [port, grpcPort]),
    [
      [6444, 7444],
      [6445, 7445],
      [6446, 7446],
    ],
  )
  assert.deepEqual(plan.controllerManagers, [])
  assert.deepEqual(planCluster({ controllerManagers: 2 }).controllerManagers, [
    { name: 'controller-manager-1', port: 8444 },
    { name: 'controller-manager-2', port: 8445 },
  ])
  assert.equal(plan.port, 6443)
  assert.equal(plan.statisticsPort, 8404)
})

test('every planned port is planned once', () => {
  const ports = plannedPorts(planCluster({ replicas: 9, etcdMembers: 9, controllerManagers: 9 })).map(
    ({ port }) => port,
  )
  assert.equal(new Set(ports).size, ports.length)
})

test('counts that make no sense are refused with a sentence', () => {
  assert.throws(() => planCluster({ replicas: 0 }), /number of replicas must be a whole number from 1 to 9, not 0/)
  assert.throws(() => planCluster({ controllerManagers: 10 }), /whole number from 0 to 9, not 10/)
  assert.throws(() => planCluster({ etcdMembers: 1.5 }), /number of etcd members/)
})
