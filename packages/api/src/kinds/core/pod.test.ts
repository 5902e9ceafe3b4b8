// What may become of a Pod after its creation.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldErrorText } from '@keelson/apimachinery'
import { mergeMatchLabelKeys } from './match-label-keys.ts'
import { podStrategy } from './pod.ts'
import { pullPolicyOf } from './pod-defaults.ts'
import { podRow } from './pod-row.ts'
import type { Pod, PodSpec, PodStatus } from './pod-types.ts'
import { warningsForPod } from './pod-warnings.ts'

const NOW = new Date('2026-01-01T00:10:00Z')

function podWith(spec: PodSpec, status: PodStatus = {}): Pod {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', uid: 'u', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'c', image: 'registry.example.com/c:1' }], ...spec },
    status,
  }
  podStrategy.default?.(pod)
  return pod
}

const updateErrors = (next: Pod, old: Pod): string[] =>
  (podStrategy.validateUpdate?.(next, old) ?? []).map(fieldErrorText)
const statusErrors = (next: Pod, old: Pod): string[] =>
  (podStrategy.validateStatusUpdate?.(next, old) ?? []).map(fieldErrorText)

test('images and deadlines may change, the rest of the spec may not', () => {
  const old = podWith({ activeDeadlineSeconds: 60 })
  assert.deepEqual(
    updateErrors(podWith({ activeDeadlineSeconds: 30, containers: [{ name: 'c', image: 'other:2' }] }), old),
    [],
  )
  assert.match(
    updateErrors(podWith({ activeDeadlineSeconds: 60, hostPID: true }), old)[0] ?? '',
    /^spec: Forbidden: pod updates may not change/,
  )
  assert.deepEqual(updateErrors(podWith({ activeDeadlineSeconds: 90 }), old), [
    'spec.activeDeadlineSeconds: Invalid value: 90: must be less than or equal to previous value',
  ])
  assert.deepEqual(
    updateErrors(
      podWith({
        containers: [
          { name: 'c', image: 'a' },
          { name: 'd', image: 'b' },
        ],
      }),
      podWith({}),
    ),
    ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  )
})

test('tolerations can be added and prolonged, never taken away', () => {
  const lost = { key: 'lost', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }
  const old = podWith({ tolerations: [lost] })
  assert.deepEqual(
    updateErrors(
      podWith({
        tolerations: [
          { ...lost, tolerationSeconds: 9 },
          { key: 'x', operator: 'Exists' },
        ],
      }),
      old,
    ),
    [],
  )
  assert.deepEqual(updateErrors(podWith({ tolerations: [] }), old), [
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ])
})

test('a gated pod can be narrowed to fewer nodes and its gates can only go', () => {
  const gated = podWith({ schedulingGates: [{ name: 'example.com/a' }], nodeSelector: { zone: 'a' } })
  const narrowed = podWith({ schedulingGates: [{ name: 'example.com/a' }], nodeSelector: { zone: 'a', disk: 'ssd' } })
  assert.deepEqual(updateErrors(narrowed, gated), [])
  const moved = podWith({ schedulingGates: [], nodeSelector: { zone: 'b' } })
  assert.match(updateErrors(moved, gated)[0] ?? '', /^spec\.nodeSelector: Invalid value/)
  const gatedMore = podWith({ schedulingGates: [{ name: 'example.com/b' }], nodeSelector: { zone: 'a' } })
  assert.match(
    updateErrors(gatedMore, gated)[0] ?? '',
    /only deletion is allowed, but found new scheduling gate 'example.com\/b'/,
  )
})

test('the generation counts changes of the spec alone', () => {
  const context = { user: { name: 'admin', uid: '', groups: [], extra: {} }, now: NOW }
  const old = podWith({})
  const relabelled = podWith({})
  relabelled.metadata.labels = { a: 'b' }
  podStrategy.prepareForUpdate?.(relabelled, old, context)
  assert.equal(relabelled.metadata.generation, 1)
  const updated = podWith({ containers: [{ name: 'c', image: 'other:2' }] })
  podStrategy.prepareForUpdate?.(updated, old, context)
  assert.equal(updated.metadata.generation, 2)
})

test('a container that ended stays ended where nothing restarts it', () => {
  const ended = { name: 'c', state: { terminated: { exitCode: 1 } } }
  const running = { name: 'c', state: { running: {} } }
  const old = podWith({ restartPolicy: 'Never' }, { containerStatuses: [ended] })
  assert.deepEqual(statusErrors(podWith({ restartPolicy: 'Never' }, { containerStatuses: [running] }), old), [
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ])
  const failed = podWith({ restartPolicy: 'OnFailure' }, { containerStatuses: [ended] })
  assert.deepEqual(statusErrors(podWith({ restartPolicy: 'OnFailure' }, { containerStatuses: [running] }), failed), [])
})

test('the class of a pod and its observed generations survive a status that leaves them out', () => {
  const old = podWith(
    {},
    { qosClass: 'Burstable', observedGeneration: 3, conditions: [{ type: 'Ready', observedGeneration: 3 }] },
  )
  const next = podWith({}, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })
  podStrategy.prepareForStatusUpdate?.(next, old, {
    user: { name: 'kubelet', uid: '', groups: [], extra: {} },
    now: NOW,
  })
  assert.deepEqual(next.status, {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True', observedGeneration: 3 }],
    qosClass: 'Burstable',
    observedGeneration: 3,
  })
  assert.deepEqual(statusErrors(next, old), [])
})

test('a pod without a node, or that has ended, is deleted at once', () => {
  const grace = (pod: Pod, requested?: number): number | undefined => podStrategy.gracePeriodSeconds?.(pod, requested)
  assert.equal(grace(podWith({})), 0)
  assert.equal(grace(podWith({ nodeName: 'a' })), 30)
  assert.equal(grace(podWith({ nodeName: 'a' }), 5), 5)
  assert.equal(grace(podWith({ nodeName: 'a' }), -3), 1)
  assert.equal(grace(podWith({ nodeName: 'a' }, { phase: 'Succeeded' }), 5), 0)
})

test('the status column says what a reader wants to know', () => {
  const cellsOf = (status: PodStatus, spec: PodSpec = {}, deleted = false): unknown[] => {
    const pod = podWith(spec, status)
    if (deleted) pod.metadata.deletionTimestamp = '2026-01-01T00:05:00Z'
    return podRow(pod, NOW).slice(1, 4)
  }
  const running = { name: 'c', ready: true, state: { running: {} } }
  assert.deepEqual(cellsOf({ phase: 'Pending' }), ['0/1', 'Pending', '0'])
  assert.deepEqual(cellsOf({ phase: 'Running', containerStatuses: [running] }), ['1/1', 'Running', '0'])
  assert.deepEqual(cellsOf({ phase: 'Running', containerStatuses: [running] }, {}, true), ['1/1', 'Terminating', '0'])
  const crashing = {
    name: 'c',
    restartCount: 3,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:09:00Z' } },
  }
  assert.deepEqual(cellsOf({ phase: 'Running', containerStatuses: [crashing] }), [
    '0/1',
    'CrashLoopBackOff',
    '3 (60s ago)',
  ])
  const init = {
    initContainers: [
      { name: 'i', image: 'i' },
      { name: 'j', image: 'j' },
    ],
  }
  const waiting = { name: 'i', state: { running: {} } }
  assert.deepEqual(cellsOf({ phase: 'Pending', initContainerStatuses: [waiting] }, init), ['0/1', 'Init:0/2', '0'])
  assert.deepEqual(cellsOf({ phase: 'Failed', reason: 'Evicted' }), ['0/1', 'Evicted', '0'])
})

test('the pull policy follows the tag', () => {
  const cases: [image: string, policy: string][] = [
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.7.9', 'IfNotPresent'],
    ['registry.example.com:5000/nginx', 'Always'],
    ['registry.example.com:5000/nginx:1', 'IfNotPresent'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
    ['', 'IfNotPresent'],
    ['Not An Image', 'IfNotPresent'],
  ]
  for (const [image, policy] of cases) assert.equal(pullPolicyOf(image), policy, image)
})

test('warnings name what will surprise', () => {
  const pod = podWith({
    containers: [
      {
        name: 'c',
        image: 'c',
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
        ports: [{ containerPort: 80 }, { containerPort: 80 }],
      },
    ],
    // The second is a name that every JavaScript object knows.
    nodeSelector: { 'beta.kubernetes.io/os': 'linux', constructor: 'x' },
  })
  assert.deepEqual(warningsForPod(pod), [
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
  ])
})

test('files of a volume that hide one another are named with what puts them there', () => {
  const pod = podWith({
    volumes: [
      {
        name: 'v',
        configMap: {
          name: 'c',
          items: [
            { key: 'k', path: 'a/b' },
            { key: 'l', path: 'a/' },
          ],
        },
      },
      {
        name: 'w',
        projected: {
          sources: [
            { secret: { name: 's', items: [{ key: 'k', path: 'token' }] } },
            {},
            { serviceAccountToken: { path: 'token' } },
          ],
        },
      },
    ],
  })
  assert.deepEqual(warningsForPod(pod), [
    'volume "v" (ConfigMap "c"): overlapping paths: "a" with "a/b"',
    'volume "w" (Projected) has no sources provided',
    'volume "w" (Projected): overlapping paths: "token" (ServiceAccountToken) with "token" (Secret "s")',
  ])
})

test('keys of matchLabelKeys are those of the labels, not those of every JavaScript object', () => {
  const pod = podWith({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['app', 'constructor'] },
    ],
  })
  pod.metadata.labels = { app: 'web' }
  mergeMatchLabelKeys(pod)
  assert.deepEqual(pod.spec.topologySpreadConstraints?.[0]?.labelSelector, {
    matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }],
  })
})
